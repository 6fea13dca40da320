// A table, with the more telling names first.
#include "worker/kafka/advice.h"

#include <utility>

namespace sparse::kafka {

std::string_view advice_for(std::string_view error) {
  constexpr std::pair<std::string_view, std::string_view> known[] = {
      {"_AUTHENTICATION", "check sasl.mechanism, sasl.username and sasl.password in `properties`"},
      {"security.protocol", "check security.protocol in `properties`"},
      {"_SSL", "check security.protocol and the ssl paths in `properties`"},
      {"_RESOLVE", "check the name in `brokers`"},
      {"refused", "check that `brokers` is right and that the broker runs"},
      {"_TRANSPORT", "check that `brokers` is right, that the broker runs, and security.protocol if it wants TLS or SASL"},
      {"_ALL_BROKERS_DOWN", "check that `brokers` is right and that they run"},
      {"AUTHORIZATION_FAILED", "ask for the right to it, or check sasl.username in `properties`"},
      {"UNKNOWN_TOPIC", "create it, or correct its name"},
      {"UNKNOWN_PARTITION", "add partitions to the topic, or write to one that it has"},
      {"MSG_SIZE_TOO_LARGE", "make max.message.bytes of the topic larger, or batch.size in `properties` or the message smaller"},
      {"COORDINATOR", "it comes back by itself when the brokers are well"},
      {"LEADER", "it comes back by itself when a broker takes over"},
      {"_TIMED_OUT",
       "check that the broker runs, and that the way to it is open"}};  // last: it may have one of the above as its cause
  for (const auto& [word, advice] : known)
    if (error.find(word) != error.npos) return advice;
  return {};
}

std::string with_advice(std::string text, std::string_view error) {
  if (const std::string_view advice = advice_for(error); !advice.empty()) text.append("; ").append(advice);
  return text;
}

std::string with_advice(std::string text) {
  const std::string_view advice = advice_for(text);
  return advice.empty() ? text : text.append("; ").append(advice);
}

}  // namespace sparse::kafka
