// Where components emit: Output, and the fast path of an emit, which is compiled into the plugin.
#pragma once

#include <concepts>
#include <optional>
#include <span>

#include <sparse/tuple.h>

namespace sparse {

class Bolt;

/// A spout's own number for what it emits; comes back in `ack` and `fail`. An emit without one is not tracked.
struct MessageId {
  std::uint64_t value = 0;
};

/// How to emit, where the default is not meant: `out.emit(Emit{.stream = "errors"}, line)`.
struct Emit {
  std::string_view stream = "default";
  std::optional<MessageId> id = std::nullopt;     ///< spouts: track the tree, and answer with this id
  TaskId task = kNoTask;                          ///< direct streams: the one task to send to
  std::span<const Retained* const> anchors = {};  ///< bolts: anchor to these besides the current input
  bool anchored = true;                           ///< false: not anchored to the current input
  std::vector<TaskId>* targets = nullptr;         ///< filled with the tasks it went to
};

namespace detail {

/// The part of a task that the fast path of an emit touches. `gate` is 0 exactly if the task may be called now.
struct Hot {
  Bolt* bolt = nullptr;
  Output* output = nullptr;
  std::uint32_t gate = 1;
  std::uint32_t countdown = 0;  ///< calls until the engine looks at the clock; counts the calls, too
};
inline constexpr std::uint32_t kBusy = 1;

/// Calls into the engine. One table for all tasks.
struct Engine {
  void (*emit)(Output&, const Emit*, const Cell*, std::uint32_t);
  void (*emit_tracked)(Output&, MessageId, const Cell*, std::uint32_t);
  void (*threw)(Output&);  ///< inside a catch block: the task of this output threw
  void (*fail_input)(Output&, std::string_view);
  void (*ack_tuple)(Output&, const Tuple&);
  void (*fail_tuple)(Output&, const Tuple&, std::string_view);
  std::unique_ptr<RetainedTuple> (*retain)(Output&, const Tuple&);
  std::string_view (*component_of)(const Output&, TaskId);
  std::string_view (*stream_of)(const Output&, TaskId, std::uint16_t);
  int (*field_of)(const Output&, TaskId, std::uint16_t, std::string_view);  ///< -1: no such field
  void (*wake_after)(Output&, std::int64_t);
};

}  // namespace detail

/// Where a task emits. Given to each call of a component; use it only inside that call.
///
/// What a bolt emits is anchored to its input. On every channel (a source task and a target task) tuples arrive in the order
/// of their emits. An emit may call the target before it returns, and never blocks.
class Output {
 public:
  Output(const Output&) = delete;
  Output& operator=(const Output&) = delete;

  /// Emits on the default stream. Values: text, integers, doubles, bool, nullptr, Bytes, Value, ValueView.
  template <class... V>
  void emit(const V&... values) {
    Cell cells[sizeof...(V) == 0 ? 1 : sizeof...(V)];
    [[maybe_unused]] Arena<V...> arena;
    put(arena, cells, values...);
    detail::Hot& target = *direct_;
    if (target.gate == 0 && target.countdown > 1 && default_fields_ == sizeof...(V) &&
        reinterpret_cast<std::uintptr_t>(__builtin_frame_address(0)) > *floor_) {
      call(target, cells, sizeof...(V));
    } else if (!is_heard_ && default_fields_ == sizeof...(V)) {
      ++unheard_;
    } else {
      engine_->emit(*this, nullptr, cells, sizeof...(V));
    }
  }

  /// A spout's tracked emit.
  template <class... V>
  void emit(MessageId id, const V&... values) {
    Cell cells[sizeof...(V) == 0 ? 1 : sizeof...(V)];
    [[maybe_unused]] Arena<V...> arena;
    put(arena, cells, values...);
    engine_->emit_tracked(*this, id, cells, sizeof...(V));
  }

  template <class... V>
  void emit(const Emit& how, const V&... values) {
    Cell cells[sizeof...(V) == 0 ? 1 : sizeof...(V)];
    [[maybe_unused]] Arena<V...> arena;
    put(arena, cells, values...);
    engine_->emit(*this, &how, cells, sizeof...(V));
  }

