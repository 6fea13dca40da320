#include "tests/sim/bolts.h"

#include <stdexcept>
#include <utility>

#include "worker/execution/loop.h"

namespace sparse::sim {
namespace {

constexpr std::uint64_t kTuplesMost = 20'000;  ///< of a run; then bolts emit no more

}  // namespace

DrawnBolt::DrawnBolt(Setting of_world, std::size_t number, std::uint16_t worker, std::uint64_t seed)
    : Emitting(of_world, number, seed), plan_(of_world.work.bolt(number)) {
  receiver_.component = number;
  receiver_.worker = worker;
}

void DrawnBolt::open(Context& context) {
  context_ = &context;
  receiver_.task = context.task();
  if (plan_.stalls) {
    const auto time = static_cast<Nanoseconds>(1 + random.below(1500)) * kMillisecond;
    stalled_until_ = context.now() + time;
    host_->pause(true);
    context.start_timer(std::chrono::nanoseconds(time));
  }
  if (plan_.holds) context.start_timer(std::chrono::milliseconds(1 + random.below(30)));
}

std::string DrawnBolt::draw_reason() {
  return "fault " + std::to_string(++reasons_) + " of task " + std::to_string(receiver_.task);
}

void DrawnBolt::execute(const Tuple& tuple, Output& out) {
  if (stalled_until_ != 0) accounts().blame("task " + std::to_string(receiver_.task) + " is paused, but was given a tuple");
  const Sent sent = accounts().executes(receiver_, tuple);
  const bool spared = accounts().spares(sent.roots);
  if (plan_.slow != 0) setting.clock.advance(static_cast<Nanoseconds>(random.below(static_cast<std::uint64_t>(plan_.slow))));
  if (plan_.manual) return answer(tuple, sent, out);
  const bool throws = !spared && chance_of(plan_.throws), fails = !throws && !spared && chance_of(plan_.fails);
  const bool fails_first = fails && random.chance(1, 2);
  const std::string reason = throws || fails ? draw_reason() : std::string();
  if (throws || fails) accounts().fails(sent.roots, reason);
  if (fails_first) out.fail(reason);
  emit_children(sent, out);
  if (chance_of(plan_.keeps)) {
    accounts().keeps(sent.roots);
    keep(tuple, sent, spared);
  }
  if (kept_.size() > 2 && random.chance(1, 4)) join(sent, out);
  if (throws) throw std::runtime_error(reason);
  if (fails && !fails_first) out.fail(reason);
  if (!throws && !fails) accounts().done(sent.roots);
}

/// What a bolt does that acks by itself.
void DrawnBolt::answer(const Tuple& tuple, const Sent& sent, Output& out) {
  const bool spared = accounts().spares(sent.roots);
  if (!spared && chance_of(plan_.forgets)) return;
  if (!spared && chance_of(plan_.fails + plan_.throws)) {
    const std::string reason = draw_reason();
    accounts().fails(sent.roots, reason);
    if (random.chance(1, 2)) emit_children(sent, out);
    switch (random.below(3)) {
      case 0: return out.fail(tuple, reason);
      case 1: return out.fail(reason);
      default: throw std::runtime_error(reason);
    }
  }
  const bool keeps = chance_of(plan_.keeps), first = random.chance(1, 2);
  const auto take = [&] {
    if (keeps) return keep(tuple, sent, spared);
    out.ack(tuple);
    accounts().done(sent.roots);
  };
  if (first) take();
  emit_children(sent, out);
  if (!first) take();
  if (kept_.size() > 2 && random.chance(1, 4)) join(sent, out);
}

void DrawnBolt::keep(const Tuple& tuple, const Sent& sent, bool soon) {
  const Nanoseconds most = soon ? std::min(plan_.late, 50 * kMillisecond) : plan_.late;
  const auto wait = static_cast<Nanoseconds>(random.below(static_cast<std::uint64_t>(most)));
  kept_.push_back({tuple.retain(), sent.roots, sent.hops, context_->now() + wait});
  if (plan_.posts && random.chance(1, 4))
    context_->post([this](Output& out) {
      if (kept_.empty()) return;
      Kept kept = std::move(kept_.back());
      kept_.pop_back();
      settle(kept, out);
    });
  context_->start_timer(std::chrono::nanoseconds(wait));
}

void DrawnBolt::settle(Kept& kept, Output& out) {
  const bool spared = accounts().spares(kept.roots);
  if (!spared && random.chance(1, 20)) {
    const bool drops = random.chance(1, 2);
    const std::string reason = drops ? "a retained tuple was destroyed without ack or fail" : draw_reason();
    accounts().fails(kept.roots, reason);
    if (!drops) kept.copy.fail(reason);
    return;
  }
  if (has_outputs() && !receiver_.finished && accounts().tuples() < kTuplesMost && random.chance(1, 3)) {
    const Retained* const anchors[] = {&kept.copy};
    if (const topology::Stream* stream = draw_stream(kept.hops)) emit(out, *stream, kept.roots, kept.hops, {.anchors = anchors});
  }
  accounts().done(kept.roots);
  kept.copy.ack();
}

/// One tuple anchored to all copies, with or without the input.
void DrawnBolt::join(const Sent& sent, Output& out) {
  std::vector<Kept> all = std::exchange(kept_, {});
  const bool with_input = random.chance(1, 2);
  Roots roots = with_input ? sent.roots : Roots();
  std::uint32_t hops = with_input ? sent.hops : 0;
  std::vector<const Retained*> anchors;
  for (const Kept& kept : all) {
    roots.insert(roots.end(), kept.roots.begin(), kept.roots.end());
    hops = std::max(hops, kept.hops);
    anchors.push_back(&kept.copy);
  }
  const topology::Stream* stream = has_outputs() ? draw_stream(hops) : nullptr;
  if (stream) emit(out, *stream, std::move(roots), hops, {.anchors = anchors, .anchored = with_input});
  for (Kept& kept : all) {
    accounts().done(kept.roots);
    kept.copy.ack();
  }
}

void DrawnBolt::emit_children(const Sent& sent, Output& out) {
  if (!has_outputs()) return;
  for (std::uint64_t left = random.below(plan_.fan + 1); left > 0 && accounts().tuples() < kTuplesMost; --left) {
    const topology::Stream* stream = draw_stream(sent.hops);
    if (!stream) continue;
    if (chance_of(plan_.untracked))
      emit(out, *stream, {}, sent.hops, {.anchored = false});
    else
      emit(out, *stream, sent.roots, sent.hops, {});
  }
}

void DrawnBolt::timer(Output& out) {
  const Nanoseconds now = context_->now();
  if (stalled_until_ != 0 && now >= stalled_until_) end_stall();
  for (std::size_t i = 0; i < kept_.size();) {
    if (kept_[i].due > now) {
      ++i;
      continue;
    }
    Kept kept = std::move(kept_[i]);
    kept_[i] = std::move(kept_.back());
    kept_.pop_back();
    settle(kept, out);
  }
  if (plan_.holds) hold_or_release(out);
}

void DrawnBolt::hold_or_release(Output& out) {
  worker::Task& task = worker::Task::of(out);
  if (!receiver_.held.empty()) {
    for (const TaskId source : std::exchange(receiver_.held, {})) task.loop().release(task, source);
  } else if (!receiver_.finished && holds_left_ > 0 && !receiver_.last.empty()) {
    --holds_left_;
    auto source = receiver_.last.begin();
    std::advance(source, random.below(receiver_.last.size()));
    receiver_.held.insert(source->first);
    task.loop().hold(task, source->first);
  } else if (holds_left_ == 0) {
    return;
  }
  context_->start_timer(std::chrono::milliseconds(1 + random.below(60)));
}

void DrawnBolt::end_stall() {
  accounts().check_credit(receiver_);
  stalled_until_ = 0;
  host_->pause(false);
}

void DrawnBolt::finish(Output& out) {
  accounts().finishes(receiver_);
  if (!plan_.finishes || !has_outputs()) return;
  if (const topology::Stream* stream = draw_stream(3)) emit(out, *stream, {}, 3, {.anchored = false});
}

}  // namespace sparse::sim
