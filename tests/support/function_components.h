// Bolts and spouts made of functions, so that a test says in one place what its components do.
#pragma once

#include <functional>

#include <sparse/sdk.h>

namespace sparse::test {

struct BoltCalls {
  std::function<void(const Tuple&, Output&)> execute = {};
  std::function<void(Output&)> finish = {};
  std::function<void(Context&)> open = {};
  std::function<void(Output&)> tick = {};
  std::function<void(Output&)> timer = {};
  std::function<void()> close = {};
};

class FunctionBolt final : public Bolt {
 public:
  using Function = std::function<void(const Tuple&, Output&)>;
  explicit FunctionBolt(BoltCalls calls) : calls_(std::move(calls)) {}
  void open(Context& context) override {
    if (calls_.open) calls_.open(context);
  }
  void execute(const Tuple& input, Output& out) override { calls_.execute(input, out); }
  void tick(Output& out) override { call(calls_.tick, out); }
  void timer(Output& out) override { call(calls_.timer, out); }
  void finish(Output& out) override { call(calls_.finish, out); }
  void close() override {
    if (calls_.close) calls_.close();
  }

 private:
  static void call(const std::function<void(Output&)>& function, Output& out) {
    if (function) function(out);
  }
  BoltCalls calls_;
};

struct SpoutCalls {
  std::function<Next(Output&)> next = {};
  std::function<void(std::uint64_t)> ack = {};
  std::function<void(std::uint64_t, std::string_view)> fail = {};
  std::function<void(Context&)> open = {};
  std::function<void(Output&)> timer = {};
};

class FunctionSpout final : public Spout {
 public:
  explicit FunctionSpout(SpoutCalls calls) : calls_(std::move(calls)) {}
  void open(Context& context) override {
    if (calls_.open) calls_.open(context);
  }
  Next next(Output& out) override { return calls_.next(out); }
  void ack(MessageId id) override {
    if (calls_.ack) calls_.ack(id.value);
  }
  void fail(MessageId id, std::string_view reason) override {
    if (calls_.fail) calls_.fail(id.value, reason);
  }
  void timer(Output& out) override {
    if (calls_.timer) calls_.timer(out);
  }

 private:
  SpoutCalls calls_;
};

}  // namespace sparse::test
