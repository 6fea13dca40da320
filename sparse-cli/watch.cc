#include "sparse-cli/watch.h"

#include <sys/stat.h>

#include <array>
#include <filesystem>
#include <string_view>

namespace sparse::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMostEntries = 5'000;
constexpr int kDeepest = 6;

FileMark mark_of(const std::string& path) {
  struct stat status = {};
  if (::stat(path.c_str(), &status) != 0) return {};
  return {
      .modified = status.st_mtim.tv_sec * 1'000'000'000 + status.st_mtim.tv_nsec, .size = status.st_size, .inode = status.st_ino};
}

bool leave_out(const fs::path& folder) {
  const std::string name = folder.filename().string();
  if (name.starts_with(".") || name == "__pycache__" || name == "node_modules" || name == "build") return true;
  std::error_code ignored;
  return fs::exists(folder / "pyvenv.cfg", ignored);
}

}  // namespace

bool worth_watching(std::string_view file_name) {
  constexpr std::array<std::string_view, 4> endings = {".yaml", ".yml", ".py", ".properties"};
  if (file_name.starts_with(".")) return false;  // editors' own
  for (const std::string_view ending : endings)
    if (file_name.size() > ending.size() && file_name.ends_with(ending)) return true;
  return false;
}

FileMarks marks_of(const std::string& folder, const std::vector<std::string>& extra) {
  FileMarks marks;
  for (const std::string& path : extra) marks[path] = mark_of(path);
  std::error_code error;
  std::size_t seen = 0;
  fs::recursive_directory_iterator entry(folder, fs::directory_options::skip_permission_denied, error), end;
  for (; !error && entry != end && seen < kMostEntries; entry.increment(error), ++seen) {
    std::error_code ignored;
    if (entry->is_directory(ignored)) {
      if (entry.depth() >= kDeepest || leave_out(entry->path())) entry.disable_recursion_pending();
    } else if (worth_watching(entry->path().filename().string())) {
      marks[entry->path().string()] = mark_of(entry->path().string());
    }
  }
  return marks;
}

std::vector<std::string> files_of(const topology::Topology& topology) {
  std::vector<std::string> files;
  if (!topology.file.empty()) files.push_back(topology.file);
  for (const topology::Component& component : topology.components) {
    if (!component.runs.file.empty()) files.push_back(component.runs.file);
    const std::string folder = component.cwd.empty() ? topology.folder : component.cwd;
    for (const std::string& word : component.runs.argv) {
      const fs::path path = fs::path(folder) / word;
      std::error_code ignored;
      if (fs::is_regular_file(path, ignored)) files.push_back(path.string());
    }
  }
  return files;
}

std::string first_change(const FileMarks& before, const FileMarks& now) {
  for (const auto& [path, mark] : now) {
    const auto earlier = before.find(path);
    if (earlier == before.end() || earlier->second != mark) return path;
  }
  for (const auto& [path, mark] : before)
    if (!now.contains(path)) return path;
  return {};
}

}  // namespace sparse::cli
