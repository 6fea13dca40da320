// Programs that answer and end, and those that do not.
#include "worker/components/short_command.h"

#include <gmock/gmock.h>

#include "tests/support/scratch.h"

namespace sparse::worker {
namespace {

using testing::HasSubstr;

Result<CommandAnswer> shell(std::string script) {
  return run_short_command({.argv = {"sh", "-c", std::move(script)}}, SystemClock());
}

TEST(ShortCommand, gives_both_outputs_and_the_exit_code) {
  const auto done = shell("echo out; echo err >&2; exit 3");
  ASSERT_TRUE(done) << done.error().message;
  EXPECT_EQ(done->output, "out\n");
  EXPECT_EQ(done->error_text, "err\n");
  EXPECT_EQ(done->exit_code, 3);
  EXPECT_EQ(shell("kill -9 $$")->exit_code, 137);
}

TEST(ShortCommand, runs_in_a_folder_with_an_environment) {
  const test::Scratch scratch;
  const auto done = run_short_command(
      {.argv = {"sh", "-c", "pwd; echo $COLOUR"}, .environment = {{"COLOUR", "red"}}, .folder = scratch.folder()}, SystemClock());
  ASSERT_TRUE(done) << done.error().message;
  EXPECT_EQ(done->output, scratch.folder() + "\nred\n");
}

TEST(ShortCommand, cuts_what_nobody_wants_to_read) {
  const auto done = shell("head -c 5000000 /dev/zero");
  ASSERT_TRUE(done);
  EXPECT_LT(done->output.size(), 1'100'000u);
}

TEST(ShortCommand, does_not_wait_for_processes_that_the_program_left_behind) {
  const auto done = shell("sleep 60 & echo $!");
  ASSERT_TRUE(done);
  ASSERT_FALSE(done->output.empty());
  EXPECT_TRUE(shell("kill " + done->output));
}

TEST(ShortCommand, kills_what_takes_too_long) {
  const auto done = run_short_command({.argv = {"sleep", "60"}, .at_most = 0}, SystemClock());
  ASSERT_FALSE(done);
  EXPECT_THAT(done.error().message, HasSubstr("sleep has not answered within 0 s"));
}

TEST(ShortCommand, says_why_it_cannot_start) {
  EXPECT_THAT(run_short_command({.argv = {"no-such-program"}}, SystemClock()).error().message,
              HasSubstr("there is no program no-such-program"));
  EXPECT_THAT(run_short_command({.argv = {"sh"}, .environment = {{"PATH", "/nowhere"}}}, SystemClock()).error().message,
              HasSubstr("there is no program sh in the PATH"));
  EXPECT_THAT(run_short_command({.argv = {"sh", "-c", ":"}, .folder = "/no/such/folder"}, SystemClock()).error().message,
              HasSubstr("its folder /no/such/folder does not exist"));
}

}  // namespace
}  // namespace sparse::worker
