// The test kit: one bolt or spout in the real engine, on a clock that stands still until the test moves it.
//
//     sparse::test::BoltTest split(std::make_unique<Split>(), {.outputs = {"word"}});
//     const auto line = split.feed("the cow");
//     EXPECT_EQ(split.take_emits(), (std::vector<sparse::test::Emitted>{{"default", {"the"}}, {"default", {"cow"}}}));
//     EXPECT_TRUE(split.is_acked(line));
//
// Link sparse::test_kit. No threads, no sleeps, no files; thread-compatible. What is fed is overwritten after `execute`: a bolt
// that keeps a view of its input is found out here, and not in production.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <sparse/sdk.h>

namespace sparse::test {

/// What a component emitted: the stream and the values.
struct Emitted {
  std::string stream;
  std::vector<Value> values;
  bool operator==(const Emitted&) const = default;
};

/// How the component is set up. `outputs` and `streams` as in its ComponentSpec.
struct Setup {
  std::vector<std::string> outputs = {};
  std::vector<StreamSpec> streams = {};
  bool manual_ack = false;
  std::vector<std::string> input_fields = {};  ///< names of what is fed; empty: f0, f1, …
  std::string input_component = "source";      ///< where inputs come from
  Value options = Value(Value::Map{});         ///< the component's `with:`
  Value config = Value(Value::Map{});          ///< Storm's keys, as `topology.message.timeout.secs`
};

namespace detail {
class BoltRun;
class SpoutRun;
}  // namespace detail

/// Feeds tuples to a bolt. Errors of the set-up itself throw std::runtime_error.
class BoltTest {
 public:
  BoltTest(std::unique_ptr<Bolt> bolt, Setup setup);
  ~BoltTest();

  /// Gives the bolt one tuple and runs the engine until nothing is left to do. Returns the number of the message.
  std::uint64_t feed(std::vector<Value> values);
  template <class... V>
  std::uint64_t feed(const V&... values) {
    return feed(std::vector<Value>{Value(values)...});
  }
  /// What it has emitted since the last call, in order.
  std::vector<Emitted> take_emits();
  bool is_acked(std::uint64_t message) const;
  /// The reason, if the message has failed.
  std::optional<std::string> failure(std::uint64_t message) const;
  /// Moves the clock: ticks, timers and timeouts happen.
  void advance(std::chrono::nanoseconds by);
  /// Ends the input: `finish` runs.
  void finish();
  /// What it and the engine logged: `WARN text`.
  std::vector<std::string> take_log();

 private:
  std::unique_ptr<detail::BoltRun> run_;
};

/// Asks a spout for tuples. Its verdicts are given by the test.
class SpoutTest {
 public:
  SpoutTest(std::unique_ptr<Spout> spout, Setup setup);
  ~SpoutTest();

  /// What it emits when the engine runs until it is idle, exhausted, or `at_most` messages are open.
  std::vector<Emitted> take_emits(std::size_t at_most = 1000);
  /// Verdicts on the open message that was emitted first: `ack` or `fail` of the spout is called. False if none is open.
  bool ack_first();
  bool fail_first(std::string_view reason);
  std::size_t open_messages() const;
  void advance(std::chrono::nanoseconds by);
  /// It is exhausted and all its messages have their verdicts.
  bool has_ended() const;
  std::vector<std::string> take_log();

 private:
  std::unique_ptr<detail::SpoutRun> run_;
};

}  // namespace sparse::test
