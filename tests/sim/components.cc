#include "tests/sim/components.h"

#include <map>

#include "tests/sim/bolts.h"
#include "tests/sim/emitting.h"

namespace sparse::sim {
namespace {

class LineSpout final : public Spout, private Emitting {
 public:
  LineSpout(Setting of_world, std::size_t number, int life, std::uint64_t seed)
      : Emitting(of_world, number, seed), plan_(of_world.work.spouts[number]), life_(life) {}

  void open(Context& context) override {
    context_ = &context;
    source_ = &setting.sources[context.task()];
    source_->rewind();
  }

  Next next(Output& out) override {
    calling_ = true;
    const Next result = emit_some(out);
    calling_ = false;
    return result;
  }

  void ack(MessageId id) override {
    check_calls("ack");
    accounts().acked(id.value, life_);
    source_->ack(lines_.at(id.value));
  }

  void fail(MessageId id, std::string_view reason) override {
    check_calls("fail");
    accounts().failed(id.value, life_, reason);
    const std::size_t line = lines_.at(id.value);
    if (random.chance(1, 3)) {
      later_.push_back(line);
      context_->start_timer(std::chrono::milliseconds(1 + random.below(200)));
    } else {
      source_->queue.push_back(line);
    }
  }

  void timer(Output& out) override {
    for (const std::size_t line : later_)
      plan_.timers && !setting.work.drains ? emit_line(out, line) : source_->queue.push_back(line);
    later_.clear();
  }

 private:
  Next emit_some(Output& out) {
    if (source_->queue.empty()) {
      if (later_.empty() && (plan_.eager || source_->acked == source_->lines.size())) return Next::exhausted;
      if (random.chance(1, 3)) out.wake_after(static_cast<std::int64_t>(random.below(50)) * kMillisecond);
      return Next::idle;
    }
    if (chance_of(plan_.idles)) return Next::idle;
    for (std::uint64_t left = 1 + random.below(plan_.burst); left > 0 && !source_->queue.empty(); --left) {
      const std::size_t line = source_->queue.front();
      source_->queue.pop_front();
      emit_line(out, line);
    }
    return Next::emitted;
  }

  void emit_line(Output& out, std::size_t line) {
    const topology::Stream* stream = draw_stream(3);
    if (!stream) stream = &spec().outputs[0];
    if (chance_of(plan_.untracked)) {
      source_->ack(line);
      return emit(out, *stream, {}, 0, {});
    }
    const std::uint64_t id = accounts().message(context_->task(), life_, ++source_->lines[line].tries);
    lines_[id] = line;
    std::vector<TaskId> targets;
    Emit how{.id = MessageId{id}};
    if (random.chance(1, 2)) how.targets = &targets;
    if (stream->direct && draw_task(stream->name) == kNoTask) stream = &spec().outputs[0];
    emit(out, *stream, {id}, 0, how);
    accounts().sent_to(id, targets);
  }

  void check_calls(const char* what) {
    if (calling_) accounts().blame(std::string(what) + " was called during next");
  }

  const SpoutPlan& plan_;
  int life_;
  Context* context_ = nullptr;
  Source* source_ = nullptr;
  std::map<std::uint64_t, std::size_t> lines_;  ///< by message id
  std::vector<std::size_t> later_;
  bool calling_ = false;
};

}  // namespace

Result<worker::MadeComponent> LifeFactory::make(const topology::Topology&, const topology::Component& spec) {
  const auto& components = setting_.work.topology.components;
  std::size_t component = 0;
  while (components[component].id != spec.id) ++component;
  worker::MadeComponent made;
  if (spec.is_spout) {
    made.spout = std::make_unique<LineSpout>(setting_, component, life_, random_.next());
    return made;
  }
  auto bolt = std::make_unique<DrawnBolt>(setting_, component, worker_, random_.next());
  if (setting_.work.bolt(component).stalls) made.external = bolt.get();
  made.bolt = std::move(bolt);
  return made;
}

}  // namespace sparse::sim
