// Inputs that are in other hands: shares without values, and what is emitted for them outside of execute.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/support/engine_harness.h"

namespace sparse::test {
namespace {

using Builder = TopologyBuilder;
using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;
using worker::InputShare;

/// Takes its inputs, and deals with them when its timer is over: as a component does whose inputs are with a child process.
class Passing final : public worker::ExternalBolt {
 public:
  struct Held {
    std::string text;
    InputShare share;
  };
  using Later = std::function<void(worker::TaskHost&, Output&, std::vector<Held>&)>;

  explicit Passing(Later later) : later_(std::move(later)) {}
  void attach(worker::TaskHost& host) override { host_ = &host; }
  void ready(int, std::uint32_t, Output&) override {}
  void open(Context& context) override { context_ = &context; }
  void execute(const Tuple& input, Output&) override {
    held_.push_back({std::string(input.string(0)), host_->take(input)});
    if (held_.size() == 1) context_->start_timer(std::chrono::seconds(5));
  }
  void timer(Output& out) override {
    later_(*host_, out, held_);
    held_.clear();
  }

 private:
  Later later_;
  worker::TaskHost* host_ = nullptr;
  Context* context_ = nullptr;
  std::vector<Held> held_;
};

class Shares : public EngineTest {
 protected:
  void build(std::uint64_t messages, Passing::Later later, FunctionBolt::Function at_sink = [](const Tuple&, Output&) {}) {
    for (std::uint64_t i = 0; i < messages; ++i) script.messages.push_back("m" + std::to_string(i));
    engine.spout("spout", script);
    engine.builder.bolt("passing", {"text"}, {Builder::shuffle("spout")});
    engine.builder.last().manual_ack = true;
    engine.builder.last().outputs.push_back({"other", {"text", "number"}, false, {}});
    engine.factory.bolts["passing"] = [later] { return std::make_unique<Passing>(later); };
    engine.bolt(
        "sink", {}, {Builder::shuffle("passing"), Builder::shuffle("passing", "other")},
        [this, at_sink](const Tuple& in, Output& out) {
          received.emplace_back(in.string(0));
          at_sink(in, out);
        },
        2);
  }
  static void emit_text(worker::TaskHost& host, Output& out, std::vector<InputShare*> anchors, std::string_view text) {
    Cell cell;
    cell.set(text);
    host.emit(out, anchors, Emit{}, &cell, 1);
  }

