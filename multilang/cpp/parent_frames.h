// The child's side of the batched framing, reading: frames of the parent. For children in C++.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "multilang/cpp/batch_protocol.h"
#include "multilang/cpp/marshal_reader.h"

namespace sparse::multilang {

struct ParentFrame {
  FrameKind kind;
  std::string payload;
};

/// Bytes to frames. Throws std::runtime_error on what is no frame: a child trusts its parent, and ends without it.
class ParentFrames {
 public:
  void add(std::string_view bytes) { buffer_ += bytes; }
  /// Empty: none is complete.
  std::optional<ParentFrame> next();

 private:
  std::string buffer_;
  std::size_t at_ = 0;
};

/// Where tuples come from.
struct TupleSource {
  std::string component;
  std::string stream;
  TaskId task = 0;
  std::uint32_t fields = 0;
};

/// A frame of tuples, one after the other. Throws like ParentFrames.
class ParentTuples {
 public:
  /// `payload` must outlive it.
  explicit ParentTuples(std::string_view payload);
  /// False: there is none left. Its cells are valid until the next call.
  bool next(const std::vector<TupleSource>& sources);
  std::int64_t id() const { return id_; }
  std::uint32_t source() const { return runs_[run_].source; }
  const Cell* cells() const { return cells_; }
  std::uint32_t count() const { return count_; }

 private:
  struct Run {
    std::uint32_t source;
    std::uint32_t left;
  };

  MarshalReader reader_;
  CellBuilder builder_;
  std::vector<Run> runs_;
  std::size_t run_ = 0;
  std::int64_t id_ = 0;
  const Cell* cells_ = nullptr;
  std::uint32_t count_ = 0;
};

/// The integers of a payload that is one integer, or a flat tuple or list of them. Throws like ParentFrames.
std::vector<std::int64_t> integers_of(std::string_view payload);
TupleSource source_of(std::string_view payload, std::size_t& number);

}  // namespace sparse::multilang
