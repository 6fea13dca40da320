// Components that die, each in its own way: what the reports about them are tested with.
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <sparse/sdk.h>

namespace {

[[gnu::noinline]] void write_to_nowhere() {
  volatile int* volatile nowhere = nullptr;
  *nowhere = 1;
}

[[gnu::noinline]] int recurse(int depth) {
  volatile char frame[1024];
  frame[0] = static_cast<char>(depth);
  return depth < 0 ? 0 : recurse(depth + 1) + frame[0];
}

[[gnu::noinline]] void go_round() {
  volatile bool on = true;
  while (on) {
  }
}

[[gnu::noinline]] void throw_on_a_thread() {
  std::thread([] { throw std::runtime_error("nobody catches this"); }).join();
}

/// `how`, at the input whose first value is `at`, or in `when: open`.
class Crash final : public sparse::Bolt {
  void open(sparse::Context& context) override {
    how_ = context.option<std::string>("how", "segv");
    at_ = context.option<std::int64_t>("at", 1);
    if (context.option<std::string>("when", "execute") == "open") die();
  }
  void execute(const sparse::Tuple& input, sparse::Output& out) override {
    if (input.integer(0) == at_) die();
    out.emit(input.integer(0));
  }
  [[gnu::noinline]] void die() {
    if (how_ == "segv") write_to_nowhere();
    if (how_ == "bus") std::raise(SIGBUS);
    if (how_ == "fpe") std::raise(SIGFPE);
    if (how_ == "ill") __builtin_trap();
    if (how_ == "abort") std::abort();
    if (how_ == "terminate") throw_on_a_thread();
    if (how_ == "overflow") recurse(0);
    if (how_ == "loop") go_round();
  }
  std::string how_;
  std::int64_t at_ = 0;
};

/// Dies of `how` at every seventh input, the first time that it comes: a file remembers it.
class CrashOnce final : public sparse::Bolt {
  void open(sparse::Context& context) override { context.log(sparse::Level::info, "opened"); }
  void execute(const sparse::Tuple& input, sparse::Output& out) override {
    const std::int64_t number = input.integer(0);
    const std::string mark = "died-" + std::to_string(number);
    if (number % 7 == 0 && !std::ifstream(mark)) {
      std::ofstream file(mark);
      file.close();
      write_to_nowhere();
    }
    if (number % 5 == 0 && !std::ifstream("failed-" + std::to_string(number))) {
      std::ofstream file("failed-" + std::to_string(number));
      throw std::runtime_error("not at the first time");
    }
    ++count_;
    out.emit(number);
  }
  void finish(sparse::Output& out) override { out.emit(-count_); }
  std::int64_t count_ = 0;
};

/// Keeps each input, and gives its verdict at the next one, or at the end.
class KeepOne final : public sparse::Bolt {
  void open(sparse::Context& context) override { context_ = &context; }
  void execute(const sparse::Tuple& input, sparse::Output& out) override {
    settle(out);
    kept_ = input.retain();
    if (std::string(input.source_component()) != "numbers" || input["number"].integer() != input.integer(0))
      throw std::logic_error("a wrong source");
    context_->start_timer(std::chrono::milliseconds(20));
  }
  void timer(sparse::Output& out) override { settle(out); }
  void settle(sparse::Output& out) {
    if (!kept_) return;
    const sparse::Retained* const anchors[] = {&kept_};
    out.emit(sparse::Emit{.anchors = anchors, .anchored = false}, kept_->integer(0));
    kept_.ack();
    kept_ = sparse::Retained();
  }
  sparse::Context* context_ = nullptr;
  sparse::Retained kept_;
};

/// Passes on what it gets.
class Pass final : public sparse::Bolt {
  void execute(const sparse::Tuple& input, sparse::Output& out) override { out.emit(input.integer(0)); }
};

/// Numbers from 1 on, each with itself as message id.
class Numbers final : public sparse::Spout {
  void open(sparse::Context& context) override { last_ = context.option<std::int64_t>("last", 20); }
  sparse::Next next(sparse::Output& out) override {
    std::int64_t number = 0;
    if (!again_.empty()) {
      number = again_.back();
      again_.pop_back();
    } else if (number_ == last_) {
      return sparse::Next::exhausted;
    } else {
      number = ++number_;
    }
    out.emit(sparse::MessageId{static_cast<std::uint64_t>(number)}, number);
    return sparse::Next::emitted;
  }
  void fail(sparse::MessageId id, std::string_view) override { again_.push_back(static_cast<std::int64_t>(id.value)); }
  std::int64_t number_ = 0, last_ = 0;
  std::vector<std::int64_t> again_;
};

}  // namespace

SPARSE_PLUGIN(registry) {
  registry.bolt<Crash>("Crash", {.outputs = {"number"}});
  registry.bolt<CrashOnce>("CrashOnce", {.outputs = {"number"}});
  registry.bolt<KeepOne>("KeepOne", {.outputs = {"number"}, .manual_ack = true});
  registry.bolt<Pass>("Pass", {.outputs = {"number"}});
  registry.spout<Numbers>("Numbers", {.outputs = {"number"}});
}
