// Writes values of the batched framing: the part of Python's marshal format that PROTOCOL.md lists.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "multilang/cpp/json_writer.h"

namespace sparse::multilang {

void marshal_null(std::string& to);
void marshal_integer(std::string& to, std::int64_t value);
/// `text` must be UTF-8.
void marshal_text(std::string& to, std::string_view text);
/// The items follow.
void marshal_list(std::string& to, std::uint32_t count);
/// The items follow. At most 255.
void marshal_small_tuple(std::string& to, std::uint8_t count);

/// One value after the other. The reason if one cannot be carried: text that is not UTF-8, or more than 128 levels; `to` is
/// then cut back to what it was. It names the field by its position.
[[nodiscard]] Uncarried marshal_fields(std::string& to, const Cell* cells, std::uint32_t count);
/// The same as a list.
[[nodiscard]] Uncarried marshal_values(std::string& to, const Cell* cells, std::uint32_t count);

}  // namespace sparse::multilang
