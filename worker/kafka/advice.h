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
/// The same, where the text says more than the error: names of topics must not be taken for what went wrong.
std::string with_advice(std::string text, std::string_view error);

}  // namespace sparse::kafka
