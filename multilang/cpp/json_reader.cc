// Reads the JSON of a child's messages. The only seam to simdjson.
#include "multilang/cpp/json_reader.h"

#include <simdjson.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <vector>

#include "multilang/cpp/cell_builder.h"
#include "multilang/cpp/framing.h"

namespace sparse::multilang {
namespace {

namespace ondemand = simdjson::ondemand;
static_assert(simdjson::SIMDJSON_PADDING <= Framer::kPadding);

constexpr std::size_t kExcerpt = 60;

bool blank(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && blank(text.back())) text.remove_suffix(1);
  return text;
}

// Most strings have no escapes: they are read where they lie.
std::optional<std::string_view> plain_string(std::string_view token) {
  token = trimmed(token);
  if (token.size() < 2 || token.front() != '"' || token.back() != '"') return std::nullopt;
  token = token.substr(1, token.size() - 2);
  if (std::memchr(token.data(), '\\', token.size())) return std::nullopt;
  return token;
}

// Why a tuple cannot be carried; or that its text is beyond the depth limit.
struct Rejected {
  std::string reason;
  bool too_deep = false;
};

std::string excerpt(std::string_view token) {
  token = trimmed(token);
  return std::string(token.substr(0, kExcerpt)) + (token.size() > kExcerpt ? "…" : "");
}

// Decodes the values of one tuple. Throws Rejected: this is the rare way out of a recursion.
class TupleReader {
 public:
  explicit TupleReader(CellBuilder& cells) : cells_(cells) {}

  void elements(ondemand::array array, int depth) {
    if (depth > kDepthLimit) throw Rejected{"", true};
    for (auto element : array) {
      ondemand::value item;
      if (element.get(item)) broken();
      value(item, depth);
    }
  }

 private:
  [[noreturn]] static void broken() { throw Rejected{"its text is not JSON"}; }

  void value(ondemand::value item, int depth) {
    ondemand::json_type type;
    if (item.type().get(type)) throw Rejected{"JSON has no value " + excerpt(item.raw_json_token())};
    switch (type) {
      case ondemand::json_type::array: list(item, depth); break;
      case ondemand::json_type::object: map(item, depth); break;
      case ondemand::json_type::string: cells_.push(text(item)); break;
      case ondemand::json_type::number: number(item); break;
      case ondemand::json_type::boolean: {
        bool truth;
        if (item.get_bool().get(truth)) throw Rejected{"JSON has no value " + excerpt(item.raw_json_token())};
        cells_.push(truth);
        break;
      }
      case ondemand::json_type::null:
        if (trimmed(item.raw_json_token()) != "null") throw Rejected{"JSON has no value " + excerpt(item.raw_json_token())};
        cells_.push_null();
        break;
    }
  }

  void list(ondemand::value item, int depth) {
    ondemand::array array;
    if (item.get_array().get(array)) broken();
    const std::size_t mark = cells_.mark();
    elements(array, depth + 1);
    const std::uint32_t count = cells_.count_since(mark);
    cells_.push_list(cells_.seal(mark), count);
  }

  void map(ondemand::value item, int depth) {
    if (depth >= kDepthLimit) throw Rejected{"", true};
    ondemand::object object;
    if (item.get_object().get(object)) broken();
    const std::size_t mark = cells_.mark();
    for (auto pair : object) {
      ondemand::field field;
      if (std::move(pair).get(field)) broken();
      std::string_view key;
      if (field.unescaped_key().get(key)) throw Rejected{"a key of a map is not valid Unicode"};
      cells_.push(key);
      value(field.value(), depth + 1);
    }
    const std::uint32_t count = cells_.count_since(mark);
    const Cell* first = cells_.seal(mark);
    if (const auto twice = repeated_key({first, count / 2}))
      throw Rejected{"a map has the key \"" + excerpt(*twice) + "\" twice"};
    cells_.push_map(first, count / 2);
  }

  std::string_view text(ondemand::value item) {
    if (auto plain = plain_string(item.raw_json_token())) return *plain;
    std::string_view escaped;
    const std::string_view token = item.raw_json_token();
    if (item.get_string().get(escaped)) throw Rejected{"the text " + excerpt(token) + " is not valid Unicode"};
    return escaped;
  }

  void number(ondemand::value item) {
    const std::string token = excerpt(item.raw_json_token());
    ondemand::number number;
    const auto error = item.get_number().get(number);
    if (error || number.is_uint64()) {
      const bool whole = token.size() >= 19 && token.find_first_not_of("-0123456789…") == std::string::npos;
      throw Rejected{whole ? "the integer " + token + " does not fit into 64 bits" : "no number can be read from " + token};
    }
    number.is_int64() ? cells_.push(number.get_int64()) : cells_.push(number.get_double());
  }

