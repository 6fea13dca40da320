// Built-in bolts without state or files: `log` and `discard`.
#pragma once

#include <string>

#include <sparse/sdk.h>

namespace sparse::worker {

/// Writes the values of each tuple to the log, at INFO. Storm's LogInfoBolt.
class LogBolt final : public Bolt {
 public:
  void open(Context& context) override { context_ = &context; }
  void execute(const Tuple& input, Output& out) override;

 private:
  Context* context_ = nullptr;
  std::string line_;
};

/// Acks each tuple, and forgets it.
class DiscardBolt final : public Bolt {
 public:
  void execute(const Tuple&, Output&) override {}
};

}  // namespace sparse::worker
