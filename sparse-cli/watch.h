// `--watch`: which files a topology is made of, and whether one of them changed.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "core/topology/topology.h"

namespace sparse::cli {

/// What a change is noticed by. A file that does not exist has zeros.
struct FileMark {
  std::int64_t modified = 0;  ///< nanoseconds
  std::int64_t size = 0;
  std::uint64_t inode = 0;
  bool operator==(const FileMark&) const = default;
};
using FileMarks = std::map<std::string, FileMark>;

/// Whether a file by that name belongs to what is watched in a project's folder: topology files, properties, Python.
bool worth_watching(std::string_view file_name);

/// The folder's files worth watching, with the marks of `extra` files. Looks at no more than 5,000 entries and 6 folders deep;
/// leaves out hidden folders and virtual environments.
FileMarks marks_of(const std::string& folder, const std::vector<std::string>& extra);

/// Plugins and the files that commands name.
std::vector<std::string> files_of(const topology::Topology& topology);

/// One file that is new, gone or changed; empty if there is none.
std::string first_change(const FileMarks& before, const FileMarks& now);

}  // namespace sparse::cli
