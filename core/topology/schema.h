// The JSON Schema of topology files, made from the table of keys.
#pragma once

#include <string>

namespace sparse::topology {

/// Draft 2020-12, indented, ends with a newline.
std::string json_schema();

}  // namespace sparse::topology
