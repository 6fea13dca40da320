// Stand-ins for the two components that Storm's examples are tried with: TestWordSpout and TestWordCounter.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>

#include "worker/components/component.h"

namespace sparse::worker {

/// A random word of a short list about every 100 ms, field `word`; untracked, as Storm's.
class TestWordSpout final : public ExternalSpout {
 public:
  void attach(TaskHost& host) override { host_ = &host; }
  void open(Context& context) override { context_ = &context; }
  Next next(Output& out) override;
  void ready(int, std::uint32_t, Output&) override {}

 private:
  TaskHost* host_ = nullptr;
  Context* context_ = nullptr;
  Nanoseconds due_ = 0;
};

/// Emits each word with how often it has come so far.
class TestWordCounter final : public Bolt {
 public:
  void execute(const Tuple& input, Output& out) override;

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
  };
  std::unordered_map<std::string, std::int64_t, Hash, std::equal_to<>> counts_;
};

}  // namespace sparse::worker
