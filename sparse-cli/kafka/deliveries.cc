#include "sparse-cli/kafka/deliveries.h"

#include <fmt/format.h>

#include <algorithm>

#include "sparse-cli/figures.h"

namespace sparse::cli {
namespace {

constexpr std::uint64_t kShownPerReason = 3;
constexpr std::size_t kMostReasons = 50;

/// Without the partition: the same happens to all of them.
std::string reason_of(std::string text) {
  constexpr std::string_view kPlace = ", partition ";
  const std::size_t at = text.find(kPlace);
  if (at == std::string::npos) return text;
  const std::size_t end = text.find_first_not_of("0123456789", at + kPlace.size());
  return text.erase(at, std::min(end, text.size()) - at);
}

}  // namespace

std::string remedy_for_delivery(std::string_view reason) {
  constexpr std::pair<std::string_view, std::string_view> remedies[] = {
      {"MSG_SIZE_TOO_LARGE",
       "Raise -X message.max.bytes=N here, and message.max.bytes at the broker or max.message.bytes of the topic"},
      {"_UNKNOWN_PARTITION", "The topic has fewer partitions: change -p"},
      {"_MSG_TIMED_OUT",
       "No broker took it in time: check that the leader of the partition runs, or raise -X message.timeout.ms=N"},
      {"_UNKNOWN_TOPIC", "Create the topic first"},
      {"AUTHORIZATION_FAILED", "Ask for the right to write to the topic, or check sasl.username"},
      {"_PURGE", "It was given up when sparse was stopped"}};
  for (const auto& [word, remedy] : remedies)
    if (reason.find(word) != std::string_view::npos) return std::string(remedy);
  return {};
}

void Deliveries::on_delivery(const kafka::Delivery& delivery) {
  if (delivery.failure) return on_refusal(number(delivery), *delivery.failure);
  ++delivered_;
  ++by_partition_[delivery.partition];
}

void Deliveries::on_refusal(std::uint64_t number, const kafka::Failure& failure) {
  ++failed_;
  const std::string reason = reason_of(failure.text);
  const bool room = reasons_.size() < kMostReasons || reasons_.contains(reason);
  const std::uint64_t times = ++reasons_[room ? reason : "other reasons"];
  if (times > kShownPerReason || !say_) return;
  const std::string remedy = times == 1 ? remedy_for_delivery(failure.text) : "";
  say_(fmt::format("{} {}: {}{}", noun_, number, failure.text, remedy.empty() ? "" : "\n  " + remedy));
}

std::string Deliveries::failures_text() const {
  if (failed_ == 0) return {};
  std::string text = fmt::format("{} failed: ", grouped(failed_));
  bool first = true;
  for (const auto& [reason, times] : reasons_) {
    if (!std::exchange(first, false)) text += "; ";
    text += reasons_.size() == 1 ? reason : fmt::format("{} {}", counted(times, "time"), reason);
  }
  return text;
}

}  // namespace sparse::cli
