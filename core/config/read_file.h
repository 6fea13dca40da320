// Reads a whole file of limited size.
#pragma once

#include <string>

#include "core/base/result.h"

namespace sparse {

/// Only regular files: a FIFO or a device could keep the reader waiting, or never end.
Result<std::string> read_file(const std::string& path, std::size_t most_bytes);

}  // namespace sparse