  CellBuilder& cells_;
};

}  // namespace

struct JsonReader::Parts {
  ondemand::parser parser;
  CellBuilder cells;
  std::vector<std::string_view> anchors;
  std::string rejected;
  std::string odd;

  // What a message can have, whichever it turns out to be: the order of keys is free.
  struct Fields {
    std::string_view command;
    std::optional<std::int64_t> pid;
    bool finish = false, exhausted = false, batches = false;
    std::string_view reason;
    std::optional<ondemand::array> tuple;
    bool tuple_is_no_list = false;
    std::string_view stream = "default";
    std::string_view id, params;
    bool has_id = false;
    std::int64_t task = 0;
    bool need_task_ids = true;
    std::string_view text, name;
    bool has_text = false;
    std::int64_t level = 2;
  };

  bool scan(std::string_view text, ondemand::document& document, Fields& fields, BadText& bad);
  bool take(Fields& fields, std::string_view key, ondemand::value value);
  bool take_anchors(ondemand::value value);
  static std::string_view raw(ondemand::value value, bool& ok);
  static std::string_view text_of(ondemand::value value);
  static bool is_null(ondemand::value value);
  static bool take_abilities(Fields& fields, ondemand::value value);
  std::variant<ChildMessage, BadText> message(Fields& fields);
  std::variant<ChildMessage, BadText> emit(Fields& fields);
  OddMessage odd_message(std::string text) {
    odd = std::move(text);
    return {odd};
  }
};

// The JSON text of a value of any type, which is skipped.
std::string_view JsonReader::Parts::raw(ondemand::value value, bool& ok) {
  ondemand::json_type type;
  if (!value.type().get(type) && (type == ondemand::json_type::array || type == ondemand::json_type::object)) {
    std::string_view text;
    ok = !simdjson::to_json_string(value).get(text);
    return ok ? trimmed(text) : std::string_view();
  }
  return trimmed(value.raw_json_token());
}

// For texts that a person reads: what cannot be unescaped is shown as it came.
std::string_view JsonReader::Parts::text_of(ondemand::value value) {
  const std::string_view token = value.raw_json_token();
  if (auto plain = plain_string(token)) return *plain;
  std::string_view text;
  if (!value.get_string().get(text)) return text;
  bool ok = true;
  return token.starts_with('{') || token.starts_with('[') ? raw(value, ok) : trimmed(token);
}

// simdjson's own question throws for a word that only begins like null.
bool JsonReader::Parts::is_null(ondemand::value value) { return trimmed(value.raw_json_token()) == "null"; }

bool JsonReader::Parts::take_anchors(ondemand::value value) {
  const std::string_view token = value.raw_json_token();
  if (!token.starts_with('[')) {
    if (trimmed(token) != "null") anchors.push_back(trimmed(token));
    return !token.starts_with('{');
  }
  ondemand::array list;
  if (value.get_array().get(list)) return false;
  for (auto element : list) {
    ondemand::value item;
    if (element.get(item)) return false;
    bool ok = true;
    anchors.push_back(raw(item, ok));
    if (!ok) return false;
  }
  return true;
}

// What a child can do beyond Storm. Unknown keys, and another type than an object, mean nothing.
bool JsonReader::Parts::take_abilities(Fields& fields, ondemand::value value) {
  if (!value.raw_json_token().starts_with('{')) return true;
  ondemand::object abilities;
  if (value.get_object().get(abilities)) return false;
  for (auto pair : abilities) {
    ondemand::field field;
    if (std::move(pair).get(field)) return false;
    std::string_view key;
    if (field.unescaped_key().get(key)) key = {};
    if (key == "finish" && field.value().get_bool().get(fields.finish)) fields.finish = false;
    if (key == "framing") fields.batches = text_of(field.value()) == kBatchFraming;
  }
  return true;
}

bool JsonReader::Parts::take(Fields& fields, std::string_view key, ondemand::value value) {
  bool ok = true;
  if (key == "command") {
    fields.command = text_of(value);
  } else if (key == "tuple") {
    ondemand::array array;
    if (value.raw_json_token().starts_with('[')) {
      if (value.get_array().get(array) || array.raw_json().error()) return false;
      fields.tuple = array;
    } else {
      fields.tuple_is_no_list = true;
    }
  } else if (key == "anchors") {
    return take_anchors(value);
  } else if (key == "id") {
    fields.id = raw(value, ok);
    fields.has_id = true;
  } else if (key == "stream") {
    if (!is_null(value)) fields.stream = text_of(value);
  } else if (key == "task") {
    // Any JSON integer; null, or a number that is none, is not direct.
    if (value.get_int64().get(fields.task)) fields.task = 0;
  } else if (key == "need_task_ids") {
    if (value.get_bool().get(fields.need_task_ids)) fields.need_task_ids = true;
  } else if (key == "msg") {
    fields.text = text_of(value);
    fields.has_text = true;
  } else if (key == "reason") {
    if (!is_null(value)) fields.reason = text_of(value);
  } else if (key == "exhausted") {
    if (value.get_bool().get(fields.exhausted)) fields.exhausted = false;
  } else if (key == "sparse") {
    return take_abilities(fields, value);
  } else if (key == "level") {
    if (value.get_int64().get(fields.level)) fields.level = 2;
  } else if (key == "name") {
    fields.name = text_of(value);
  } else if (key == "params") {
    fields.params = raw(value, ok);
  } else if (key == "pid") {
    std::int64_t pid;
    if (!value.get_int64().get(pid)) fields.pid = pid;
  }
  return ok;
}

