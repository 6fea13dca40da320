// Plain text goes straight through; what must be escaped is left to the JSON library.
#include "worker/components/value_json.h"

#include <cmath>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace sparse::worker {
namespace {

bool is_plain(std::string_view text) {
  for (const char c : text)
    if (static_cast<unsigned char>(c) < 0x20 || static_cast<unsigned char>(c) >= 0x7f || c == '"' || c == '\\') return false;
  return true;
}

void append_text(std::string& out, std::string_view text) {
  if (is_plain(text)) {
    out += '"';
    out += text;
    out += '"';
  } else {
    out += nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  }
}

void append_base64(std::string& out, std::string_view bytes) {
  constexpr char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  const auto byte = [&](std::size_t i) { return i < bytes.size() ? static_cast<unsigned char>(bytes[i]) : 0u; };
  out += "{\"base64\":\"";
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const unsigned group = byte(i) << 16 | byte(i + 1) << 8 | byte(i + 2);
    out += digits[group >> 18];
    out += digits[group >> 12 & 63];
    out += i + 1 < bytes.size() ? digits[group >> 6 & 63] : '=';
    out += i + 2 < bytes.size() ? digits[group & 63] : '=';
  }
  out += "\"}";
}

void append_integer(std::string& out, std::int64_t value) {
  const fmt::format_int digits(value);
  out.append(digits.data(), digits.size());
}

void append_real(std::string& out, double value) {
  if (!std::isfinite(value)) {
    out += "null";
    return;
  }
  const std::size_t before = out.size();
  fmt::format_to(std::back_inserter(out), "{}", value);
  // A real stays a real for whoever reads it.
  if (out.find_first_of(".e", before) == std::string::npos) out += ".0";
}

}  // namespace

void append_json(std::string& out, ValueView value) {
  switch (value.type()) {
    case Type::null: out += "null"; break;
    case Type::boolean: out += value.boolean() ? "true" : "false"; break;
    case Type::integer: append_integer(out, value.integer()); break;
    case Type::real: append_real(out, value.real()); break;
    case Type::string: append_text(out, value.string()); break;
    case Type::bytes: append_base64(out, value.bytes()); break;
    case Type::list: {
      char before = '[';
      for (ValueView item : value.list()) {
        out += before;
        append_json(out, item);
        before = ',';
      }
      out += before == '[' ? "[]" : "]";
      break;
    }
    case Type::map: {
      const MapView pairs = value.map();
      out += '{';
      for (std::size_t i = 0; i < pairs.size(); ++i) {
        if (i > 0) out += ',';
        append_text(out, pairs.key(i));
        out += ':';
        append_json(out, pairs.value(i));
      }
      out += '}';
      break;
    }
  }
}

void append_json_values(std::string& out, const Tuple& tuple) {
  out += '[';
  for (std::size_t i = 0; i < tuple.size(); ++i) {
    if (i > 0) out += ',';
    append_json(out, tuple[i]);
  }
  out += ']';
}

void append_json_line(std::string& out, const Tuple& tuple) {
  out += "{\"component\":";
  append_text(out, tuple.source_component());
  out += ",\"stream\":";
  append_text(out, tuple.stream());
  fmt::format_to(std::back_inserter(out), ",\"task\":{},\"values\":", tuple.source_task());
  append_json_values(out, tuple);
  out += "}\n";
}

}  // namespace sparse::worker
