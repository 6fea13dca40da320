// What became of the messages that a verb sends: counted by partition, failures by reason.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "worker/kafka/producer.h"

namespace sparse::cli {

class Deliveries {
 public:
  /// `noun` is what the messages come from, as in `line`; `say` gets the first failures of each reason.
  Deliveries(std::string noun, std::function<void(std::string_view)> say) : noun_(std::move(noun)), say_(std::move(say)) {}

  /// A message's number travels with it as what its record is about.
  static void* about(std::uint64_t number) { return reinterpret_cast<void*>(static_cast<std::uintptr_t>(number)); }
  static std::uint64_t number(const kafka::Delivery& delivery) { return reinterpret_cast<std::uintptr_t>(delivery.about); }

  void on_delivery(const kafka::Delivery& delivery);
  /// It was not even taken.
  void on_refusal(std::uint64_t number, const kafka::Failure& failure);

  std::uint64_t delivered() const { return delivered_; }
  std::uint64_t failed() const { return failed_; }
  const std::map<std::int32_t, std::uint64_t>& by_partition() const { return by_partition_; }
  /// `3 failed: 2 times not delivered …; 1 time …`; empty if none did.
  std::string failures_text() const;

 private:
  std::string noun_;
  std::function<void(std::string_view)> say_;
  std::uint64_t delivered_ = 0, failed_ = 0;
  std::map<std::int32_t, std::uint64_t> by_partition_;
  std::map<std::string, std::uint64_t> reasons_;
};

/// What to do about a broker's reason; empty if nothing is known. Pure.
std::string remedy_for_delivery(std::string_view reason);

}  // namespace sparse::cli
