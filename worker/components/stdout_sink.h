// The standard output of a worker, shared by its print bolts: whole lines, never mixed, and no waiting for a slow reader.
#pragma once

#include <mutex>
#include <string>

namespace sparse::worker {

/// Thread-safe. Owns no descriptor.
class StdoutSink {
 public:
  explicit StdoutSink(int fd) : fd_(fd) {}

  enum class State {
    written,  ///< all of it
    waiting,  ///< the reader takes no more now; the rest is kept
    broken,   ///< nobody will ever read it
  };
  /// Takes over whole lines (clears `lines`) and writes what the reader takes without waiting.
  State write(std::string& lines);

  int fd() const { return fd_; }
  /// Why it is broken.
  std::string reason() const;

 private:
  State write_some();

  const int fd_;
  mutable std::mutex mutex_;
  std::string pending_;
  std::size_t written_ = 0;  ///< of `pending_`
  int error_ = 0;
};

}  // namespace sparse::worker
