#include "core/topology/draft.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <set>
#include <unordered_map>

#include "core/config/scalar.h"
#include "core/topology/keys.h"
#include "core/topology/values.h"

namespace sparse::topology {
namespace {

using yaml::Node;

constexpr std::size_t kMostFiles = 100;

/// One include as it is written.
struct Include {
  std::string file = {};
  bool override_ = false;
  Where where = {};
};

class DraftReader {
 public:
  DraftReader(const Variables& variables, const ReadFile& read, Draft& draft, Findings& findings)
      : variables_(variables), read_(read), draft_(draft), findings_(findings) {}

  /// `included_at` is where an include names the file; a line of 0 for the topology file itself.
  bool read(const std::string& file, const std::string& absolute, const Where& included_at, bool override_) {
    open_.push_back(absolute);
    seen_.insert(absolute);
    const Document* document = parse(file, absolute, included_at);
    if (document) {
      check_map(document->root, keys_of(Form::topology), included_at.line > 0 ? "an included file" : "a topology", *document,
                findings_);
      take(*document, override_);
      for (const Include& include : includes_of(*document)) follow(include, *document);
    }
    open_.pop_back();
    return document != nullptr;
  }

 private:
  const Document* parse(const std::string& file, const std::string& absolute, const Where& included_at) {
    Result<std::string> bytes = read_(absolute);
    if (!bytes) {
      findings_.error("SP1007", included_at.line > 0 ? included_at : Where{file}, bytes.error().message);
      return nullptr;
    }
    yaml::ParseOptions options{.file = file};
    options.limits.nodes -= nodes_;
    options.limits.bytes -= std::min(bytes_, options.limits.bytes);
    yaml::Decoded decoded = yaml::decode(*bytes, options);
    if (!decoded.diagnostics.empty()) {
      findings_.take(std::move(decoded.diagnostics));
      return nullptr;
    }
    const std::string& text = draft_.sources[file] = std::move(decoded.text);
    const std::size_t before = findings_.errors();
    const Substituted substituted = substitute(text, variables_, file, findings_);
    if (findings_.errors() > before) return nullptr;
    if (substituted.text.size() > options.limits.bytes) {
      findings_.error("SP1002", {file},
                      fmt::format("with its variables replaced, the file has more than {} bytes", options.limits.bytes));
      return nullptr;
    }
    bytes_ += substituted.text.size();
    const yaml::LineIndex index(text);
    options.locate = [&](std::size_t offset) { return index.at(substituted.origin(offset)); };
    yaml::Parsed parsed = yaml::parse(substituted.text, options);
    nodes_ = std::min(nodes_ + parsed.nodes, yaml::Limits{}.nodes);
    const bool usable = parsed.complete || !parsed.root.is_null();
    findings_.take(std::move(parsed.diagnostics));
    if (!usable) return nullptr;
    if (!parsed.root.is_map()) {
      findings_
          .error("SP1103", {file, parsed.root.begin.line, parsed.root.begin.column},
                 fmt::format("a topology file is a map, found {}", yaml::describe(parsed.root)))
          .help.push_back("begin with `name:`, `spouts:` and `bolts:`");
      return nullptr;
    }
    draft_.documents.push_back({file, std::filesystem::path(absolute).parent_path().string(), std::move(parsed.root)});
    return &draft_.documents.back();
  }

  std::vector<Include> includes_of(const Document& document) {
    std::vector<Include> includes;
    const Node* list = document.root.find("includes");
    if (!list) return includes;
    for (const Node& node : list->items) {
      Include include{.where = where(document, node)};
      if (node.is_map()) {
        const std::size_t before = findings_.errors();
        check_map(node, keys_of(Form::include), "an include", document, findings_);
        if (findings_.errors() > before) continue;
        include.file = node.find("file")->text;
        include.where = where(document, *node.find("file"));
        if (const Node* flag = node.find("override")) include.override_ = yaml::classify(*flag).boolean;
        includes.push_back(include);
      } else if (read_text(node, "an include", document, findings_, include.file)) {
        includes.push_back(include);
      }
    }
    return includes;
  }

