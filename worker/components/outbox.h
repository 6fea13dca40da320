// What waits to be written to a child: answers go ahead of tuples, and no message is torn.
#pragma once

#include <array>
#include <cstddef>
#include <deque>
#include <span>
#include <string>

#include <sys/uio.h>

namespace sparse::worker {

/// Pure: it never writes by itself.
class Outbox {
 public:
  /// Append one whole message to one of these, then call the function beside it.
  std::string& urgent() { return urgent_; }  ///< task ids, heartbeats
  std::string& bulk() { return bulk_; }      ///< tuples, commands
  /// Nothing was appended since the last call: that is fine.
  void bulk_message_done() {
    const std::size_t end = dropped_ + bulk_.size();
    if (end != last_end_) ends_.push_back(end);
    last_end_ = end;
  }

  bool empty() const { return bytes() == 0; }
  std::size_t bytes() const { return torn_.size() - torn_at_ + urgent_.size() + bulk_.size() - bulk_at_; }
  /// Whole messages of bulk() that are not under way yet.
  std::size_t bulk_messages() const { return ends_.size(); }
  std::size_t bulk_bytes() const { return bulk_.size() - bulk_at_; }

  /// What to write, in order, as one writev. Without `with_bulk`: nothing new of it.
  std::span<const iovec> parts(bool with_bulk = true);
  void wrote(std::size_t bytes);
  void clear();

 private:
  void compact();

  std::string torn_;  ///< the rest of a message that was written in part: nothing may go before it
  std::size_t torn_at_ = 0;
  std::string urgent_;
  std::string bulk_;
  std::size_t bulk_at_ = 0;
  std::size_t dropped_ = 0;  ///< bytes cut from the front of bulk_ so far; ends_ count from the very beginning
  std::size_t last_end_ = 0;
  std::deque<std::size_t> ends_;  ///< of the messages in bulk_
  std::array<iovec, 3> parts_{};
};

}  // namespace sparse::worker
