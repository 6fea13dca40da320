// Bolts that cost two microseconds of work, and three milliseconds of waiting, a tuple.
#include <chrono>
#include <thread>

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

class Sleepy final : public sparse::Bolt {
  void execute(const sparse::Tuple&, sparse::Output&) override { std::this_thread::sleep_for(std::chrono::milliseconds(3)); }
};

}  // namespace

SPARSE_PLUGIN(registry) {
  registry.bolt<Heavy>("Heavy", {.outputs = {"value"}});
  registry.bolt<Sleepy>("Sleepy", {});
}
