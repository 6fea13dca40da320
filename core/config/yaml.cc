// YAML: yaml-cpp's events, recorded and built into our own tree within limits.
#include "core/config/yaml.h"

#include <fmt/format.h>
#include <yaml-cpp/depthguard.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <array>
#include <map>
#include <sstream>
#include <unordered_map>

namespace sparse::yaml {
namespace {

struct Event {
  enum class Kind { null, scalar, alias, sequence, map, end };
  Kind kind = Kind::null;
  std::size_t offset = 0;
  std::size_t anchor = 0;  ///< 0: none
  std::string tag = {};
  std::string text = {};
};

/// Ends the parse: the problem cannot be passed over.
struct Stop {
  std::string code;
  std::size_t offset;
  std::string message;
  std::string help;
};

Stop too_many_nodes(const Limits& limits, std::size_t offset) {
  return {"SP1002", offset, fmt::format("more than {} YAML nodes, counting every use of an alias", limits.nodes),
          "the limit keeps a few nested aliases from filling the memory: spell out less, or split the topology"};
}

Stop too_deep(const Limits& limits, std::size_t offset) {
  return {"SP1002", offset, fmt::format("lists and maps are nested more than {} deep", limits.depth),
          "a topology needs fewer than 10 levels"};
}

/// Keeps what the parser says, to be built once all of it is known to be well-formed.
class Recorder final : public YAML::EventHandler {
 public:
  explicit Recorder(const Limits& limits) : limits_(limits) {}
  std::vector<Event> events;
  std::size_t documents = 0;

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (++documents > 1)
      throw Stop{"SP1001", at(mark), "a second YAML document begins here", "keep one topology per file: remove the line `---`"};
  }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override { add({Event::Kind::null, at(mark), anchor}); }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override { add({Event::Kind::alias, at(mark), anchor}); }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor, const std::string& value) override {
    add({Event::Kind::scalar, at(mark), anchor, tag, value});
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    open({Event::Kind::sequence, at(mark), anchor, tag});
  }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor, YAML::EmitterStyle::value) override {
    open({Event::Kind::map, at(mark), anchor, tag});
  }
  void OnSequenceEnd() override { close(); }
  void OnMapEnd() override { close(); }

 private:
  static std::size_t at(const YAML::Mark& mark) { return static_cast<std::size_t>(std::max(mark.pos, 0)); }
  void add(Event event) {
    if (event.kind != Event::Kind::end && ++nodes_ > limits_.nodes) throw too_many_nodes(limits_, event.offset);
    events.push_back(std::move(event));
  }
  void open(Event event) {
    if (++depth_ > limits_.depth) throw too_deep(limits_, event.offset);
    add(std::move(event));
  }
  void close() {
    --depth_;
    add({Event::Kind::end, 0, 0});
  }

  const Limits& limits_;
  std::size_t nodes_ = 0;
  std::size_t depth_ = 0;
};

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n'; }

// The mark of a node is that of its anchor or tag, if it has one; this is where the node itself begins.
std::size_t skip_properties(std::string_view text, std::size_t at) {
  while (at < text.size() && (text[at] == '&' || text[at] == '!')) {
    while (at < text.size() && !is_blank(text[at])) ++at;
    while (at < text.size() && (is_blank(text[at]) || text[at] == '#')) {
      if (text[at] == '#')
        while (at < text.size() && text[at] != '\n') ++at;
      else
        ++at;
    }
  }
  return at;
}

// One past the closing quote of the text that begins at `at`; npos if there is none.
std::size_t end_of_quoted(std::string_view text, std::size_t at) {
  const char quote = text[at];
  for (std::size_t i = at + 1; i < text.size(); ++i) {
    if (quote == '"' && text[i] == '\\')
      ++i;
    else if (text[i] == quote)
      return i + 1;
  }
  return text.npos;
}

