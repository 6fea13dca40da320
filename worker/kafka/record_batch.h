// Records that wait to be handed to a producer together, with their own copies of what they hold.
#pragma once

#include <cstring>
#include <memory>
#include <memory_resource>
#include <span>
#include <string_view>
#include <vector>

#include "worker/kafka/producer.h"

namespace sparse::kafka {

/// Thread-compatible. Memory of the size of a usual batch is used again and again.
class RecordBatch {
 public:
  bool empty() const { return records_.size() == first_; }
  std::size_t size() const { return records_.size() - first_; }
  /// Of all that was added since the batch was empty last.
  std::size_t bytes() const { return bytes_; }

  void add(const Record& record) {
    const bool same_topic = !records_.empty() && records_.back().topic == record.topic;
    const std::string_view topic = same_topic ? records_.back().topic : kept(record.topic);
    Record& copy = records_.emplace_back(record);
    copy.topic = topic;
    if (record.key) copy.key = kept(*record.key);
    if (record.value) copy.value = kept(*record.value);
    copy.headers = kept(record.headers);
  }
  /// In their order. Until something is added or taken.
  std::span<Record> waiting() { return std::span(records_).subspan(first_); }
  /// So many from the front are gone.
  void taken(std::size_t count) {
    first_ += count;
    if (!empty()) return;
    records_.clear();
    first_ = bytes_ = 0;
    memory_.release();
  }

 private:
  static constexpr std::size_t kRoom = 64u << 10;

  std::string_view kept(std::string_view text) {
    bytes_ += text.size();
    if (text.empty()) return "";
    char* const copy = static_cast<char*>(memory_.allocate(text.size(), 1));
    std::memcpy(copy, text.data(), text.size());  // std::ranges::copy goes byte by byte at -O2
    return {copy, text.size()};
  }
  std::span<const Header> kept(std::span<const Header> headers) {
    if (headers.empty()) return {};
    auto* const copies = static_cast<Header*>(memory_.allocate(headers.size_bytes(), alignof(Header)));
    for (std::size_t i = 0; i < headers.size(); ++i) {
      Header* const copy = new (copies + i) Header{kept(headers[i].name), headers[i].value};
      if (copy->value) copy->value = kept(*copy->value);
    }
    return {copies, headers.size()};
  }

  std::unique_ptr<std::byte[]> room_ = std::make_unique<std::byte[]>(kRoom);
  std::pmr::monotonic_buffer_resource memory_{room_.get(), kRoom};
  std::vector<Record> records_;
  std::size_t first_ = 0;
  std::size_t bytes_ = 0;
};

}  // namespace sparse::kafka
