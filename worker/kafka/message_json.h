// JSON texts of messages as values. Pure.
#pragma once

#include <string_view>

#include <sparse/value.h>

#include "core/base/result.h"

namespace sparse::kafka {

/// What a value cannot be without loss is an error that shows it: an integer beyond 64 bits, a number beyond all doubles, a key
/// twice in an object. Fractions become the nearest double.
Result<Value> read_json(std::string_view text);

}  // namespace sparse::kafka
