// Components that die, each in its own way: what the reports about them are tested with.
#include <csignal>
#include <cstdlib>
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

/// Passes on what it gets.
class Pass final : public sparse::Bolt {
  void execute(const sparse::Tuple& input, sparse::Output& out) override { out.emit(input.integer(0)); }
};

/// Numbers from 1 on, each with itself as message id.
class Numbers final : public sparse::Spout {
  void open(sparse::Context& context) override { last_ = context.option<std::int64_t>("last", 20); }
  sparse::Next next(sparse::Output& out) override {
    if (number_ == last_) return sparse::Next::exhausted;
    ++number_;
    out.emit(sparse::MessageId{static_cast<std::uint64_t>(number_)}, number_);
    return sparse::Next::emitted;
  }
  std::int64_t number_ = 0, last_ = 0;
};

}  // namespace

SPARSE_PLUGIN(registry) {
  registry.bolt<Crash>("Crash", {.outputs = {"number"}});
  registry.bolt<Pass>("Pass", {.outputs = {"number"}});
  registry.spout<Numbers>("Numbers", {.outputs = {"number"}});
}
