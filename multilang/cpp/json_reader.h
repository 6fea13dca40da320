// Reads the JSON of a child's messages. The only seam to simdjson.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "multilang/cpp/message.h"

namespace sparse::multilang {

inline constexpr int kDepthLimit = 128;

/// A text that is no message: the framing is lost, or it holds the child's own output.
struct BadText {
  enum class Kind { not_json, bad_utf8, too_deep };
  Kind kind = Kind::not_json;
};

class JsonReader {
 public:
  JsonReader();
  ~JsonReader();
  JsonReader(const JsonReader&) = delete;
  JsonReader& operator=(const JsonReader&) = delete;

  /// Framer::kPadding bytes after `text` must be readable. What the message shows is valid until the next call, and as long as
  /// `text`.
  std::variant<ChildMessage, BadText> read(std::string_view text);
  /// True for an object with `command` or `pid`. Ends what `read` has given.
  bool is_message(std::string_view text);

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

/// The number in the JSON text of a tuple's id: `"-12"` or `-12`. Empty for anything else.
std::optional<std::int64_t> tuple_id(std::string_view json);

}  // namespace sparse::multilang
