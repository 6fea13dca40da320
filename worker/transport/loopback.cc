#include "worker/transport/loopback.h"

#include <algorithm>

namespace sparse::worker {

class LoopbackNetwork::End final : public Transport {
 public:
  End(LoopbackNetwork& network, std::uint16_t worker) : network_(network), worker_(worker) {}
  FrameBytes allocate(std::uint16_t, std::size_t size) override {
    FrameBytes frame;
    frame.reserve(size);
    return frame;
  }
  void send(std::uint16_t peer, Lane, FrameBytes frame) override { network_.send(worker_, peer, std::move(frame)); }
  std::optional<FrameBytes> receive() override { return network_.receive(worker_); }

 private:
  LoopbackNetwork& network_;
  std::uint16_t worker_;
};

std::unique_ptr<Transport> LoopbackNetwork::make(std::uint16_t worker) {
  present_.insert(worker);
  return std::make_unique<End>(*this, worker);
}

void LoopbackNetwork::cut(std::uint16_t one, std::uint16_t other, bool is_cut) {
  for (const auto& way : {std::pair(one, other), std::pair(other, one)}) is_cut ? void(cut_.insert(way)) : void(cut_.erase(way));
}

std::optional<Nanoseconds> LoopbackNetwork::next_arrival() const {
  std::optional<Nanoseconds> at;
  for (const auto& [worker, frames] : under_way_)
    if (!frames.empty() && present_.contains(worker)) at = at ? std::min(*at, frames.begin()->first) : frames.begin()->first;
  return at;
}

std::optional<Nanoseconds> LoopbackNetwork::next_arrival(std::uint16_t worker) const {
  const auto found = under_way_.find(worker);
  if (found == under_way_.end() || found->second.empty() || !present_.contains(worker)) return std::nullopt;
  return found->second.begin()->first;
}

void LoopbackNetwork::send(std::uint16_t from, std::uint16_t to, FrameBytes frame) {
  if (cut_.contains({from, to}) || random_.chance(faults_.dropped_per_mille, 1000)) {
    ++dropped_;
    return;
  }
  const auto arrival = [&] {
    return clock_.now() + static_cast<Nanoseconds>(random_.below(static_cast<std::uint64_t>(faults_.delay_max) + 1));
  };
  if (random_.chance(faults_.doubled_per_mille, 1000)) under_way_[to].emplace(arrival(), frame);
  under_way_[to].emplace(arrival(), std::move(frame));
}

std::optional<FrameBytes> LoopbackNetwork::receive(std::uint16_t worker) {
  auto& frames = under_way_[worker];
  if (frames.empty() || frames.begin()->first > clock_.now()) return std::nullopt;
  FrameBytes frame = std::move(frames.begin()->second);
  frames.erase(frames.begin());
  return frame;
}

}  // namespace sparse::worker
