// What waits to be written to a child: answers go ahead of tuples, and no message is torn.
#include "worker/components/outbox.h"

#include <algorithm>

namespace sparse::worker {

std::span<const iovec> Outbox::parts(bool with_bulk) {
  std::size_t count = 0;
  const auto add = [&](std::string& text, std::size_t from) {
    if (text.size() > from) parts_[count++] = {text.data() + from, text.size() - from};
  };
  add(torn_, torn_at_);
  add(urgent_, 0);
  if (with_bulk) add(bulk_, bulk_at_);
  return {parts_.data(), count};
}

void Outbox::wrote(std::size_t bytes) {
  const std::size_t torn = std::min(bytes, torn_.size() - torn_at_);
  torn_at_ += torn;
  bytes -= torn;
  if (torn_at_ < torn_.size()) return;
  torn_.clear();
  torn_at_ = 0;
  const std::size_t urgent = std::min(bytes, urgent_.size());
  bytes -= urgent;
  if (urgent < urgent_.size()) {
    if (urgent == 0) return;
    torn_.assign(urgent_, urgent);
    urgent_.clear();
    return;
  }
  urgent_.clear();
  if (bytes == 0) return;
  bulk_at_ += bytes;
  const std::size_t written = dropped_ + bulk_at_;
  while (!ends_.empty() && ends_.front() <= written) {
    // An end exactly here: the next message has not been touched.
    if (ends_.front() == written) {
      ends_.pop_front();
      return compact();
    }
    ends_.pop_front();
  }
  if (!ends_.empty()) {
    const std::size_t end = ends_.front() - dropped_;
    torn_.assign(bulk_, bulk_at_, end - bulk_at_);
    bulk_at_ = end;
    ends_.pop_front();
  }
  compact();
}

void Outbox::compact() {
  if (bulk_at_ == bulk_.size()) {
    dropped_ += bulk_.size();
    bulk_.clear();
    bulk_at_ = 0;
  } else if (bulk_at_ > bulk_.size() / 2) {
    dropped_ += bulk_at_;
    bulk_.erase(0, bulk_at_);
    bulk_at_ = 0;
  }
}

void Outbox::clear() { *this = Outbox(); }

}  // namespace sparse::worker
