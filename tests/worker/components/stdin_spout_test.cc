// Lines of a pipe: as they come, without waiting.
#include "worker/components/stdin_spout.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "tests/support/fake_task.h"
#include "tests/support/scratch.h"
#include "worker/components/file_handle.h"

namespace sparse::worker {
namespace {

using test::FakeTask;
using test::Rig;
using testing::ElementsAre;
using testing::HasSubstr;

struct Pipe {
  Pipe() {
    int ends[2];
    EXPECT_EQ(::pipe2(ends, O_CLOEXEC), 0);
    read = FileHandle(ends[0]);
    write = FileHandle(ends[1]);
  }
  void put(std::string_view text) const {
    EXPECT_EQ(::write(write.get(), text.data(), text.size()), static_cast<ssize_t>(text.size()));
  }
  FileHandle read, write;
};

/// Tells the spout that there is something, if it asked.
void report(Rig<StdinSpout>& rig, int fd) {
  ASSERT_EQ(rig.task.watched.count(fd), 1u);
  rig.it.ready(fd, EPOLLIN, rig.out);
  EXPECT_EQ(rig.task.watched.count(fd), 0u) << "it would be reported again and again";
}

TEST(StdinSpout, emits_lines_as_they_come_and_ends_with_the_input) {
  Pipe pipe;
  Rig<StdinSpout> rig(FakeTask(), pipe.read.get());
  rig.open();
  EXPECT_EQ(rig.run(), Next::idle);
  pipe.put("a\nb");
  report(rig, pipe.read.get());
  EXPECT_EQ(rig.run(), Next::idle);
  EXPECT_THAT(rig.out.take_texts(), ElementsAre("a"));
  pipe.put("c\n\nlast");
  report(rig, pipe.read.get());
  EXPECT_EQ(rig.run(), Next::idle);
  EXPECT_THAT(rig.out.take_texts(), ElementsAre("bc", ""));
  pipe.write.reset();
  report(rig, pipe.read.get());
  EXPECT_EQ(rig.run(), Next::exhausted);
  EXPECT_THAT(rig.out.take_texts(), ElementsAre("last"));
}

TEST(StdinSpout, reads_a_file_that_epoll_does_not_take) {
  const test::Scratch scratch;
  const FileHandle file(::open(scratch.write("f", "a\nb\n").c_str(), O_RDONLY));
  Rig<StdinSpout> rig(FakeTask(), file.get());
  rig.open();
  EXPECT_EQ(rig.run(), Next::exhausted);
  EXPECT_THAT(rig.out.take_texts(), ElementsAre("a", "b"));
}

TEST(StdinSpout, emits_a_failed_line_again_and_forgets_an_acked_one) {
  const test::Scratch scratch;
  const FileHandle file(::open(scratch.write("f", "a\nb\n").c_str(), O_RDONLY));
  Rig<StdinSpout> rig(FakeTask(), file.get());
  rig.open();
  rig.run();
  rig.it.ack(MessageId{*rig.out.emitted[0].id});
  rig.it.fail(MessageId{*rig.out.emitted[1].id}, "no");
  rig.out.emitted.clear();
  rig.task.clock.advance(kSecond);
  EXPECT_EQ(rig.run(), Next::exhausted);
  EXPECT_THAT(rig.out.take_texts(), ElementsAre("b"));
}

TEST(StdinSpout, gives_a_line_up_that_is_too_long_and_goes_on) {
  const test::Scratch scratch;
  const FileHandle file(::open(scratch.write("f", "a\n" + std::string(300'000, 'x') + "\nb").c_str(), O_RDONLY));
  Rig<StdinSpout> rig(FakeTask(), file.get(), 1000);
  rig.open();
  EXPECT_EQ(rig.run(), Next::exhausted);
  EXPECT_THAT(rig.out.take_texts(), ElementsAre("a", "b"));
  ASSERT_EQ(rig.task.lost.size(), 1u);
  EXPECT_THAT(rig.task.lost[0].reason, HasSubstr("longer than 1000 bytes"));
}

TEST(StdinSpout, reads_by_its_first_task_alone) {
  Rig<StdinSpout> rig(FakeTask({}, 1, 2));
  rig.open();
  EXPECT_EQ(rig.run(), Next::exhausted);
}

}  // namespace
}  // namespace sparse::worker
