// Writes JSON for children: appends to a buffer, as fast as it can.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <sparse/tuple.h>
#include <sparse/value.h>

namespace sparse::multilang {

/// Why a value cannot be carried as JSON; empty: it was.
using Uncarried = std::string;

/// Text in quotes, escaped. JSON is UTF-8: false if `text` is not, and nothing is appended that could be used.
[[nodiscard]] bool append_text(std::string& to, std::string_view text);
void append_integer(std::string& to, std::int64_t value);

/// Rules beyond JSON: doubles read back exactly, and never as integers; bytes are carried as text if they are valid UTF-8 (JSON
/// has no bytes, and Storm no rule for them). NaN, infinities, bytes or text that are not UTF-8, and more than 128 levels cannot
/// be carried; `to` is then cut back to what it was.
[[nodiscard]] Uncarried append_value(std::string& to, ValueView value);
[[nodiscard]] Uncarried append_value(std::string& to, const Value& value);
/// `[v1, v2, …]`; the reason names the field by its position.
[[nodiscard]] Uncarried append_values(std::string& to, const Cell* cells, std::uint32_t count);

}  // namespace sparse::multilang