// One past the plain or block scalar that begins at `at`, if it ends on its line; else the end of the line.
std::size_t end_of_unquoted(std::string_view text, std::size_t at, const std::string& value) {
  // The common case must not look for the line's end: a file may be one long line.
  if (text.substr(at, value.size()) == value && value.find('\n') == value.npos) return at + value.size();
  return std::max(std::min(text.find('\n', at), text.size()), at + 1);
}

constexpr std::array<std::string_view, 8> kKnownTags = {"!!str", "!!int", "!!float", "!!bool", "!!null", "!!seq", "!!map", "!"};

std::string short_tag(const std::string& tag) {
  constexpr std::string_view prefix = "tag:yaml.org,2002:";
  if (tag == "?" || tag == "!" || tag.empty()) return {};
  return tag.starts_with(prefix) ? "!!" + tag.substr(prefix.size()) : tag;
}

class Builder {
 public:
  Builder(std::string_view text, const ParseOptions& options, const std::vector<Event>& events, Parsed& parsed)
      : text_(text), options_(options), events_(events), parsed_(parsed) {
    std::vector<std::size_t> open;
    ends_.resize(events.size());
    for (std::size_t i = 0; i < events.size(); ++i) {
      ends_[i] = i + 1;
      if (events[i].kind == Event::Kind::sequence || events[i].kind == Event::Kind::map) {
        open.push_back(i);
      } else if (events[i].kind == Event::Kind::end) {
        ends_[open.back()] = i + 1;
        open.pop_back();
      }
      if (events[i].anchor != 0 && events[i].kind != Event::Kind::alias) anchors_[events[i].anchor] = i;
    }
  }

  /// Builds the node of event `i`; `i` moves past it.
  Node build(std::size_t& i, std::size_t depth) {
    const Event& event = events_[i];
    if (event.kind == Event::Kind::alias) return build_alias(i, depth);
    count(event);
    if (depth > options_.limits.depth) throw too_deep(options_.limits, event.offset);
    Node node;
    const std::size_t begin = skip_properties(text_, event.offset);
    node.begin = options_.locate(begin);
    node.tag = short_tag(event.tag);
    check_tag(node);
    if (event.kind == Event::Kind::scalar) {
      node.kind = Kind::scalar;
      node.text = event.text;
      const char first = begin < text_.size() ? text_[begin] : ' ';
      const bool in_quotes = first == '"' || first == '\'';
      node.quoted = in_quotes || first == '|' || first == '>';
      const std::size_t end = in_quotes ? end_of_quoted(text_, begin) : end_of_unquoted(text_, begin, event.text);
      // yaml-cpp lets some pass that end with the file.
      if (end == text_.npos) throw Stop{"SP1001", begin, "a quoted text has no end", "add the closing quote"};
      node.end = options_.locate(end);
      if (node.end.line != node.begin.line || node.end.column <= node.begin.column)
        node.end = {node.begin.line, node.begin.column + 1};
    } else {
      node.end = {node.begin.line, node.begin.column + 1};
    }
    ++i;
    if (event.kind == Event::Kind::sequence) {
      node.kind = Kind::sequence;
      while (events_[i].kind != Event::Kind::end) node.items.push_back(build(i, depth + 1));
      ++i;
    } else if (event.kind == Event::Kind::map) {
      node.kind = Kind::map;
      build_pairs(node, i, depth);
      ++i;
    }
    return node;
  }

 private:
  void report(std::string code, const Node& node, std::string message, std::string help, const Node* first = nullptr) {
    Diagnostic diagnostic{.code = std::move(code),
                          .file = options_.file,
                          .line = node.begin.line,
                          .column = node.begin.column,
                          .end_column = node.end.column,
                          .message = std::move(message)};
    if (!help.empty()) diagnostic.help.push_back(std::move(help));
    if (first) diagnostic.related.push_back({options_.file, first->begin.line, first->begin.column, "the first one is"});
    parsed_.diagnostics.push_back(std::move(diagnostic));
  }

