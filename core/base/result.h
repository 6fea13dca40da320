// Result: a value or the reason why there is none. Member names follow std::expected, which C++20 lacks.
#pragma once

#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace sparse {

/// What was wrong, and what to do about it, in one or more readable sentences.
struct Error {
  std::string message;
  std::string about = {};          ///< the option that it is about, as in `properties.acks`, for those who know where that stands
  std::vector<Error> others = {};  ///< what else was wrong, for those who show all of it
};

template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::move(value)) {}
  Result(Error error) : state_(std::move(error)) {}

  bool has_value() const { return state_.index() == 0; }
  explicit operator bool() const { return has_value(); }
  T& value() { return std::get<0>(state_); }
  const T& value() const { return std::get<0>(state_); }
  T& operator*() { return value(); }
  const T& operator*() const { return value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }
  const Error& error() const { return std::get<1>(state_); }

 private:
  std::variant<T, Error> state_;
};

}  // namespace sparse
