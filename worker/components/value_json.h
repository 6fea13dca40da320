// Values and tuples as JSON text, for people and programs that read what built-in bolts write.
#pragma once

#include <string>

#include <sparse/sdk.h>

namespace sparse::worker {

/// Appends a value. What JSON cannot hold: bytes become {"base64": "…"}, NaN and infinities null, and bytes of a text that are
/// not UTF-8 become U+FFFD.
void append_json(std::string& out, ValueView value);

/// `["the",12]`
void append_json_values(std::string& out, const Tuple& tuple);

/// One line: `{"component":"count","stream":"default","task":3,"values":["the",12]}` and a newline.
void append_json_line(std::string& out, const Tuple& tuple);

}  // namespace sparse::worker