  void count(const Event& event) {
    if (++parsed_.nodes > options_.limits.nodes) throw too_many_nodes(options_.limits, event.offset);
    bytes_ += event.text.size();
    if (bytes_ > options_.limits.expanded_bytes)
      throw Stop{"SP1002", event.offset,
                 fmt::format("more than {} MiB of text after aliases are expanded", options_.limits.expanded_bytes >> 20),
                 "use long texts only once"};
  }

  void check_tag(const Node& node) {
    if (node.tag.empty() || std::find(kKnownTags.begin(), kKnownTags.end(), node.tag) != kKnownTags.end()) return;
    report("SP1001", node, fmt::format("the YAML tag \"{}\" is unknown", node.tag),
           "only !!str, !!int, !!float, !!bool, !!null, !!seq and !!map are known");
  }

  Node build_alias(std::size_t& i, std::size_t depth) {
    const Event& event = events_[i];
    const auto found = anchors_.find(event.anchor);
    const std::size_t target = found == anchors_.end() ? i : found->second;
    if (target >= i || ends_[target] > i)
      throw Stop{"SP1001", event.offset, "the alias stands inside the node that it repeats", "remove the alias"};
    std::size_t at = target;
    ++i;
    return build(at, depth);
  }

  void build_pairs(Node& node, std::size_t& i, std::size_t depth) {
    std::unordered_map<std::string, std::size_t> known;
    std::vector<Node> merged;
    bool seen_merge = false;
    while (events_[i].kind != Event::Kind::end) {
      Node key = build(i, depth + 1);
      Node value = build(i, depth + 1);
      // A key without a value: the error is about the key, not about what follows it.
      if (value.is_null()) value.begin = key.begin, value.end = key.end;
      if (!key.is_scalar()) {
        report("SP1001", key, key.is_null() ? "a key is missing" : "a list or map cannot be a key",
               "keys are words; put quotes around one that looks like something else");
      } else if (key.text == "<<" && !key.quoted) {
        if (seen_merge) report("SP1004", key, "duplicate key \"<<\"", "merge several maps as a list: `<<: [*a, *b]`");
        seen_merge = true;
        collect_merged(value, merged);
      } else if (const auto [first, is_new] = known.emplace(key.text, node.pairs.size()); !is_new) {
        report("SP1004", key, fmt::format("duplicate key \"{}\"", key.text), "remove one of the two",
               &node.pairs[first->second].first);
      } else {
        node.pairs.emplace_back(std::move(key), std::move(value));
      }
    }
    for (Node& map : merged)
      for (Node::Pair& pair : map.pairs)
        if (known.emplace(pair.first.text, 0).second) node.pairs.push_back(std::move(pair));
  }

  void collect_merged(Node& value, std::vector<Node>& merged) {
    if (value.is_map()) {
      merged.push_back(std::move(value));
    } else if (value.is_sequence() &&
               std::all_of(value.items.begin(), value.items.end(), [](const Node& item) { return item.is_map(); })) {
      for (Node& item : value.items) merged.push_back(std::move(item));
    } else {
      report("SP1005", value, "the merge key \"<<\" takes a map or a list of maps", "write `<<: *anchor`");
    }
  }

  std::string_view text_;
  const ParseOptions& options_;
  const std::vector<Event>& events_;
  Parsed& parsed_;
  std::vector<std::size_t> ends_;
  std::unordered_map<std::size_t, std::size_t> anchors_;
  std::size_t bytes_ = 0;
};

// The first tab in the indentation of the line at `offset`; npos if there is none.
std::size_t indenting_tab(std::string_view text, std::size_t offset) {
  const std::size_t end = offset == 0 ? text.npos : text.rfind('\n', std::min(offset, text.size()) - 1);
  const std::size_t line = end == text.npos ? 0 : end + 1;
  const std::size_t indented = std::min(text.find_first_not_of(" \t", line), text.size());
  const std::size_t tab = text.find('\t', line);
  return tab < indented ? tab : text.npos;
}

