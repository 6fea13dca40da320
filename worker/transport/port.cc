#include "worker/transport/port.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "worker/batch/control.h"

namespace sparse::worker {

Port::Port(WorkerShared& shared, Transport& transport)
    : shared_(shared), transport_(transport), pool_(shared.loop_count(), shared.batch_bytes), peers_(workers()) {
  for (std::uint32_t i = 0; i < shared.loop_count() * workers(); ++i) from_loops_.push_back(std::make_unique<Link>());
  for (std::uint32_t i = 0; i < shared.loop_count(); ++i) to_loops_.push_back(std::make_unique<Link>());
}

Port::~Port() = default;

bool Port::step() {
  now_ = shared_.options.clock->now();
  bool any = receive_all();
  flush();
  any |= send_all();
  any |= resend();
  greet();
  for (std::uint16_t peer = 0; peer < workers(); ++peer)
    for (const Lane lane : {Lane::data, Lane::control})
      if (peers_[peer].owes_confirm[static_cast<int>(lane)]) send_answer(peer, lane, FrameKind::confirm);
  return any;
}

std::optional<Nanoseconds> Port::deadline() const {
  std::optional<Nanoseconds> at;
  for (const Peer& peer : peers_)
    for (const LaneSender& sender : peer.senders)
      if (!sender.idle()) at = at ? std::min(*at, sender.resend_at()) : sender.resend_at();
  for (std::uint16_t peer = 0; peer < workers(); ++peer)
    if (peer != shared_.options.index && !peers_[peer].is_known()) at = at ? std::min(*at, greet_at_) : greet_at_;
  return at;
}

bool Port::idle() const {
  for (const Peer& peer : peers_)
    for (const LaneSender& sender : peer.senders)
      if (!sender.idle()) return false;
  return std::none_of(from_loops_.begin(), from_loops_.end(), [](const auto& link) { return link->has_input(); });
}

std::uint64_t Port::free_bytes() {
  for (const auto& link : to_loops_)
    while (BatchPtr returned = link->pop_returned()) pool_.give(std::move(returned));
  return pool_.free_bytes();
}

/// Records are sent only to a life of the peer that is known: until it has answered, it is asked.
void Port::greet() {
  if (now_ < greet_at_) return;
  greet_at_ = now_ + kGreetEvery;
  for (std::uint16_t peer = 0; peer < workers(); ++peer)
    if (peer != shared_.options.index && !peers_[peer].is_known()) send_answer(peer, Lane::control, FrameKind::confirm);
}

bool Port::receive_all() {
  bool any = false;
  while (auto bytes = transport_.receive()) {
    any = true;
    const auto decoded = decode_frame(*bytes);
    if (const auto* wrong = std::get_if<std::string>(&decoded))
      refuse(workers(), *wrong);
    else
      receive(std::get<Frame>(decoded));
  }
  return any;
}

void Port::refuse(std::uint16_t peer, const std::string& why) {
  shared_.frames_refused.fetch_add(1);
  if (++refused_logged_ > 20) return;
  shared_.options.log->warn("refused " + why + (peer < workers() ? " from worker " + std::to_string(peer) : std::string()));
}

void Port::receive(const Frame& frame) {
  const FrameHeader& header = frame.header;
  if (header.source >= workers() || header.source == shared_.options.index || header.target != shared_.options.index)
    return refuse(workers(),
                  "a frame from worker " + std::to_string(header.source) + " to worker " + std::to_string(header.target));
  if (!know_life(header)) return;
  Peer& peer = peers_[header.source];
  const int lane = static_cast<int>(header.lane);
  peer.senders[lane].confirmed(header.confirmed, now_);
  if (header.kind == FrameKind::gap) peer.senders[lane].gap(now_);
  if (header.kind != FrameKind::records) return;
  switch (peer.receivers[lane].arrived(header.sequence)) {
    case LaneReceiver::Arrival::next:
      peer.owes_confirm[lane] = true;
      peer.gap_reported[lane] = false;
      header.lane == Lane::data ? take_data(header.source, frame) : take_control(header.source, frame);
      break;
    case LaneReceiver::Arrival::duplicate: peer.owes_confirm[lane] = true; break;
    case LaneReceiver::Arrival::gap:
      if (!std::exchange(peer.gap_reported[lane], true)) {
        const std::uint64_t missing = header.sequence - peer.receivers[lane].confirmed() - 1;
        shared_.frames_lost.fetch_add(missing);
      }
      send_answer(header.source, header.lane, FrameKind::gap);
      break;
  }
}

/// False: the frame is of a former life of its sender, or for a former life of this worker.
bool Port::know_life(const FrameHeader& header) {
  Peer& peer = peers_[header.source];
  if (header.attempt < peer.attempt) {
    refuse(header.source, "a frame of attempt " + std::to_string(header.attempt) + ", while attempt " +
                              std::to_string(peer.attempt) + " lives,");
    return false;
  }
  if (header.attempt > peer.attempt) {
    const std::uint32_t before = std::exchange(peer.attempt, header.attempt);
    peer.lost = false;
    if (before != 0) {
      for (int lane = 0; lane < kLanes; ++lane) {
        peer.senders[lane].reset();
        peer.receivers[lane].reset();
        peer.gap_reported[lane] = false;
      }
      drop_waiting(header.source);
    }
    tell_loops(header.source, header.attempt, before);
    send_answer(header.source, Lane::control, FrameKind::confirm);  // it may not know this life yet
  }
  if (header.receiver_attempt == shared_.options.attempt) return true;
  // A greeting, or meant for a former life: it is told which one lives now.
  if (header.receiver_attempt != 0) shared_.frames_refused.fetch_add(1);
  send_answer(header.source, header.lane, FrameKind::confirm);
  return false;
}

/// Tuples that were meant for a former life of the peer are lost with it: their trees fail, and their credit is forgotten.
void Port::drop_waiting(std::uint16_t peer) {
  for (std::uint32_t loop = 0; loop < shared_.loop_count(); ++loop) {
    Link& link = link_from(loop, peer);
    while (BatchPtr batch = link.pop_data())
      if (!link.give_back(batch)) pool_.release(std::move(batch));
  }
}

void Port::peer_lost(std::uint16_t worker) {
  if (worker >= workers() || peers_[worker].attempt == 0) return;
  tell_loops(worker, 0, peers_[worker].attempt);
  for (LaneSender& sender : peers_[worker].senders) sender.reset();
  peers_[worker].lost = true;
}

void Port::tell_loops(std::uint16_t worker, std::uint32_t attempt, std::uint32_t before) {
  flush();  // what its former life sent comes first
  PeerAttemptRecord record;
  record.worker = worker;
  record.attempt = attempt;
  record.before = before;
  for (std::uint32_t loop = 0; loop < shared_.loop_count(); ++loop)
    append(to_loops_[loop]->open_control, Lane::control, loop, reinterpret_cast<const char*>(&record), sizeof record);
  flush();
}

void Port::append(BatchPtr& batch, Lane lane, std::uint32_t loop, const char* record, std::size_t size) {
  Link& link = *to_loops_[loop];
  if (batch && batch->used + size > batch->capacity)
    lane == Lane::data ? link.send_data(std::exchange(batch, nullptr)) : link.send_control(std::exchange(batch, nullptr));
  if (!batch) {
    while (BatchPtr returned = link.pop_returned()) pool_.give(std::move(returned));
    batch = pool_.take(size);
  }
  std::memcpy(batch->data() + batch->used, record, size);
  batch->used += static_cast<std::uint32_t>(size);
  ++batch->count;
}

void Port::flush() {
  for (std::uint32_t loop = 0; loop < shared_.loop_count(); ++loop) {
    Link& link = *to_loops_[loop];
    if (link.open_control) link.send_control(std::move(link.open_control));
    if (link.open_data) link.send_data(std::move(link.open_data));
    if (link.has_waiting() && link.push()) shared_.sleepers[loop].wake();
  }
}

void Port::take_data(std::uint16_t peer, const Frame& frame) {
  if (const std::string wrong = check_records(frame.payload, frame.header.count); !wrong.empty())
    return refuse(peer, "a frame in which " + wrong);
  const Plan& plan = shared_.plan;
  for (std::size_t at = 0; at < frame.payload.size();) {
    const Record& record = *reinterpret_cast<const Record*>(frame.payload.data() + at);
    at += record.size;
    if (record.source == 0 || record.source > plan.task_count() || plan.worker_of(record.source) != peer || record.target == 0 ||
        record.target > plan.task_count() || plan.worker_of(record.target) != shared_.options.index) {
      refuse(peer, "a tuple from task " + std::to_string(record.source) + " to task " + std::to_string(record.target) +
                       ", which the plan does not place so,");
      continue;
    }
    const std::uint32_t loop = plan.loop_of[record.target] % shared_.loop_count();
    append(to_loops_[loop]->open_data, Lane::data, loop, reinterpret_cast<const char*>(&record), record.size);
  }
}

void Port::take_control(std::uint16_t peer, const Frame& frame) {
  if (const std::string wrong = check_control(frame.payload, frame.header.count); !wrong.empty())
    return refuse(peer, "a frame in which " + wrong);
  const Plan& plan = shared_.plan;
  for (std::size_t at = 0; at < frame.payload.size();) {
    const char* record = frame.payload.data() + at;
    const auto& header = *reinterpret_cast<const ControlHeader*>(record);
    at += header.size;
    std::uint32_t loop = plan.loop_total();
    if (header.kind == ControlKind::ack || header.kind == ControlKind::fail) {
      const TaskId spout = RootId::spout(reinterpret_cast<const AckRecord*>(record)->root);
      if (spout != 0 && spout <= plan.task_count()) loop = plan.loop_of[spout];
    } else if (header.kind == ControlKind::credit) {
      const auto& credit = *reinterpret_cast<const CreditRecord*>(record);
      // Only the worker of the target may speak of its credit.
      if (credit.target != 0 && credit.target <= plan.task_count() && plan.worker_of(credit.target) == peer)
        loop = credit.source_loop;
    } else {
      continue;  // of a later version
    }
    if (loop >= plan.loop_total() || !shared_.is_local(loop)) {
      refuse(peer, "a control record for somebody else");
      continue;
    }
    append(to_loops_[loop % shared_.loop_count()]->open_control, Lane::control, loop % shared_.loop_count(), record, header.size);
  }
}

FrameHeader Port::header_for(std::uint16_t peer, Lane lane) const {
  FrameHeader header;
  header.lane = lane;
  header.attempt = shared_.options.attempt;
  header.receiver_attempt = peers_[peer].attempt;
  header.confirmed = peers_[peer].receivers[static_cast<int>(lane)].confirmed();
  header.source = shared_.options.index;
  header.target = peer;
  return header;
}

bool Port::send_all() {
  bool any = false;
  for (std::uint16_t peer = 0; peer < workers(); ++peer)
    for (std::uint32_t loop = 0; peers_[peer].is_known() && loop < shared_.loop_count(); ++loop) {
      Link& link = link_from(loop, peer);
      bool taken = false;
      const auto send = [&](Lane lane, BatchPtr batch) {
        send_batch(peer, lane, *batch);
        if (!link.give_back(batch)) pool_.release(std::move(batch));
        taken = true;
      };
      while (BatchPtr batch = link.pop_control()) send(Lane::control, std::move(batch));
      while (BatchPtr batch = link.pop_data()) send(Lane::data, std::move(batch));
      if (taken) shared_.sleepers[loop].wake_for_credit();
      any |= taken;
    }
  return any;
}

void Port::send_batch(std::uint16_t peer, Lane lane, const Batch& batch) {
  LaneSender& sender = peers_[peer].senders[static_cast<int>(lane)];
  FrameHeader header = header_for(peer, lane);
  header.sequence = sender.next();
  header.count = batch.count;
  FrameBytes frame = transport_.allocate(peer, sizeof header + batch.used);
  encode_frame(frame, header, {batch.data(), batch.used});
  peers_[peer].owes_confirm[static_cast<int>(lane)] = false;
  transport_.send(peer, lane, frame);
  sender.sent(std::move(frame), now_);
}

void Port::send_answer(std::uint16_t peer, Lane lane, FrameKind kind) {
  FrameHeader header = header_for(peer, lane);
  header.kind = kind;
  FrameBytes frame = transport_.allocate(peer, sizeof header);
  encode_frame(frame, header, {});
  peers_[peer].owes_confirm[static_cast<int>(lane)] = false;
  transport_.send(peer, lane, std::move(frame));
}

bool Port::resend() {
  bool any = false;
  for (std::uint16_t peer = 0; peer < workers(); ++peer)
    for (const Lane lane : {Lane::data, Lane::control}) {
      LaneSender& sender = peers_[peer].senders[static_cast<int>(lane)];
      if (!sender.due(now_)) continue;
      any = true;
      for (FrameBytes& frame : sender.resend(now_)) {
        update_frame(frame, peers_[peer].attempt, peers_[peer].receivers[static_cast<int>(lane)].confirmed());
        transport_.send(peer, lane, frame);
      }
    }
  return any;
}

}  // namespace sparse::worker
