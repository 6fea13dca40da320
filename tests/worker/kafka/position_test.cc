// Which offset may be committed, where reading begins, and who owns what.
#include "worker/kafka/position.h"

#include <gmock/gmock.h>

#include <set>

#include "worker/kafka/consumer.h"
#include "worker/kafka/held_offset.h"
#include "worker/kafka/offset_tracker.h"

namespace sparse::kafka {
namespace {

TEST(OffsetTracker, commits_up_to_the_lowest_offset_that_is_not_done) {
  OffsetTracker tracker;
  tracker.restart(10);
  EXPECT_EQ(tracker.committable(), 10);
  const std::uint64_t first = tracker.emitted(10), second = tracker.emitted(11), third = tracker.emitted(15);
  std::size_t released = 0;
  EXPECT_TRUE(tracker.done(third, released));
  EXPECT_EQ(tracker.committable(), 10);
  EXPECT_EQ(released, 0u);
  EXPECT_TRUE(tracker.done(first, released));
  EXPECT_EQ(tracker.committable(), 11);
  EXPECT_EQ(released, 1u);
  EXPECT_FALSE(tracker.done(first, released)) << "a verdict counts once";
  EXPECT_TRUE(tracker.done(second, released));
  EXPECT_EQ(tracker.committable(), 16) << "offsets that are not in the log are none to wait for";
  EXPECT_EQ(released, 2u);
  EXPECT_EQ(tracker.held(), 0u);
}

TEST(OffsetTracker, counts_what_is_done_until_the_group_keeps_its_offset) {
  OffsetTracker tracker;
  tracker.restart(0);
  std::size_t released = 0;
  for (int i = 0; i < 10; ++i) tracker.emitted(i);
  for (int i = 0; i < 4; ++i) tracker.done(static_cast<std::uint64_t>(i), released);
  tracker.asked();  // 4
  tracker.done(4, released);
  tracker.asked();  // 5
  tracker.done(5, released);
  EXPECT_EQ(tracker.uncommitted(), 10u);
  tracker.committed(3);
  EXPECT_EQ(tracker.uncommitted(), 10u) << "an answer of a former life";
  tracker.committed(4);
  EXPECT_EQ(tracker.uncommitted(), 6u);
  tracker.committed(5);
  EXPECT_EQ(tracker.uncommitted(), 5u);
  EXPECT_EQ(tracker.held(), 4u);
  tracker.asked();  // 6, never answered
  tracker.restart(100);
  EXPECT_EQ(tracker.uncommitted(), 0u);
  tracker.emitted(100);
  EXPECT_EQ(tracker.uncommitted(), 1u);
}

TEST(OffsetTracker, ignores_verdicts_of_a_former_life) {
  OffsetTracker tracker;
  tracker.restart(0);
  const std::uint64_t old = tracker.emitted(0);
  tracker.restart(100);
  std::size_t released = 0;
  EXPECT_FALSE(tracker.done(old, released));
  const std::uint64_t fresh = tracker.emitted(100);
  EXPECT_NE(old, fresh);
  EXPECT_EQ(tracker.offset_of(fresh), 100);
  EXPECT_EQ(tracker.committable(), 100);
}

TEST(OffsetTracker, moves_over_what_was_skipped) {
  OffsetTracker tracker;
  tracker.restart(0);
  tracker.passed(5);
  EXPECT_EQ(tracker.committable(), 5);
  tracker.emitted(5);
  tracker.passed(9);
  EXPECT_EQ(tracker.committable(), 5);
}

TEST(HeldOffset, is_stuck_after_a_minute_and_told_of_once_a_minute) {
  HeldOffset held;
  held.look(7, true, 1 * kSecond);
  held.look(7, true, 60 * kSecond);
  EXPECT_EQ(held.age(60 * kSecond), 59 * kSecond);
  EXPECT_FALSE(held.is_stuck(60 * kSecond) || held.has_to_be_told(60 * kSecond));
  held.look(7, true, 61 * kSecond);
  EXPECT_TRUE(held.is_stuck(61 * kSecond) && held.has_to_be_told(61 * kSecond));
  EXPECT_FALSE(held.has_to_be_told(100 * kSecond));
  EXPECT_TRUE(held.has_to_be_told(121 * kSecond));
  EXPECT_EQ(held.age(121 * kSecond), 120 * kSecond);  // telling does not make it younger
}

TEST(HeldOffset, is_stuck_at_once_when_two_tries_have_failed) {
  HeldOffset held;
  held.look(7, true, 1 * kSecond, 1);
  EXPECT_FALSE(held.is_stuck(2 * kSecond));
  held.look(7, true, 2 * kSecond, 2);
  EXPECT_TRUE(held.is_stuck(2 * kSecond) && held.has_to_be_told(2 * kSecond));
  held.look(8, true, 3 * kSecond, 5);
  EXPECT_TRUE(held.is_stuck(3 * kSecond));
  EXPECT_FALSE(held.has_to_be_told(3 * kSecond)) << "of a partition once a minute, whatever holds it";
  EXPECT_TRUE(held.has_to_be_told(62 * kSecond));
  held.look(9, true, 63 * kSecond, 0);
  EXPECT_FALSE(held.is_stuck(63 * kSecond));
}

TEST(HeldOffset, is_told_of_with_what_holds_it_and_what_to_do) {
  const std::string place = "topic t, partition 3 is stuck at offset 7: ";
  struct Case {
    Held held;
    std::string text;
  };
  const Case cases[] = {
      {{.age = 61 * kSecond, .later = 4}, "its tree does not complete for 61 s; 4 later ones were emitted meanwhile"},
      {{.age = 3 * kSecond, .later = 49, .full = 50},
       "its tree does not complete for 3 s; nothing later is emitted, since `max-uncommitted` (50) holds the partition"},
      {{.failures = 2, .last_reason = "no such user", .later = 1},
       "2 tries of its message failed, the last with: no such user; 1 later one was emitted meanwhile; it is tried for ever: "
       "mend what refuses it, or give the spout a `dead-letter` topic"},
      {{.failures = 3, .last_reason = "no", .goes_to_dead_letters = true}, "3 tries of its message failed, the last with: no"},
  };
  for (Case each : cases) {
    each.held.topic = "t";
    each.held.partition = 3;
    each.held.offset = 7;
    EXPECT_EQ(held_text(each.held), place + each.text);
  }
}

TEST(HeldOffset, is_not_held_when_it_moves_or_nothing_is_open) {
  HeldOffset held;
  held.look(7, true, 1 * kSecond);
  held.look(8, true, 70 * kSecond);
  EXPECT_EQ(held.age(71 * kSecond), 1 * kSecond);
  held.look(8, false, 200 * kSecond);
  EXPECT_EQ(held.age(300 * kSecond), 0);
  held.look(8, true, 400 * kSecond);
  EXPECT_EQ(held.age(401 * kSecond), 1 * kSecond);
}

TEST(Ownership, gives_each_partition_to_one_task_and_spreads_them) {
  std::set<std::uint32_t> owners;
  for (std::int32_t partition = 0; partition < 4; ++partition) owners.insert(owner_of("topic", partition, 4));
  EXPECT_EQ(owners.size(), 4u);
  EXPECT_EQ(owner_of("topic", 1, 3), owner_of("topic", 4, 3));
  EXPECT_EQ(owner_of("topic", 7, 1), 0u);
}

const Identity kSelf{.topology_id = "words-1", .attempt = 3};

TEST(CommitMetadata, is_storms_and_carries_the_attempt) {
  const std::string text = commit_metadata(kSelf, 7);
  EXPECT_EQ(text, R"({"topologyId":"words-1","taskId":7,"threadName":"sparse attempt 3"})");
  const auto read = read_commit_metadata(text);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->topology_id, "words-1");
  EXPECT_EQ(read->attempt, 3u);
  const auto storms =
      read_commit_metadata(R"({"topologyId":"wc-1-1700","taskId":3,"threadName":"Thread-14-spout-executor[3, 3]"})");
  ASSERT_TRUE(storms);
  EXPECT_EQ(storms->attempt, 0u);
  for (const char* foreign : {"", "x", "[]", "{}", R"({"topologyId":3})"}) EXPECT_FALSE(read_commit_metadata(foreign)) << foreign;
}

TEST(CommitMetadata, says_whether_it_is_a_question) {
  const std::string text = commit_metadata({.topology_id = "tool", .attempt = 12, .asks = true}, -1);
  EXPECT_EQ(text, R"({"topologyId":"tool","taskId":-1,"threadName":"sparse asks after attempt 12"})");
  const auto read = read_commit_metadata(text);
  ASSERT_TRUE(read);
  EXPECT_TRUE(read->asks);
  EXPECT_EQ(read->attempt, 12u);
}

TEST(CommitMetadata, tells_a_reader_whether_another_has_followed_it) {
  struct Case {
    std::string metadata;
    Standing standing;
  };
  const Case cases[] = {
      {commit_metadata(kSelf, 9), Standing::own},
      {commit_metadata({"words-9", 4}, 1), Standing::later},
      {commit_metadata({"another", 4}, 1), Standing::later},
      {commit_metadata({"words-9", 2}, 1), Standing::earlier},
      {commit_metadata({"words-2", 3}, 1), Standing::later},    // at the same time: one of both goes on
      {commit_metadata({"words-0", 3}, 1), Standing::earlier},  // and the other one does not
      {commit_metadata({"words-9", 4, true}, 1), Standing::asked},
      {R"({"topologyId":"wc-1-1700","taskId":3,"threadName":"Thread-14-spout-executor[3, 3]"})", Standing::earlier},
      {"", Standing::earlier},
      {"x", Standing::earlier},
  };
  for (const Case& each : cases) EXPECT_EQ(standing_of(each.metadata, kSelf), each.standing) << each.metadata;
}

TEST(CommitMetadata, gives_who_comes_the_attempt_after_the_one_that_stands_there) {
  EXPECT_EQ(next_attempt(""), 1u);
  EXPECT_EQ(next_attempt(R"({"topologyId":"wc-1-1700","taskId":3,"threadName":"Thread-14"})"), 1u);
  EXPECT_EQ(next_attempt(commit_metadata({"words-0", 7}, 1)), 8u);
  EXPECT_EQ(next_attempt(commit_metadata({"words-0", 7, true}, 1)), 8u);
  const std::uint64_t most = next_attempt(commit_metadata({"words-0", ~std::uint64_t{0}}, 1));
  EXPECT_GT(most, 1u);
  EXPECT_LT(most, ~std::uint64_t{0}) << "there is always one more";
}

TEST(HasToCommit, when_it_takes_a_partition_moves_or_would_be_forgotten) {
  using enum Guarantee;
  const CommitQuestion yes[] = {{at_least_once, 7, kNoOffset},
                                {at_most_once, 7, kNoOffset},
                                {none, 7, kNoOffset},
                                {at_least_once, 8, 7},
                                {none, 8, 7},
                                {at_least_once, 7, 7, 3600 * kSecond},
                                {at_most_once, 5, 7, 0, true}};
  const CommitQuestion no[] = {{at_least_once, 7, 7},
                               {at_least_once, 6, 7, 3599 * kSecond, true},
                               {none, 7, 7},
                               {at_most_once, 5, 7},
                               {at_most_once, 7, 7, 0, true}};
  for (const CommitQuestion& each : yes) EXPECT_TRUE(has_to_commit(each)) << &each - yes;
  for (const CommitQuestion& each : no) EXPECT_FALSE(has_to_commit(each)) << &each - no;
}

TEST(FirstPoll, follows_storms_rules) {
  using From = StartAt::From;
  const std::string own = commit_metadata({"words-1", 2}, 1), others = commit_metadata({"words-0", 2}, 1);
  struct Case {
    Start start;
    std::optional<std::int64_t> committed;
    std::string metadata;
    From from;
  };
  const Case cases[] = {
      {Start::uncommitted_earliest, std::nullopt, "", From::earliest},
      {Start::uncommitted_latest, std::nullopt, "", From::latest},
      {Start::uncommitted_earliest, 5, "", From::offset},
      {Start::uncommitted_latest, 5, others, From::offset},
      {Start::earliest, std::nullopt, "", From::earliest},
      {Start::earliest, 5, others, From::earliest},
      {Start::earliest, 5, own, From::offset},
      {Start::latest, 5, others, From::latest},
      {Start::latest, 5, own, From::offset},
      {Start::timestamp, 5, "", From::timestamp},
      {Start::timestamp, 5, own, From::offset},
  };
  for (const Case& each : cases) {
    const StartAt at = where_to_start(each.start, each.committed, each.metadata, kSelf.topology_id);
    EXPECT_EQ(at.from, each.from) << static_cast<int>(each.start);
    if (at.from == From::offset) {
      EXPECT_EQ(at.offset, 5);
    }
  }
}

}  // namespace
}  // namespace sparse::kafka