  SpoutScript script;
  std::vector<std::string> received;
};
INSTANTIATE_TEST_SUITE_P(Shares, Shares, every_mode(), name_of_mode);

TEST_P(Shares, keep_trees_open_until_they_are_settled) {
  build(10, [this](worker::TaskHost& host, Output&, std::vector<Passing::Held>& held) {
    EXPECT_TRUE(script.acked.empty()) << "the trees are open";
    for (std::size_t i = 0; i < held.size(); ++i) host.settle(held[i].share, i % 2 == 1, "odd");
  });
  ASSERT_TRUE(engine.run());
  expect_one_verdict_each(script, 10);
  EXPECT_EQ(script.acked.size(), 5u);
  EXPECT_THAT(script.failed, Each(Pair(testing::_, "odd")));
  EXPECT_EQ(engine.total("passing").acked, 5u);
  EXPECT_EQ(engine.total("passing").failed, 5u);
}

TEST_P(Shares, anchor_rows_of_the_default_stream) {
  build(8, [](worker::TaskHost& host, Output& out, std::vector<Passing::Held>& held) {
    for (auto& [text, share] : held) {
      const std::string texts[] = {text + "a", text + "b", text + "c"};
      Cell cells[3];
      for (int i = 0; i < 3; ++i) cells[i].set(std::string_view(texts[i]));
      EXPECT_TRUE(host.emit_rows(out, share, cells, 1, 3));
      host.settle(share, false, {});
    }
  });
  ASSERT_TRUE(engine.run());
  EXPECT_EQ(received.size(), 24u);
  EXPECT_EQ(std::count(received.begin(), received.end(), "m5b"), 1);
  expect_one_verdict_each(script, 8);
  EXPECT_EQ(script.acked.size(), 8u);
  EXPECT_EQ(engine.total("passing").emitted, 24u);
}

TEST_P(Shares, fail_by_what_gets_the_rows_and_only_those) {
  bool answered_false = false;
  build(
      6,
      [&](worker::TaskHost& host, Output& out, std::vector<Passing::Held>& held) {
        for (auto& [text, share] : held) {
          Cell cells[2];
          cells[0].set(std::string_view(text));
          cells[1].set(std::string_view("second"));
          if (host.emit_rows(out, share, cells, 1, 2))
            host.settle(share, false, {});
          else
            answered_false = true;
        }
      },
      [](const Tuple& in, Output&) {
        if (in.string(0) == "m2") throw std::runtime_error("no m2");
      });
  ASSERT_TRUE(engine.run());
  EXPECT_EQ(received.size(), 12u) << "what follows is delivered all the same";
  expect_one_verdict_each(script, 6);
  EXPECT_THAT(script.failed, ElementsAre(Pair(2u, "no m2")));
  if (!crosses()) {
    EXPECT_EQ(answered_false, GetParam().fusion) << "known at once if it was called directly";
  }
}

TEST_P(Shares, join_several_trees_in_one_emit) {
  build(
      6,
      [](worker::TaskHost& host, Output& out, std::vector<Passing::Held>& held) {
        for (std::size_t i = 0; i + 1 < held.size(); i += 2) {
          InputShare* const both[] = {&held[i].share, &held[i + 1].share};
          const std::string text = held[i].text + "+" + held[i + 1].text;
          Cell cells[2];
          cells[0].set(std::string_view(text));
          cells[1].set(std::int64_t{2});
          if (!host.emit(out, both, Emit{.stream = "other"}, cells, 2)) continue;
          for (InputShare* share : both) host.settle(*share, false, {});
        }
      },
      [](const Tuple& in, Output&) {
        if (in.string(0) == "m2+m3") throw std::runtime_error("joined badly");
      });
  ASSERT_TRUE(engine.run());
  EXPECT_EQ(received.size(), 3u);
  expect_one_verdict_each(script, 6);
  EXPECT_THAT(script.failed, testing::UnorderedElementsAre(Pair(2u, "joined badly"), Pair(3u, "joined badly")));
}

TEST_P(Shares, of_inputs_with_several_trees_settle_them_all) {
  for (std::uint64_t i = 0; i < 6; ++i) script.messages.push_back("m" + std::to_string(i));
  std::vector<Retained> kept;
  engine.spout("spout", script);
  engine
      .bolt("join", {"text"}, {Builder::shuffle("spout")},
            BoltCalls{.execute =
                          [&](const Tuple& in, Output& out) {
                            kept.push_back(in.retain());
                            if (kept.size() < 3) return;
                            const Retained* anchors[] = {&kept[0], &kept[1], &kept[2]};
                            out.emit(Emit{.anchors = anchors, .anchored = false}, kept[0]->string(0));
                            for (Retained& each : kept) each.ack();
                            kept.clear();
                          }})
      .manual_ack = true;
  engine.builder.bolt("passing", {"text"}, {Builder::shuffle("join")});
  engine.builder.last().manual_ack = true;
  engine.factory.bolts["passing"] = [&] {
    return std::make_unique<Passing>([&](worker::TaskHost& host, Output& out, std::vector<Passing::Held>& held) {
      for (auto& [text, share] : held) {
        EXPECT_EQ(share.more ? share.more->size() : 0u, 2u);
        Cell cell;
        cell.set(std::string_view(text));
        host.emit_rows(out, share, &cell, 1, 1);
        host.settle(share, text == "m3", "not this one");
      }
    });
  };
  engine.bolt("sink", {}, {Builder::shuffle("passing")}, [&](const Tuple& in, Output&) { received.emplace_back(in.string(0)); });
  ASSERT_TRUE(engine.run());
  EXPECT_THAT(received, testing::UnorderedElementsAre("m0", "m3"));
  expect_one_verdict_each(script, 6);
  EXPECT_THAT(script.acked, testing::UnorderedElementsAre(0u, 1u, 2u));
}

TEST_P(Shares, time_out_if_they_are_never_settled) {
  engine.builder.config("topology.message.timeout.secs", 10);
  build(3, [](worker::TaskHost&, Output&, std::vector<Passing::Held>&) {});
  EXPECT_FALSE(engine.run(9 * kSecond));
  EXPECT_TRUE(script.failed.empty());
  ASSERT_TRUE(engine.run(60 * kSecond));
  EXPECT_THAT(script.failed, Each(Pair(testing::_, HasSubstr("timeout"))));
  EXPECT_EQ(script.failed.size(), 3u);
  EXPECT_TRUE(engine.log.contains("ends with 3 inputs that were never acked or failed"));
}

TEST_P(Shares, of_untracked_inputs_are_settled_without_a_trace) {
  script.tracked = false;
  build(4, [](worker::TaskHost& host, Output& out, std::vector<Passing::Held>& held) {
    for (auto& [text, share] : held) {
      EXPECT_FALSE(share.tracked);
      emit_text(host, out, {&share}, text);
      host.settle(share, text == "m1", "nobody is told");
    }
  });
  ASSERT_TRUE(engine.run());
  EXPECT_EQ(received.size(), 4u);
  EXPECT_EQ(engine.total("passing").failed, 1u);
  EXPECT_TRUE(script.failed.empty());
}

}  // namespace
}  // namespace sparse::test
