// Waiting for file descriptors: what cannot be watched is said; and the way of Linux before 5.11, which has no epoll_pwait2.
#include "worker/execution/poller.h"

#include <gmock/gmock.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdio>
#include <cstdlib>

namespace sparse::worker {
namespace {

/// A poller only hands tasks back.
Task& some_task() {
  static int place;
  return reinterpret_cast<Task&>(place);
}

struct Pipe {
  Pipe() { EXPECT_EQ(::pipe(ends.data()), 0); }
  ~Pipe() {
    ::close(ends[0]);
    ::close(ends[1]);
  }
  std::array<int, 2> ends{};
};

std::vector<Poller::Ready> wait(Poller& poller, Nanoseconds at_most) {
  std::vector<Poller::Ready> ready;
  poller.wait(at_most, ready);
  return ready;
}

/// What holds with either call: 0 if all of it does.
int wrong_with_waiting() {
  Poller poller;
  const Pipe pipe;
  if (poller.watch(some_task(), pipe.ends[0], EPOLLIN) != 0) return 1;
  const SystemClock clock;
  for (const Nanoseconds at_most : {Nanoseconds{0}, 300 * kMicrosecond, 20 * kMillisecond}) {
    const Nanoseconds start = clock.now();
    if (!wait(poller, at_most).empty()) return 2;
    if (clock.now() - start < at_most) return 3;  // woken before it is time, a loop would go round and round
  }
  if (::write(pipe.ends[1], "x", 1) != 1) return 4;
  const auto ready = wait(poller, 60 * kSecond);
  if (ready.size() != 1 || ready[0].fd != pipe.ends[0] || ready[0].task != &some_task()) return 5;
  poller.unwatch(pipe.ends[0]);
  constexpr std::uint64_t kOne = 1;
  if (::write(poller.event(), &kOne, sizeof kOne) != sizeof kOne) return 6;
  if (!wait(poller, 60 * kSecond).empty()) return 7;  // a wake-up is no file descriptor of a task
  return 0;
}

/// For this process, for ever.
bool take_away(std::uint32_t call) {
  sock_filter code[] = {BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
                        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, call, 0, 1), BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
                        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)};
  const sock_fprog program = {.len = std::size(code), .filter = code};
  return ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

TEST(Poller, waits_and_tells_what_is_ready) { EXPECT_EQ(wrong_with_waiting(), 0); }

TEST(Poller, does_the_same_on_a_kernel_without_epoll_pwait2) {
  const auto child = [] {
    if (!take_away(SYS_epoll_pwait2)) std::exit(100);
    epoll_event event{};
    if (::syscall(SYS_epoll_pwait2, -1, &event, 1, nullptr, nullptr, 0) != -1 || errno != ENOSYS) std::exit(101);
    std::exit(wrong_with_waiting());
  };
  EXPECT_EXIT(child(), testing::ExitedWithCode(0), "");
}

TEST(Poller, says_what_it_cannot_watch) {
  Poller poller, other;
  const Pipe pipe;
  std::FILE* const file = std::tmpfile();
  ASSERT_NE(file, nullptr);
  EXPECT_EQ(poller.watch(some_task(), ::fileno(file), EPOLLIN), EPERM) << "a regular file is always ready";
  EXPECT_FALSE(poller.watching());
  std::fclose(file);
  const int closed = ::dup(pipe.ends[0]);
  ASSERT_EQ(poller.watch(some_task(), closed, EPOLLIN), 0);
  EXPECT_EQ(poller.watch(some_task(), closed, EPOLLIN | EPOLLOUT), 0);
  ::close(closed);
  EXPECT_EQ(poller.hand_over(some_task(), other), EBADF);
  EXPECT_FALSE(other.watching());
  EXPECT_THAT(not_watched(ENOSPC), testing::HasSubstr("No space left on device; the limit of this user is /proc/sys/fs/epoll"));
}

TEST(Poller, watches_a_number_that_is_another_file_by_now) {
  Poller poller;
  const Pipe pipe;
  const int closed = ::dup(pipe.ends[0]);
  ASSERT_EQ(poller.watch(some_task(), closed, EPOLLIN), 0);
  ::close(closed);
  const Pipe second;
  ASSERT_EQ(::dup2(second.ends[0], closed), closed);
  EXPECT_EQ(poller.watch(some_task(), closed, EPOLLIN), 0);
  ASSERT_EQ(::write(second.ends[1], "x", 1), 1);
  EXPECT_EQ(wait(poller, 10 * kSecond).size(), 1u);
  ::close(closed);
}

}  // namespace
}  // namespace sparse::worker
