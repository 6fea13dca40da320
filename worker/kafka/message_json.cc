#include "worker/kafka/message_json.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

namespace sparse::kafka {
namespace {

constexpr std::size_t kDepthMax = 128;
constexpr std::size_t kExcerpt = 60;
constexpr int kNumberOverflow = 406;  // of the parser's errors

std::string excerpt(std::string_view text) { return std::string(text.substr(0, kExcerpt)) + (text.size() > kExcerpt ? "…" : ""); }

/// A key that is there twice.
const std::string* repeated_key(const Value::Map& map) {
  constexpr std::size_t kFew = 16;
  if (map.size() <= kFew) {
    for (std::size_t i = 1; i < map.size(); ++i)
      for (std::size_t j = 0; j < i; ++j)
        if (map[i].first == map[j].first) return &map[i].first;
    return nullptr;
  }
  std::vector<const std::string*> keys;
  keys.reserve(map.size());
  for (const auto& entry : map) keys.push_back(&entry.first);
  const auto less = [](const std::string* a, const std::string* b) { return *a < *b; };
  std::ranges::sort(keys, less);
  const auto same = std::ranges::adjacent_find(keys, [](const std::string* a, const std::string* b) { return *a == *b; });
  return same == keys.end() ? nullptr : *same;
}

/// Builds the value while the text is read. False ends the reading, with `wrong` set.
class Builder {
 public:
  std::string wrong = {};

  Value take() { return std::move(open_.front().items.front()); }

  bool null() { return add(nullptr); }
  bool boolean(bool value) { return add(value); }
  bool number_integer(std::int64_t value) { return add(value); }
  bool number_unsigned(std::uint64_t value) {
    if (value > static_cast<std::uint64_t>(INT64_MAX)) return too_large(std::to_string(value));
    return add(static_cast<std::int64_t>(value));
  }
  bool number_float(double value, const std::string& text) {
    if (text.find_first_of(".eE") == std::string::npos) return too_large(text);
    return add(value);
  }
  bool string(std::string& text) { return add(std::move(text)); }
  bool binary(nlohmann::json::binary_t&) { return false; }
  bool start_object(std::size_t) { return open(); }
  bool key(std::string& text) {
    open_.back().keys.push_back(std::move(text));
    return true;
  }
  bool end_object() {
    Open done = close();
    Value::Map map;
    map.reserve(done.items.size());
    for (std::size_t i = 0; i < done.items.size(); ++i) map.emplace_back(std::move(done.keys[i]), std::move(done.items[i]));
    if (const std::string* twice = repeated_key(map))
      return fail(fmt::format("an object has the key \"{}\" twice", excerpt(*twice)));
    return add(std::move(map));
  }
  bool start_array(std::size_t) { return open(); }
  bool end_array() { return add(Value::List(std::move(close().items))); }
  bool parse_error(std::size_t, const std::string& token, const nlohmann::json::exception& error) {
    return fail(error.id == kNumberOverflow ? fmt::format("the number {} is too large for 64 bits", excerpt(token))
                                            : std::string("it is no JSON"));
  }

 private:
  struct Open {
    std::vector<std::string> keys = {};
    std::vector<Value> items = {};
  };

  bool fail(std::string why) {
    wrong = std::move(why);
    return false;
  }
  bool too_large(std::string_view text) { return fail(fmt::format("the integer {} does not fit into 64 bits", excerpt(text))); }
  bool open() {
    if (open_.size() > kDepthMax) return fail(fmt::format("it is JSON of more than {} levels", kDepthMax));
    open_.emplace_back();
    return true;
  }
  Open close() {
    Open done = std::move(open_.back());
    open_.pop_back();
    return done;
  }
  template <class T>
  bool add(T&& value) {
    open_.back().items.emplace_back(std::forward<T>(value));
    return true;
  }

  std::vector<Open> open_ = std::vector<Open>(1);  ///< the first one holds the whole
};

}  // namespace

Result<Value> read_json(std::string_view text) {
  Builder builder;
  if (!nlohmann::json::sax_parse(text, &builder)) return Error{builder.wrong};
  return builder.take();
}

}  // namespace sparse::kafka
