// The built-in spouts and bolts: the table.
#include "core/topology/builtins.h"

#include <algorithm>

namespace sparse::topology {

const std::vector<Builtin>& builtins() {
  static const std::vector<Builtin> table = {
      {.name = "file",
       .is_spout = true,
       .help = "emits the lines of a file",
       .options = {{.name = "path", .shape = Shape::path, .help = "the file", .required = true},
                   {.name = "repeat", .shape = Shape::count_or_forever, .help = "how often to read it, or `forever`", .least = 1},
                   {.name = "follow", .shape = Shape::boolean, .help = "wait for lines that are appended later"}},
       .fields = {"line"}},
      {.name = "stdin", .is_spout = true, .help = "emits the lines of standard input", .fields = {"line"}},
      {.name = "generate",
       .is_spout = true,
       .help = "emits given values",
       .options = {{.name = "value", .shape = Shape::any, .help = "one value, emitted again and again"},
                   {.name = "values", .shape = Shape::list, .help = "values, emitted in turn"},
                   {.name = "count",
                    .shape = Shape::integer,
                    .help = "how many tuples all tasks emit together; absent: no end",
                    .least = 0},
                   {.name = "rate",
                    .shape = Shape::number,
                    .help = "tuples per second, all tasks together; absent: as fast as possible",
                    .least = 0},
                   {.name = "fields", .shape = Shape::text_list, .help = "the fields of its stream; absent: [value]"}},
       .fields = {"value"}},
      {.name = "kafka", .is_spout = true, .help = "emits the records of Kafka topics"},
      {.name = "test_word_spout",
       .is_spout = true,
       .own_key = false,
       .help = "emits words, as Storm's TestWordSpout does",
       .fields = {"word"}},
      {.name = "kafka", .help = "writes records to a Kafka topic"},
      {.name = "file",
       .help = "writes tuples to a file, one a line",
       .options = {{.name = "path", .shape = Shape::path, .help = "the file", .required = true},
                   {.name = "format", .shape = Shape::text, .help = "json (the default) or text"}}},
      {.name = "print", .help = "writes one JSON object a line to standard output"},
      {.name = "log", .help = "logs each tuple"},
      {.name = "discard", .help = "takes tuples and does nothing"},
      {.name = "test_word_counter",
       .own_key = false,
       .help = "counts words, as Storm's TestWordCounter does",
       .fields = {"word", "count"}},
  };
  return table;
}

const Builtin* find_builtin(std::string_view name, bool is_spout) {
  const auto& table = builtins();
  const auto found = std::find_if(table.begin(), table.end(),
                                  [&](const Builtin& builtin) { return builtin.name == name && builtin.is_spout == is_spout; });
  return found == table.end() ? nullptr : &*found;
}

std::vector<std::string> builtin_fields(const Builtin& builtin, const Value& options) {
  std::vector<std::string> fields(builtin.fields.begin(), builtin.fields.end());
  if (const Value* given = options.find("fields"))
    if (const auto* list = given->as<Value::List>()) {
      fields.clear();
      for (const Value& field : *list)
        if (const auto* text = field.as<std::string>()) fields.push_back(*text);
    }
  return fields;
}

}  // namespace sparse::topology
