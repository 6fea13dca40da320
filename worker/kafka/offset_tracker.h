// Which offset of a partition may be committed: everything below it is done. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>

namespace sparse::kafka {

/// Offsets are emitted in ascending order, with gaps where the log has them, and are done in any order. Each emit has a sequence
/// number, which goes on across `restart`, so that what is said of a former life is recognised.
class OffsetTracker {
 public:
  /// The next offset to be read is this one; what is open is forgotten.
  void restart(std::int64_t next) {
    base_ += open_.size();
    open_.clear();
    asked_.clear();
    committed_ = base_;
    next_ = next;
  }

  std::uint64_t emitted(std::int64_t offset) {
    open_.push_back({offset, false});
    next_ = offset + 1;
    return base_ + open_.size() - 1;
  }
  /// Nothing that is read later comes before this offset.
  void passed(std::int64_t next) {
    if (next > next_) next_ = next;
  }

  /// True if this was open. `released`: so many of the lowest numbers are of no more use.
  bool done(std::uint64_t sequence, std::size_t& released) {
    released = 0;
    if (!is_open(sequence)) return false;
    open_[sequence - base_].done = true;
    for (; !open_.empty() && open_.front().done; ++released) open_.pop_front();
    base_ += released;
    return true;
  }

  bool is_open(std::uint64_t sequence) const {
    return sequence >= base_ && sequence - base_ < open_.size() && !open_[sequence - base_].done;
  }
  std::int64_t offset_of(std::uint64_t sequence) const { return open_[sequence - base_].offset; }
  std::uint64_t base() const { return base_; }

  /// The group is asked to keep the committable offset.
  void asked() { asked_.push_back({committable(), base_}); }
  /// It keeps this one.
  void committed(std::int64_t offset) {
    for (; !asked_.empty() && asked_.front().offset <= offset; asked_.pop_front()) committed_ = asked_.front().base;
  }

  /// The lowest offset that is not done; the next to be read if all are.
  std::int64_t committable() const { return open_.empty() ? next_ : open_.front().offset; }
  std::int64_t next() const { return next_; }
  /// Offsets that were emitted at or after the committable one.
  std::size_t held() const { return open_.size(); }
  /// Those, and what is done and not known to be committed: what would be read again after a crash.
  std::size_t uncommitted() const { return base_ - committed_ + open_.size(); }

 private:
  struct Entry {
    std::int64_t offset;
    bool done;
  };
  struct Asked {
    std::int64_t offset;
    std::uint64_t base;  ///< when it was asked for
  };
  std::deque<Entry> open_;
  std::deque<Asked> asked_;  ///< and not answered
  std::uint64_t base_ = 0, committed_ = 0;
  std::int64_t next_ = 0;
};

}  // namespace sparse::kafka