// yaml-cpp's messages, said so that they help. The others pass as they are.
Stop explain(const YAML::Exception& exception, std::string_view text, const Limits& limits) {
  struct Wording {
    std::string_view original, message, help;
  };
  constexpr Wording wordings[] = {
      {"end of sequence flow not found", "a list that begins with `[` is not closed before this place", "add `]` or `,`"},
      {"end of map flow not found", "a map that begins with `{` is not closed before this place", "add `}` or `,`"},
      {"end of map not found", "a key was expected here", "check the indentation: the keys of one map begin in the same column"},
      {"end of sequence not found", "a list item was expected here",
       "check the indentation: the items of one list begin with `- ` in the same column"},
      {"illegal flow end", "this bracket closes nothing", "each `]` needs its `[`, and each `}` its `{`"},
      {"unknown escape character", "this does not stand after `\\` in double quotes",
       "write `\\\\` for a backslash, or use single quotes"},
      {"illegal map value", "a `:` does not belong here", "put quotes around text that contains `: `, and check the indentation"},
      {"illegal EOF in scalar", "a quoted text has no end", "add the closing quote"},
      {"the referenced anchor is not defined", "the alias names no anchor",
       "anchors are written `&name`, and stand before the aliases `*name`"},
  };
  const std::size_t offset = static_cast<std::size_t>(std::max(exception.mark.pos, 0));
  if (dynamic_cast<const YAML::DeepRecursion*>(&exception)) return too_deep(limits, offset);
  if (const std::size_t tab = indenting_tab(text, offset); tab != text.npos)
    return {"SP1001", tab, "a tab cannot indent YAML", "use spaces"};
  if (exception.msg.starts_with("unknown token")) {
    // A `:` that nothing follows.
    if (text.find_first_not_of(": \n", offset) == text.npos)
      return {"SP1001", offset, "the file ends inside a list or map", "add what is missing: `]` for each `[`, `}` for each `{`"};
    return {"SP1001", offset, "text cannot begin with this character", "put quotes around the text"};
  }
  for (const Wording& wording : wordings)
    if (exception.msg.starts_with(wording.original))
      return {"SP1001", offset, std::string(wording.message), std::string(wording.help)};
  return {"SP1001", offset, "not valid YAML: " + exception.msg, ""};
}

std::vector<Event> record(std::string_view text, const Limits& limits) {
  std::istringstream stream{std::string(text)};
  YAML::Parser parser(stream);
  Recorder recorder(limits);
  while (parser.HandleNextDocument(recorder)) {
  }
  return std::move(recorder.events);
}

}  // namespace

const Node* Node::find(std::string_view key) const {
  for (const Pair& pair : pairs)
    if (pair.first.text == key) return &pair.second;
  return nullptr;
}

Parsed parse(std::string_view text, const ParseOptions& given) {
  Parsed parsed;
  ParseOptions options = given;
  const LineIndex index(text);
  if (!options.locate) options.locate = [&](std::size_t offset) { return index.at(offset); };
  const auto stop = [&](const Stop& reason) {
    const Position at = options.locate(std::min(reason.offset, text.size()));
    Diagnostic diagnostic{
        .code = reason.code, .file = options.file, .line = at.line, .column = at.column, .message = reason.message};
    if (!reason.help.empty()) diagnostic.help.push_back(reason.help);
    parsed.diagnostics.push_back(std::move(diagnostic));
  };
  try {
    const std::vector<Event> events = record(text, options.limits);
    if (!events.empty()) {
      std::size_t at = 0;
      parsed.root = Builder(text, options, events, parsed).build(at, 1);
    }
    parsed.complete = parsed.diagnostics.empty();
  } catch (const Stop& reason) {
    stop(reason);
  } catch (const YAML::Exception& exception) {
    stop(explain(exception, text, options.limits));
  } catch (const std::exception& exception) {
    stop({"SP1001", 0, std::string("cannot be read as YAML: ") + exception.what(), ""});
  }
  return parsed;
}

}  // namespace sparse::yaml
