// Records of a child's batch to messages.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "multilang/cpp/marshal_reader.h"
#include "multilang/cpp/message.h"

namespace sparse::multilang {

/// One batch after the other; the tuple under way outlasts them.
class BatchRecords {
 public:
  /// False: it is no list of records.
  bool start(std::string_view payload);
  bool at_end() const { return left_ == 0 && !in_columns_; }
  /// The next message. What it shows is valid until the next call, and as long as the payload. Empty: none was left, or the batch
  /// is broken, as `broken` says.
  std::optional<ChildMessage> next();
  const std::string& broken() const { return broken_; }

 private:
  std::optional<ChildMessage> tuple_record();
  std::optional<ChildMessage> start_columns(const Cell* fields);
  std::optional<ChildMessage> column();
  std::uint32_t read_rows();
  void end_tuple();
  std::optional<ChildMessage> lose(std::string why);
  ChildMessage coded(const Cell* fields, std::uint32_t count);
  ChildMessage emit(const Cell* fields, std::uint32_t count);
  ChildMessage plain_emit(const Cell* cells, std::uint32_t count);
  ChildMessage odd(std::string what);

  MarshalReader reader_;
  CellBuilder cells_;
  std::uint32_t left_ = 0;
  std::optional<std::int64_t> current_;  ///< the tuple under way

  // Columns under way.
  std::string_view emits_;        ///< how many values each tuple that is left has emitted, two bytes each
  std::uint32_t tuple_left_ = 0;  ///< values of the first of them
  std::uint32_t fields_ = 1;      ///< values of one emit
  bool in_columns_ = false;
  bool in_tuple_ = false;  ///< tuple_left_ is known
  std::unique_ptr<Cell[]> row_cells_;
  std::vector<std::int64_t> anchors_;
  std::string rejected_;
  std::string odd_;
  std::string broken_;
};

}  // namespace sparse::multilang
