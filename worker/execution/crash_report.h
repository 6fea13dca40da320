// Crash reports: what a process writes before it dies of a component's defect, and where a thread that is stuck is.
#pragma once

#include <memory>

#include <signal.h>

#include "worker/execution/call_chain.h"
#include "worker/execution/stack_frames.h"

namespace sparse::worker {

/// As long as it lives, SIGSEGV, SIGBUS, SIGFPE, SIGILL and SIGABRT (std::terminate among it) write to stderr what happened, in
/// which component and where; then the process dies of that signal, as it would have. One per process.
class CrashReports {
 public:
  CrashReports();
  ~CrashReports();
  CrashReports(const CrashReports&) = delete;
  CrashReports& operator=(const CrashReports&) = delete;

 private:
  struct Before;
  std::unique_ptr<Before> before_;
};

/// A stack for the calling thread's signal handlers: the report about a stack that has overflowed needs another one.
class HandlerStack {
 public:
  HandlerStack();
  ~HandlerStack();
  HandlerStack(const HandlerStack&) = delete;
  HandlerStack& operator=(const HandlerStack&) = delete;

 private:
  static constexpr std::size_t kSize = 128 * 1024;
  std::unique_ptr<char[]> memory_;
  stack_t before_{};
};

/// Where another thread is.
struct ThreadPlace {
  CallChain chain;
  void* frames[kFramesMost] = {};
  int count = 0;
};

/// Interrupts the thread to look. Null if it does not answer within a quarter of a second, or CrashReports are not installed.
/// What it was in goes on; a system call that waits may end early (EINTR). One caller at a time.
std::unique_ptr<ThreadPlace> place_of_thread(pthread_t thread);

}  // namespace sparse::worker
