// What a bolt reads: Tuple, a view that ends with `execute`, and Retained, an owning copy that may outlive it.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include <sparse/value.h>

namespace sparse {

class Output;
class Retained;

/// The number of a task in its topology; numbers are appended, never reused. Storm's task id.
using TaskId = std::uint32_t;
inline constexpr TaskId kNoTask = 0xffffffffu;

/// The input of `execute`. A view: it and everything read from it end when `execute` returns; `retain()` makes a copy that
/// does not. Reading a field as another type than it has, or one that does not exist, throws TypeError.
class Tuple {
 public:
  Tuple(const Cell* cells, std::uint32_t size, TaskId source, std::uint16_t stream, Output* receiver)
      : cells_(cells), size_(size), source_(source), stream_(stream), receiver_(receiver) {}
  Tuple(const Tuple&) = delete;
  Tuple& operator=(const Tuple&) = delete;

  std::size_t size() const { return size_; }
  ValueView operator[](std::size_t field) const { return ValueView(cell(field)); }
  /// By field name, as the source declared it. Slower than by position: it compares names.
  ValueView operator[](std::string_view field) const;

  bool boolean(std::size_t field) const { return (*this)[field].boolean(); }
  std::int64_t integer(std::size_t field) const { return (*this)[field].integer(); }
  double real(std::size_t field) const { return (*this)[field].real(); }
  std::string_view string(std::size_t field) const { return (*this)[field].string(); }
  std::string_view bytes(std::size_t field) const { return (*this)[field].bytes(); }

  /// The task, component and stream that emitted it.
  TaskId source_task() const { return source_; }
  std::string_view source_component() const;
  std::string_view stream() const;

  /// An owning copy with a verdict of its own; see Retained.
  Retained retain() const;

  const Cell* cells() const { return cells_; }
  std::uint16_t stream_number() const { return stream_; }
  Output* receiver() const { return receiver_; }

 private:
  const Cell& cell(std::size_t field) const {
    if (field >= size_) no_such_field(field);
    return cells_[field];
  }
  [[noreturn]] void no_such_field(std::size_t field) const {
    throw TypeError("tuple has no field " + std::to_string(field) + ": it has " + std::to_string(size_));
  }

  const Cell* cells_;
  std::uint32_t size_;
  TaskId source_;
  std::uint16_t stream_;
  Output* receiver_;
};

namespace detail {
/// Implemented by the engine.
class RetainedTuple {
 public:
  virtual ~RetainedTuple() = default;  ///< without a verdict before: fails the tuple, and says so
  virtual const Tuple& tuple() const = 0;
  virtual void ack() = 0;
  virtual void fail(std::string_view reason) = 0;
};
}  // namespace detail

/// An owning copy of a tuple: joins, buffers and asynchronous calls keep these. Its tree stays open until `ack` or `fail`,
/// which any thread may call, once; a second verdict is counted and ignored. Destroyed without a verdict, it fails its tree.
/// `Emit::anchors` anchors what is emitted later.
class Retained {
 public:
  Retained() = default;
  explicit Retained(std::unique_ptr<detail::RetainedTuple> tuple) : tuple_(std::move(tuple)) {}

  explicit operator bool() const { return tuple_ != nullptr; }
  const Tuple& tuple() const { return tuple_->tuple(); }
  const Tuple* operator->() const { return &tuple_->tuple(); }
  void ack() { tuple_->ack(); }
  void fail(std::string_view reason) { tuple_->fail(reason); }
  detail::RetainedTuple* get() const { return tuple_.get(); }

 private:
  std::unique_ptr<detail::RetainedTuple> tuple_;
};

}  // namespace sparse
