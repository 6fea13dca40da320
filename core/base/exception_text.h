// What is said of an exception that was caught.
#pragma once

#include <exception>
#include <string>

namespace sparse {

/// Inside a catch block alone.
inline std::string current_exception_text() {
  try {
    throw;
  } catch (const std::exception& error) {
    return error.what();
  } catch (...) {
    return "an exception that is no std::exception";
  }
}

}  // namespace sparse
