// The names among which a message looks for the one that was meant.
#pragma once

#include <functional>
#include <iterator>
#include <string>
#include <vector>

namespace sparse {

/// The names of all elements of a range, in its order. `name` is a member or a function of an element.
template <class Range, class Name>
std::vector<std::string> collect_names(const Range& range, Name name) {
  std::vector<std::string> names;
  names.reserve(std::size(range));
  for (const auto& element : range) names.emplace_back(std::invoke(name, element));
  return names;
}

}  // namespace sparse
