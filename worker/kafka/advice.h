// What a person can do about an error of a Kafka client. Pure.
#pragma once

#include <string>
#include <string_view>

namespace sparse::kafka {

/// By the name that librdkafka has for the error, which stands somewhere in the text (`_TRANSPORT`, …); empty if nothing is
/// known.
std::string_view advice_for(std::string_view error);
/// The text, and after it what can be done.
std::string with_advice(std::string text);

}  // namespace sparse::kafka
