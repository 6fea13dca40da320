// The sparse SDK: all that a bolt or spout author includes. Read this header; the others hold the details.
//
//     class Split final : public sparse::Bolt {
//       void execute(const sparse::Tuple& line, sparse::Output& out) override {
//         for (std::string_view word : sparse::words(line.string(0))) out.emit(word);
//       }
//     };
//     SPARSE_PLUGIN(registry) { registry.bolt<Split>("Split", {.outputs = {"word"}}); }
//
// Calls on one instance never overlap and never nest. They may come from different threads over time, unless the component
// is registered as `pinned`.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <sparse/output.h>
#include <sparse/tuple.h>
#include <sparse/value.h>
#include <sparse/words.h>

namespace sparse {

enum class Level { trace, debug, info, warn, error };

/// What a task can know and ask for. Lives until `close` has returned; `post` may be called even later.
class Context {
 public:
  virtual ~Context() = default;
  virtual std::string_view topology() const = 0;
  virtual std::string_view component() const = 0;
  virtual TaskId task() const = 0;          ///< unique in the topology
  virtual std::uint32_t index() const = 0;  ///< 0 … parallelism - 1
  virtual std::uint32_t parallelism() const = 0;
  /// The component's `with:` as a map, and the configuration (Storm's keys) after the component's own has been merged over it.
  virtual const Value& options() const = 0;
  virtual const Value& config() const = 0;
  /// Monotonic nanoseconds; the test kit's clock in tests.
  virtual std::int64_t now() const = 0;
  virtual void log(Level level, std::string_view text) const = 0;
  /// Calls `timer` once, this much later. Thread rule: inside a call of this component.
  virtual void start_timer(std::chrono::nanoseconds delay) = 0;
  /// Runs `fn` on the task's loop, between two calls of the component. Any thread. False after close: `fn` will not run.
  virtual bool post(std::function<void(Output&)> fn) = 0;

  /// An option of `with:`, or `fallback` if it is not given. T: bool, std::int64_t, double, std::string.
  /// Throws TypeError if it has another type.
  template <class T>
  T option(std::string_view name, T fallback) const {
    const Value* value = options().find(name);
    if (!value || value->is_null()) return fallback;
    if constexpr (std::is_same_v<T, double>)
      if (auto* integer = value->as<std::int64_t>()) return static_cast<double>(*integer);
    if (auto* found = value->as<T>()) return *found;
    throw TypeError("option \"" + std::string(name) + "\" of component \"" + std::string(component()) + "\" must be of type " +
                    std::string(type_name(Value(T{}).type())) + ", found " + std::string(type_name(value->type())));
  }
  std::string option(std::string_view name, const char* fallback) const { return option<std::string>(name, fallback); }
};

/// Processes tuples. An exception thrown by `execute` fails that input with its text; by `open`, it stops the run.
class Bolt {
 public:
  virtual ~Bolt() = default;
  virtual void open(Context&) {}
  /// `input` is a view that ends with this call. Returning acks it, unless the component has `manual_ack`.
  virtual void execute(const Tuple& input, Output& out) = 0;
  virtual void tick(Output&) {}    ///< every `topology.tick.tuple.freq.secs`
  virtual void timer(Output&) {}   ///< after Context::start_timer
  virtual void finish(Output&) {}  ///< once, when all inputs have ended; what it emits is delivered
  virtual std::string save() { return {}; }
  virtual void restore(std::string_view) {}
  virtual void activate() {}
  virtual void deactivate() {}
  virtual void close() {}
};

/// What `Spout::next` did.
enum class Next {
  emitted,    ///< call again soon
  idle,       ///< nothing now: call again later (1 ms, doubling to 64 ms), or as Output::wake_after said
  exhausted,  ///< nothing more, ever, except what it may emit again after a `fail`
};

/// A source of tuples. `next` must not block. `ack` and `fail` come for each tracked message once, never during `next`.
class Spout {
 public:
  virtual ~Spout() = default;
  virtual void open(Context&) {}
  virtual Next next(Output& out) = 0;
  virtual void ack(MessageId) {}
  /// `reason` says why: what the bolt said, `timeout`, a lost worker. After it the spout may emit the message again: it is
  /// asked by `next`, even if it was exhausted.
  virtual void fail(MessageId, std::string_view /*reason*/) {}
  virtual void timer(Output&) {}
  virtual std::string save() { return {}; }
  virtual void restore(std::string_view) {}
  virtual void activate() {}
  virtual void deactivate() {}
  virtual void close() {}
};

inline void Output::call(detail::Hot& target, const Cell* cells, std::uint32_t count) {
  target.gate = detail::kBusy;
  --target.countdown;
  ++direct_calls_;
  const Tuple input(cells, count, task_, default_stream_, target.output);
  try {
    target.bolt->execute(input, *target.output);
  } catch (...) {
    engine_->threw(*target.output);
  }
  target.gate &= ~detail::kBusy;
}

}  // namespace sparse

#include <sparse/plugin.h>