  void follow(const Include& include, const Document& document) {
    const std::string absolute = absolute_path(document.folder, include.file);
    if (const auto open = std::find(open_.begin(), open_.end(), absolute); open != open_.end()) {
      findings_
          .error("SP1011", include.where,
                 open + 1 == open_.end() ? "the file includes itself" : "the files include each other in a circle")
          .help.push_back("remove one of the includes");
      return;
    }
    if (seen_.contains(absolute)) return;
    if (seen_.size() >= kMostFiles) {
      if (seen_.size() == kMostFiles)
        findings_.error("SP1002", include.where, fmt::format("a topology has more than {} files", kMostFiles));
      seen_.insert(absolute);
      return;
    }
    const std::string shown =
        std::filesystem::path(include.file).is_absolute()
            ? include.file
            : (std::filesystem::path(document.file).parent_path() / include.file).lexically_normal().string();
    read(shown, absolute, include.where, include.override_);
  }

  void take(const Document& document, bool override_) {
    for (const auto& [key, value] : document.root.pairs) {
      const Definition definition{&value, &document};
      if (key.text == "spouts" && !value.is_null() && !(value.is_sequence() && value.items.empty())) draft_.names_spouts = true;
      if (key.text == "name" && value.is_scalar()) {
        if (!draft_.name.node || override_) draft_.name = definition;
      } else if (key.text == "config" && value.is_map()) {
        take_config(value, document, override_);
      } else if (key.text == "topologySource") {
        draft_.topology_source = {&key, &document};
      } else if (std::vector<Definition>* list = list_of(key.text)) {
        take_list(*list, key.text, value, document, override_);
      }
    }
  }

  std::vector<Definition>* list_of(std::string_view key) {
    if (key == "spouts") return &draft_.spouts;
    if (key == "bolts") return &draft_.bolts;
    if (key == "components") return &draft_.objects;
    if (key == "streams") return &draft_.streams;
    if (key == "workerHooks") return &draft_.java_hooks;
    return nullptr;
  }

  void take_config(const Node& map, const Document& document, bool override_) {
    for (const auto& [key, value] : map.pairs) {
      if (key.text.starts_with("x-")) continue;
      const auto [known, is_new] = config_index_.emplace(key.text, draft_.config.size());
      if (is_new)
        draft_.config.push_back({&key, {&value, &document}});
      else if (override_)
        draft_.config[known->second] = {&key, {&value, &document}};
      else
        report_ignored(fmt::format("the value of `{}`", key.text), where(document, key), draft_.config[known->second].value);
    }
  }

  void take_list(std::vector<Definition>& list, std::string_view key, const Node& nodes, const Document& document,
                 bool override_) {
    // Ids are compared with those of other files only: two in one file are an error, found later.
    std::unordered_map<std::string, std::size_t> known;
    if (key != "streams")
      for (std::size_t i = 0; i < list.size(); ++i)
        if (const Node* id = list[i].node->find("id")) known.emplace(id->text, i);
    for (const Node& node : nodes.items) {
      if (!node.is_map()) {
        findings_.error("SP1103", where(document, node),
                        fmt::format("an entry of `{}` is a map, found {}", key, yaml::describe(node)));
        continue;
      }
      const Definition definition{&node, &document};
      const Node* id = node.find("id");
      const auto other = id ? known.find(id->text) : known.end();
      if (other == known.end())
        list.push_back(definition);
      else if (override_)
        list[other->second] = definition;
      else
        report_ignored(fmt::format("\"{}\"", id->text), where(document, *id), list[other->second]);
    }
  }

  void report_ignored(const std::string& what, const Where& at, const Definition& winner) {
    Diagnostic& warning =
        findings_.warning("SP1012", at, fmt::format("{} of this included file is ignored: the including file has its own", what));
    const Where other = where(*winner.document, *winner.node);
    warning.related.push_back({other.file, other.line, other.column, "the other one is"});
    warning.help.push_back("write `override: true` beside the include if the included file should win");
  }

  const Variables& variables_;
  const ReadFile& read_;
  Draft& draft_;
  Findings& findings_;
  std::vector<std::string> open_ = {};
  std::set<std::string> seen_ = {};
  std::unordered_map<std::string, std::size_t> config_index_ = {};
  std::size_t nodes_ = 0;
  std::size_t bytes_ = 0;
};

}  // namespace

bool read_draft(const std::string& file, const std::string& absolute, const Variables& variables, const ReadFile& read,
                Draft& draft, Findings& findings) {
  return DraftReader(variables, read, draft, findings).read(file, absolute, {file}, false);
}

}  // namespace sparse::topology
