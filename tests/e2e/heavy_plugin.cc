// A bolt that costs two microseconds a tuple.
#include <chrono>

#include <sparse/sdk.h>

namespace {

class Heavy final : public sparse::Bolt {
  void execute(const sparse::Tuple& input, sparse::Output& out) override {
    const auto until = std::chrono::steady_clock::now() + std::chrono::microseconds(2);
    while (std::chrono::steady_clock::now() < until) {
    }
    out.emit(input[0]);
  }
};

}  // namespace

SPARSE_PLUGIN(registry) { registry.bolt<Heavy>("Heavy", {.outputs = {"value"}}); }
