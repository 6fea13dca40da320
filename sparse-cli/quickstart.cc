#include "sparse-cli/quickstart.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "core/base/install_paths.h"

namespace sparse::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kPlaceholder = "PROJECT";
constexpr std::size_t kLongestName = 128;

bool is_word(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_'; }

/// The files of a template; what building and running it in place leaves behind is not part of it.
std::vector<fs::path> files_of_template(const fs::path& folder) {
  std::vector<fs::path> files;
  std::error_code error;
  fs::recursive_directory_iterator entry(folder, error), end;
  for (; !error && entry != end; entry.increment(error)) {
    const std::string name = entry->path().filename().string();
    if (entry->is_directory()) {
      if (name == "__pycache__" || name == "build") entry.disable_recursion_pending();
    } else {
      files.push_back(entry->path().lexically_relative(folder));
    }
  }
  std::sort(files.begin(), files.end());
  return files;
}

std::string why_not_copied(const fs::path& from, const fs::path& to, std::string_view name) {
  std::ifstream in(from, std::ios::binary);
  const std::string text((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  if (!in) return fmt::format("cannot read {}", from.string());
  std::error_code error;
  fs::create_directories(to.parent_path(), error);
  std::ofstream out(to, std::ios::binary);
  out << filled_in(text, name);
  out.close();
  return out ? std::string() : fmt::format("cannot write {}", to.string());
}

}  // namespace

std::string why_no_name(std::string_view name) {
  if (name.empty() || name == "." || name == "..") return "it needs a name of its own";
  if (name.size() > kLongestName) return fmt::format("a name has at most {} characters", kLongestName);
  if (!is_word(name.front())) return "a name begins with a letter, a digit or _";
  for (const char c : name)
    if (!is_word(c) && c != '.' && c != '-') return "a name has letters, digits, _, . and - only";
  return {};
}

std::string filled_in(std::string_view text, std::string_view name) {
  std::string out;
  for (std::size_t at = 0;;) {
    const std::size_t found = text.find(kPlaceholder, at);
    out += text.substr(at, found - at);
    if (found == std::string_view::npos) return out;
    // Only the word alone: CMake has a variable PROJECT_NAME.
    const std::size_t after = found + kPlaceholder.size();
    const bool alone = (found == 0 || !is_word(text[found - 1])) && (after == text.size() || !is_word(text[after]));
    out += alone ? name : kPlaceholder;
    at = after;
  }
}

Result<std::vector<std::string>> create_project(const std::string& template_folder, const std::string& folder,
                                                std::string_view name) {
  std::error_code error;
  if (fs::exists(fs::symlink_status(folder, error)))
    return Error{fmt::format("{} exists already; choose another name, or remove it", folder)};
  const std::vector<fs::path> files = files_of_template(template_folder);
  if (files.empty()) return Error{fmt::format("there is no template in {}: sparse is not installed completely", template_folder)};
  if (!fs::create_directories(folder, error)) return Error{fmt::format("cannot create {}: {}", folder, error.message())};
  std::vector<std::string> created;
  for (const fs::path& file : files) {
    if (const std::string why = why_not_copied(fs::path(template_folder) / file, fs::path(folder) / file, name); !why.empty())
      return Error{why};
    created.push_back(file.string());
  }
  return created;
}

int run_quickstart(const QuickstartArguments& arguments) {
  std::string folder = arguments.name;
  while (folder.size() > 1 && folder.ends_with("/")) folder.pop_back();
  const std::string name = fs::path(folder).filename().string();
  if (const std::string why = why_no_name(name); !why.empty()) {
    fmt::print(stderr, "sparse quickstart: \"{}\" cannot be the name of a topology: {}\n", name, why);
    return 2;
  }
  const bool cpp = arguments.language == "cpp";
  const std::string templates = install_paths().templates;
  const auto created = create_project(templates + (cpp ? "/quickstart_cpp" : "/quickstart_python"), folder, name);
  if (!created) {
    fmt::print(stderr, "sparse quickstart: {}\n", created.error().message);
    return 1;
  }
  for (const std::string& file : *created) fmt::print("create  {}/{}\n", folder, file);
  const std::string build = cpp ? "cmake -B build -DCMAKE_PREFIX_PATH=$(sparse sdk --prefix) && cmake --build build && " : "";
  fmt::print(stderr, "\nnext:\n  cd {} && {}sparse run\n", folder, build);
  return 0;
}

}  // namespace sparse::cli
