// The test kit as a component author uses it: only <sparse/…> headers.
#include <sparse/test_kit.h>

#include <gtest/gtest.h>

namespace sparse::test {
namespace {

using Emits = std::vector<Emitted>;

class Split final : public Bolt {
  void execute(const Tuple& line, Output& out) override {
    if (line.string(0) == "bad") throw std::runtime_error("bad line");
    for (std::string_view word : words(line.string(0))) out.emit(word);
  }
  void tick(Output& out) override { out.emit("tick"); }
  void finish(Output& out) override { out.emit("end"); }
};

TEST(BoltTest, FeedsTuplesAndReadsEmits) {
  BoltTest split(std::make_unique<Split>(), {.outputs = {"word"}});
  const auto line = split.feed("the cow"), bad = split.feed("bad");
  EXPECT_EQ(split.take_emits(), (Emits{{"default", {"the"}}, {"default", {"cow"}}}));
  EXPECT_TRUE(split.is_acked(line));
  EXPECT_FALSE(split.failure(line));
  EXPECT_EQ(split.failure(bad), "bad line");
  split.finish();
  EXPECT_EQ(split.take_emits(), (Emits{{"default", {"end"}}}));
}

TEST(BoltTest, StepsTheClock) {
  BoltTest split(std::make_unique<Split>(),
                 {.outputs = {"word"}, .config = Value(Value::Map{{"topology.tick.tuple.freq.secs", Value(5)}})});
  split.advance(std::chrono::seconds(16));
  EXPECT_EQ(split.take_emits().size(), 3u);
}

class Keeper final : public Bolt {
  void execute(const Tuple& tuple, Output& out) override {
    if (!kept_.empty()) out.emit(kept_);
    kept_ = tuple.string(0);  // wrong: a view ends with execute
  }
  std::string_view kept_;
};

TEST(BoltTest, FindsABoltThatKeepsAView) {
  BoltTest keeper(std::make_unique<Keeper>(), {.outputs = {"word"}});
  keeper.feed("a text that is too long to be kept inside of a string object");
  keeper.feed("another");
  EXPECT_NE(keeper.take_emits(), (Emits{{"default", {"a text that is too long to be kept inside of a string object"}}}));
}

class Manual final : public Bolt {
  void execute(const Tuple& tuple, Output&) override {
    if (tuple.integer(0) == 1) kept_ = tuple.retain();
    if (tuple.integer(0) == 2) kept_.ack();
  }
  Retained kept_;
};

TEST(BoltTest, ShowsTimeoutsOfManualAcks) {
  BoltTest manual(std::make_unique<Manual>(),
                  {.manual_ack = true, .config = Value(Value::Map{{"topology.message.timeout.secs", Value(10)}})});
  const auto kept = manual.feed(1);
  EXPECT_FALSE(manual.is_acked(kept));
  const auto forgotten = manual.feed(2);
  EXPECT_TRUE(manual.is_acked(kept));
  manual.advance(std::chrono::seconds(12));
  ASSERT_TRUE(manual.failure(forgotten));
  EXPECT_EQ(manual.failure(forgotten)->substr(0, 7), "timeout");
}

class Numbers final : public Spout {
 public:
  Next next(Output& out) override {
    if (!again_.empty()) {
      out.emit(MessageId{again_.back()}, static_cast<std::int64_t>(again_.back()));
      again_.pop_back();
      return Next::emitted;
    }
    if (at_ == 3) return Next::exhausted;
    out.emit(MessageId{at_}, static_cast<std::int64_t>(at_));
    ++at_;
    return Next::emitted;
  }
  void fail(MessageId id, std::string_view) override { again_.push_back(id.value); }

 private:
  std::uint64_t at_ = 0;
  std::vector<std::uint64_t> again_;
};

TEST(SpoutTest, ReadsEmitsAndGivesVerdicts) {
  SpoutTest numbers(std::make_unique<Numbers>(), {.outputs = {"number"}});
  EXPECT_EQ(numbers.take_emits(), (Emits{{"default", {0}}, {"default", {1}}, {"default", {2}}}));
  EXPECT_EQ(numbers.open_messages(), 3u);
  EXPECT_TRUE(numbers.ack_first());
  EXPECT_TRUE(numbers.fail_first("not today"));
  EXPECT_EQ(numbers.take_emits(), (Emits{{"default", {1}}}));
  while (numbers.ack_first()) {
  }
  EXPECT_TRUE(numbers.has_ended());
}

}  // namespace
}  // namespace sparse::test
