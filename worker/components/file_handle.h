// An open file descriptor, closed with its owner; and how built-ins name the files of a topology.
#pragma once

#include <unistd.h>

#include <string>
#include <string_view>
#include <utility>

#include "core/topology/topology.h"

namespace sparse::worker {

class FileHandle {
 public:
  FileHandle() = default;
  explicit FileHandle(int fd) : fd_(fd) {}
  FileHandle(FileHandle&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  FileHandle& operator=(FileHandle&& other) noexcept {
    if (this != &other) {
      reset();
      fd_ = std::exchange(other.fd_, -1);
    }
    return *this;
  }
  ~FileHandle() { reset(); }

  int get() const { return fd_; }
  explicit operator bool() const { return fd_ >= 0; }
  void reset() {
    if (fd_ >= 0) ::close(std::exchange(fd_, -1));
  }

 private:
  int fd_ = -1;
};

/// Paths in a topology file are relative to it.
inline std::string resolve_path(const topology::Topology& topology, std::string_view path) {
  if (path.starts_with('/') || topology.folder.empty()) return std::string(path);
  return topology.folder + "/" + std::string(path);
}

}  // namespace sparse::worker
