// A word a moment, and how often it came.
#include "worker/components/test_words.h"

#include <iterator>

namespace sparse::worker {
namespace {

constexpr std::string_view kWords[] = {"amber", "birch", "cedar", "delta", "ember"};
constexpr Nanoseconds kPause = 100 * kMillisecond;

}  // namespace

Next TestWordSpout::next(Output& out) {
  const Nanoseconds now = context_->now();
  if (now < due_) {
    out.wake_after(due_ - now);
    return Next::idle;
  }
  due_ = now + kPause;
  out.emit(kWords[host_->random().below(std::size(kWords))]);
  return Next::emitted;
}

void TestWordCounter::execute(const Tuple& input, Output& out) {
  const std::string_view word = input.string(0);
  auto found = counts_.find(word);
  if (found == counts_.end()) found = counts_.emplace(word, 0).first;
  out.emit(word, ++found->second);
}

}  // namespace sparse::worker