  /// The same with the values in cells, for code that does not know their number before it runs.
  void emit_cells(const Emit& how, const Cell* cells, std::uint32_t count) { engine_->emit(*this, &how, cells, count); }

  /// Fails the current input, like an exception, but hundreds of times cheaper.
  void fail(std::string_view reason) { engine_->fail_input(*this, reason); }

  /// Verdicts of a bolt with `manual_ack`, inside `execute`; later ones go through Retained.
  void ack(const Tuple& input) { engine_->ack_tuple(*this, input); }
  void fail(const Tuple& input, std::string_view reason) { engine_->fail_tuple(*this, input, reason); }

  /// For a spout that returns `idle` and knows when it will have something: call `next` again then.
  void wake_after(std::int64_t nanoseconds) { engine_->wake_after(*this, nanoseconds); }

  const detail::Engine& engine() const { return *engine_; }

 protected:
  Output() = default;
  ~Output() = default;

  detail::Hot* direct_ = nullptr;           ///< the only target of the default stream, or a gate that is never open
  const std::uintptr_t* floor_ = nullptr;   ///< direct calls only above this stack address; raised when the step has to end
  const detail::Engine* engine_ = nullptr;  //
  std::uint64_t direct_calls_ = 0;          ///< emits that took the fast path
  std::uint64_t unheard_ = 0;               ///< emits to a default stream that nobody subscribes to
  bool is_heard_ = true;                    ///< somebody subscribes to the default stream, or it is not a bolt's
  TaskId task_ = 0;
  std::uint16_t default_fields_ = 0;  ///< fields of the default stream
  std::uint16_t default_stream_ = 0;

 private:
  struct NoArena {};
  template <class... V>
  using Arena = std::conditional_t<(std::is_same_v<V, Value> || ...), CellArena, NoArena>;

  void call(detail::Hot& target, const Cell* cells, std::uint32_t count);

  template <class A>
  static void put(A&, Cell*) {}
  template <class A, class First, class... Rest>
  static void put(A& arena, Cell* cells, const First& first, const Rest&... rest) {
    set(arena, *cells, first);
    put(arena, cells + 1, rest...);
  }
  template <class A, class T>
  static void set(A& arena, Cell& cell, const T& value) {
    if constexpr (std::is_same_v<T, Value>) {
      arena.set(cell, value);
    } else if constexpr (std::is_same_v<T, ValueView>) {
      set_view(cell, value);
    } else if constexpr (std::is_same_v<T, std::nullptr_t>) {
      cell.set_null();
    } else if constexpr (std::is_same_v<T, bool> || std::is_same_v<T, Bytes>) {
      cell.set(value);
    } else if constexpr (std::integral<T>) {
      cell.set(static_cast<std::int64_t>(value));
    } else if constexpr (std::floating_point<T>) {
      cell.set(static_cast<double>(value));
    } else {
      cell.set(std::string_view(value));
    }
  }
  static void set_view(Cell& cell, ValueView view) {
    switch (view.type()) {
      case Type::null: cell.set_null(); break;
      case Type::boolean: cell.set(view.boolean()); break;
      case Type::integer: cell.set(view.integer()); break;
      case Type::real: cell.set(view.real()); break;
      case Type::string: cell.set(view.string()); break;
      case Type::bytes: cell.set(Bytes{view.bytes()}); break;
      case Type::list: cell.set_list(reinterpret_cast<const Cell*>(view.cell().target()), view.cell().size()); break;
      case Type::map: cell.set_map(reinterpret_cast<const Cell*>(view.cell().target()), view.cell().size()); break;
    }
  }
};

inline ValueView Tuple::operator[](std::string_view field) const {
  const int index = receiver_->engine().field_of(*receiver_, source_, stream_, field);
  if (index < 0)
    throw TypeError("stream " + std::string(source_component()) + "/" + std::string(stream()) + " has no field \"" +
                    std::string(field) + "\"");
  return (*this)[static_cast<std::size_t>(index)];
}
inline std::string_view Tuple::source_component() const { return receiver_->engine().component_of(*receiver_, source_); }
inline std::string_view Tuple::stream() const { return receiver_->engine().stream_of(*receiver_, source_, stream_); }
inline Retained Tuple::retain() const { return Retained(receiver_->engine().retain(*receiver_, *this)); }

}  // namespace sparse
