// Passwords and keys, by the names they are given under: they are never shown.
#pragma once

#include <string>
#include <string_view>

namespace sparse {

/// Whether a key of a configuration holds a password or a private key.
bool is_secret_name(std::string_view name);
/// A line of a file with stars in place of the values of such keys, as wide as they were. A reference such as `{env: NAME}`
/// stays.
std::string hide_secrets(std::string_view line);

inline constexpr std::string_view kHidden = "***";

}  // namespace sparse