// Walks through the object once. False: it is none.
bool JsonReader::Parts::scan(std::string_view text, ondemand::document& document, Fields& fields, BadText& bad) {
  anchors.clear();
  cells.clear();
  const auto error = parser.iterate(text.data(), text.size(), text.size() + Framer::kPadding).get(document);
  if (error) {
    bad.kind = error == simdjson::UTF8_ERROR ? BadText::Kind::bad_utf8 : BadText::Kind::not_json;
    return false;
  }
  ondemand::object object;
  if (document.get_object().get(object)) return false;
  for (auto pair : object) {
    ondemand::field field;
    if (std::move(pair).get(field)) return false;
    std::string_view key;
    if (field.unescaped_key().get(key)) key = {};
    if (!take(fields, key, field.value())) return false;
  }
  return document.current_location().error() == simdjson::OUT_OF_BOUNDS;  // nothing follows the object
}

std::variant<ChildMessage, BadText> JsonReader::Parts::emit(Fields& fields) {
  if (!fields.tuple)
    return ChildMessage(odd_message(fields.tuple_is_no_list ? "an emit whose tuple is not a list" : "an emit without a tuple"));
  EmitMessage emit;
  emit.stream = fields.stream;
  emit.anchors = anchors;
  if (fields.id != "null") emit.id = fields.id;
  emit.task = fields.task;
  emit.need_task_ids = fields.need_task_ids;
  try {
    if (fields.tuple->reset().error()) throw Rejected{"its text is not JSON"};
    TupleReader(cells).elements(*fields.tuple, 1);
    emit.count = cells.count_since(0);
    emit.cells = cells.seal(0);
  } catch (const Rejected& why) {
    if (why.too_deep) return BadText{BadText::Kind::too_deep};
    rejected = why.reason;
    emit.rejected = rejected;
  }
  return ChildMessage(emit);
}

std::variant<ChildMessage, BadText> JsonReader::Parts::message(Fields& fields) {
  const std::string_view command = fields.command;
  if (command == "emit") return emit(fields);
  if (command == "ack" || command == "fail") {
    if (!fields.has_id) return ChildMessage(odd_message(std::string(command) + " without an id"));
    return command == "ack" ? ChildMessage(AckMessage{fields.id}) : ChildMessage(FailMessage{fields.id, fields.reason});
  }
  if (command == "sync") return ChildMessage(SyncMessage{fields.exhausted});
  if (command == "log") return ChildMessage(LogMessage{fields.text, fields.level});
  if (command == "error") return ChildMessage(ErrorMessage{fields.text});
  if (command == "metrics") return ChildMessage(MetricsMessage{fields.name, fields.params});
  if (!command.empty()) return ChildMessage(odd_message("an unknown command \"" + excerpt(command) + "\""));
  if (fields.pid) return ChildMessage(PidMessage{*fields.pid, fields.finish, fields.batches});
  return ChildMessage(odd_message("an object with neither command nor pid"));
}

JsonReader::JsonReader() : parts_(std::make_unique<Parts>()) {}
JsonReader::~JsonReader() = default;

std::variant<ChildMessage, BadText> JsonReader::read(std::string_view text) {
  ondemand::document document;
  Parts::Fields fields;
  BadText bad;
  if (!parts_->scan(text, document, fields, bad)) return bad;
  return parts_->message(fields);
}

bool JsonReader::is_message(std::string_view text) {
  ondemand::document document;
  Parts::Fields fields;
  BadText bad;
  return parts_->scan(text, document, fields, bad) && (!fields.command.empty() || fields.pid);
}

std::optional<std::int64_t> tuple_id(std::string_view json) {
  if (json.size() >= 2 && json.front() == '"' && json.back() == '"') json = json.substr(1, json.size() - 2);
  std::int64_t id = 0;
  const auto [end, error] = std::from_chars(json.data(), json.data() + json.size(), id);
  if (error != std::errc() || end != json.data() + json.size()) return std::nullopt;
  return id;
}

}  // namespace sparse::multilang
