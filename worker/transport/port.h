// The port: the one place of a worker that talks to other workers. Never runs user code.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "worker/execution/link.h"
#include "worker/execution/loop.h"
#include "worker/transport/frame.h"
#include "worker/transport/lane.h"

namespace sparse::worker {

/// Packs the loops' batches into frames, and hands what comes to the loops. Knows for each peer which of its lives it talks to:
/// frames of former lives, and frames meant for a former life of this worker, are refused; a new life of a peer is told to the
/// loops, which fail the trees that had reached the old one. Lives on the port's thread (in manual mode: on the only one).
class Port {
 public:
  Port(WorkerShared& shared, Transport& transport);
  ~Port();

  Link& link_from(std::uint32_t loop, std::uint16_t worker) { return *from_loops_[loop * workers() + worker]; }
  Link& link_to(std::uint32_t loop) { return *to_loops_[loop]; }

  /// One round; false if there was nothing to do.
  bool step();
  std::optional<Nanoseconds> deadline() const;
  /// Everything that was sent has been confirmed.
  bool idle() const;
  /// Manual mode, when nothing is under way: what its batches hold, once it has taken back those that have been returned.
  std::uint64_t free_bytes();
  /// Somebody who knows says that this worker is gone.
  void peer_lost(std::uint16_t worker);

 private:
  struct Peer {
    std::uint32_t attempt = 0;  ///< 0: never heard of
    LaneSender senders[kLanes];
    LaneReceiver receivers[kLanes];
    bool owes_confirm[kLanes] = {};
    bool gap_reported[kLanes] = {};
    bool lost = false;  ///< so somebody has said; until a new life is heard of
    bool is_known() const { return attempt != 0 && !lost; }
  };

  std::uint16_t workers() const { return shared_.plan.placement.workers; }
  static constexpr Nanoseconds kGreetEvery = 100 * kMillisecond;
  void greet();
  bool receive_all();
  void receive(const Frame& frame);
  bool know_life(const FrameHeader& header);
  void refuse(std::uint16_t peer, const std::string& why);
  void take_data(std::uint16_t peer, const Frame& frame);
  void take_control(std::uint16_t peer, const Frame& frame);
  void drop_waiting(std::uint16_t peer);
  void tell_loops(std::uint16_t peer, std::uint32_t attempt, std::uint32_t before);
  bool send_all();
  void send_batch(std::uint16_t peer, Lane lane, const Batch& batch);
  void send_answer(std::uint16_t peer, Lane lane, FrameKind kind);
  bool resend();
  void append(BatchPtr& batch, Lane lane, std::uint32_t loop, const char* record, std::size_t size);
  void flush();
  FrameHeader header_for(std::uint16_t peer, Lane lane) const;

  WorkerShared& shared_;
  Transport& transport_;
  Nanoseconds now_ = 0, greet_at_ = 0;
  BatchPool pool_;
  std::vector<Peer> peers_;
  std::vector<std::unique_ptr<Link>> from_loops_, to_loops_;
  std::uint64_t refused_logged_ = 0;
};

}  // namespace sparse::worker
