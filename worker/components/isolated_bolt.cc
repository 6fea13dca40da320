// A bolt of a plugin in a process of its own: what `isolate: process` starts. It can die without the worker.
#include "worker/components/isolated_bolt.h"

#include <algorithm>
#include <atomic>
#include <exception>

namespace sparse::worker {
namespace {

constexpr std::size_t kWriteBytes = 32 * 1024;

}  // namespace

/// A copy with a verdict of its own.
class IsolatedBolt::Kept final : public detail::RetainedTuple {
 public:
  Kept(IsolatedBolt& bolt, std::int64_t id, const Tuple& tuple) : bolt_(bolt), id_(id), cells_(tuple.size()) {
    values_.reserve(tuple.size());
    for (std::size_t i = 0; i < tuple.size(); ++i) {
      values_.emplace_back(tuple[i]);
      arena_.set(cells_[i], values_[i]);
    }
    tuple_ = std::make_unique<Tuple>(cells_.data(), static_cast<std::uint32_t>(cells_.size()), tuple.source_task(),
                                     tuple.stream_number(), &bolt);
  }
  ~Kept() override { fail("a retained tuple was destroyed without ack or fail"); }

  const Tuple& tuple() const override { return *tuple_; }
  void ack() override {
    if (settled_.exchange(true)) return;
    bolt_.records_.ack(id_);
    bolt_.pipe_.wake();
  }
  void fail(std::string_view reason) override {
    if (settled_.exchange(true)) return;
    bolt_.records_.fail(id_, reason);
    bolt_.pipe_.wake();
  }
  std::int64_t id() const { return id_; }

 private:
  IsolatedBolt& bolt_;
  const std::int64_t id_;
  std::vector<Value> values_;
  std::vector<Cell> cells_;
  CellArena arena_;
  std::unique_ptr<Tuple> tuple_;
  std::atomic<bool> settled_{false};
};

const detail::Engine IsolatedBolt::kEngine = {
    .emit = [](Output& out, const Emit* how, const Cell* cells,
               std::uint32_t count) { of(out).emit_cells_of(how, cells, count); },
    .emit_tracked = [](Output& out, MessageId, const Cell* cells,
                       std::uint32_t count) { of(out).emit_cells_of(nullptr, cells, count); },
    .threw = [](Output&) {},
    .fail_input =
        [](Output& out, std::string_view reason) {
          of(out).failed_ = true;
          of(out).reason_ = reason;
        },
    .ack_tuple = [](Output& out, const Tuple& tuple) { of(out).verdict(tuple, false, {}); },
    .fail_tuple = [](Output& out, const Tuple& tuple, std::string_view reason) { of(out).verdict(tuple, true, reason); },
    .retain = [](Output& out, const Tuple& tuple) { return of(out).keep(tuple); },
    .component_of = [](const Output& out, TaskId task) -> std::string_view {
      const auto found = of(out).setup_.component_of.find(task);
      return found == of(out).setup_.component_of.end() ? std::string_view() : std::string_view(found->second);
    },
    .stream_of = [](const Output& out, TaskId, std::uint16_t source) -> std::string_view {
      return source < of(out).sources_.size() ? std::string_view(of(out).sources_[source].stream) : std::string_view();
    },
    .field_of = [](const Output& out, TaskId, std::uint16_t source,
                   std::string_view name) { return of(out).field(source, name); },
    .wake_after = [](Output&, std::int64_t) {},
};

IsolatedBolt::IsolatedBolt(IsolatedSetup setup, std::unique_ptr<Bolt> bolt, bool manual_ack, ParentPipe& pipe,
                           IsolatedCall& doing)
    : setup_(std::move(setup)), bolt_(std::move(bolt)), manual_ack_(manual_ack), pipe_(pipe), call_(doing) {
  direct_ = &closed_;
  floor_ = &no_floor_;
  engine_ = &kEngine;
  task_ = setup_.task;
}

IsolatedBolt::~IsolatedBolt() { bolt_.reset(); }

void IsolatedBolt::log(Level level, std::string_view text) const {
  records_.log(text, static_cast<std::int64_t>(level));
  pipe_.wake();
}

void IsolatedBolt::start_timer(std::chrono::nanoseconds delay) {
  timers_.push(clock_.now() + std::max<Nanoseconds>(0, delay.count()));
}

bool IsolatedBolt::post(std::function<void(Output&)> fn) {
  {
    const std::scoped_lock lock(posted_mutex_);
    if (closed_for_posts_) return false;
    posted_.push_back(std::move(fn));
  }
  pipe_.wake();
  return true;
}

void IsolatedBolt::emit_cells_of(const Emit* how, const Cell* cells, std::uint32_t count) {
  std::vector<std::int64_t> anchors;
  if (current_ != 0 && verdict_ != Verdict::given && (!how || how->anchored)) anchors.push_back(current_);
  if (how)
    for (const Retained* kept : how->anchors)
      if (kept && *kept) anchors.push_back(static_cast<const Kept*>(kept->get())->id());
  const bool asks = how && how->targets && how->task == kNoTask;
  multilang::ChildEmit emit{.asks = asks, .anchors = anchors};
  if (how) {
    emit.stream = how->stream;
    if (how->task != kNoTask) emit.task = how->task;
  }
  if (const multilang::Uncarried why = records_.emit(emit, cells, count); !why.empty()) {
    failed_ = true;
    reason_ = "component \"" + setup_.component + "\" emitted what its process cannot send: " + why;
    return;
  }
  if (asks)
    *how->targets = read_task_ids();
  else if (how && how->targets)
    *how->targets = {how->task};
  send_if_large();
}

std::unique_ptr<detail::RetainedTuple> IsolatedBolt::keep(const Tuple& tuple) {
  if (!manual_ack_ || !is_current(tuple) || verdict_ != Verdict::none)
    throw std::logic_error("component \"" + setup_.component +
                           "\" keeps a copy of a tuple that it must not keep: `isolate: process` allows one copy of each input, "
                           "inside `execute`, of a bolt registered with manual_ack");
  verdict_ = Verdict::kept;
  return std::make_unique<Kept>(*this, current_, tuple);
}

void IsolatedBolt::verdict(const Tuple& tuple, bool failed, std::string_view reason) {
  if (!is_current(tuple) || verdict_ != Verdict::none) return;
  verdict_ = Verdict::given;
  if (failed)
    records_.fail(current_, reason);
  else
    records_.ack(current_);
}

int IsolatedBolt::field(std::uint16_t source, std::string_view name) const {
  if (source >= sources_.size()) return -1;
  const auto found = setup_.source_fields.find({sources_[source].component, sources_[source].stream});
  if (found == setup_.source_fields.end()) return -1;
  const auto at = std::find(found->second.begin(), found->second.end(), name);
  return at == found->second.end() ? -1 : static_cast<int>(at - found->second.begin());
}

void IsolatedBolt::serve() {
  call_ = {"open", 0};
  bolt_->open(*this);
  call_ = {};
  while (!ended_) {
    flush();
    Nanoseconds most = -1;
    if (!timers_.empty()) most = std::max<Nanoseconds>(0, timers_.top() - clock_.now());
    if (!pipe_.wait(frames_, most)) ended_ = true;
    run_posted();
    run_timers();
    take_frames();
  }
  {
    const std::scoped_lock lock(posted_mutex_);
    closed_for_posts_ = true;
  }
  call_ = {"close", 0};
  bolt_->close();
  call_ = {};
  flush();
}

void IsolatedBolt::take_frames() {
  while (true) {
    if (!waiting_.empty()) {
      const multilang::ParentFrame frame = std::move(waiting_.front());
      waiting_.pop_front();
      handle(frame);
    } else if (const auto frame = frames_.next()) {
      handle(*frame);
    } else {
      return;
    }
  }
}

void IsolatedBolt::handle(const multilang::ParentFrame& frame) {
  using multilang::FrameKind;
  switch (frame.kind) {
    case FrameKind::source: {
      std::size_t number = 0;
      multilang::TupleSource source = multilang::source_of(frame.payload, number);
      if (number >= sources_.size()) sources_.resize(std::min<std::size_t>(number, 65'535) + 1);
      if (number < sources_.size()) sources_[number] = std::move(source);
      return;
    }
    case FrameKind::tuples: return execute_all(frame.payload);
    case FrameKind::heartbeat: return records_.sync();
    case FrameKind::tick: {
      const auto numbers = multilang::integers_of(frame.payload);
      call("tick", 0, nullptr, false, [&] { bolt_->tick(*this); });
      if (!numbers.empty()) records_.ack(numbers.front());
      return;
    }
    case FrameKind::finish: {
      const auto numbers = multilang::integers_of(frame.payload);
      if (!numbers.empty()) call("finish", numbers.front(), nullptr, true, [&] { bolt_->finish(*this); });
      return;
    }
    default: return;
  }
}

void IsolatedBolt::execute_all(std::string_view payload) {
  multilang::ParentTuples tuples(payload);
  while (tuples.next(sources_)) {
    const std::uint32_t source = tuples.source();
    const Tuple tuple(tuples.cells(), tuples.count(), sources_[source].task, static_cast<std::uint16_t>(source), this);
    call("execute", tuples.id(), tuple.cells(), !manual_ack_, [&] { bolt_->execute(tuple, *this); });
    send_if_large();
  }
}

void IsolatedBolt::call(const char* what, std::int64_t id, const Cell* cells, bool settles, const std::function<void()>& run) {
  current_ = id;
  current_cells_ = cells;
  verdict_ = Verdict::none;
  failed_ = false;
  call_ = {what, id};
  try {
    run();
  } catch (const std::exception& error) {
    failed_ = true;
    reason_ = error.what();
  } catch (...) {
    failed_ = true;
    reason_ = "threw what is no std::exception";
  }
  call_ = {};
  current_ = 0;
  current_cells_ = nullptr;
  if (id == 0) {
    if (failed_) records_.error(std::string(what) + " failed: " + reason_);
  } else if (verdict_ == Verdict::none && failed_) {
    records_.fail(id, reason_);
  } else if (verdict_ == Verdict::none && settles) {
    records_.ack(id);
  }
}

void IsolatedBolt::run_posted() {
  std::vector<std::function<void(Output&)>> now;
  {
    const std::scoped_lock lock(posted_mutex_);
    now.swap(posted_);
  }
  for (const auto& fn : now) call("post", 0, nullptr, false, [&] { fn(*this); });
}

void IsolatedBolt::run_timers() {
  for (std::size_t due = timers_.size(); due > 0 && !timers_.empty() && timers_.top() <= clock_.now(); --due) {
    timers_.pop();
    call("timer", 0, nullptr, false, [&] { bolt_->timer(*this); });
  }
}

void IsolatedBolt::flush() {
  const std::string frame = records_.take();
  if (!frame.empty() && !pipe_.write(frame)) ended_ = true;
}

void IsolatedBolt::send_if_large() {
  if (records_.bytes() >= kWriteBytes) flush();
}

std::vector<TaskId> IsolatedBolt::read_task_ids() {
  flush();
  while (!ended_) {
    while (auto frame = frames_.next()) {
      if (frame->kind != multilang::FrameKind::task_ids) {
        waiting_.push_back(std::move(*frame));
        continue;
      }
      std::vector<TaskId> tasks;
      for (const std::int64_t task : multilang::integers_of(frame->payload)) tasks.push_back(static_cast<TaskId>(task));
      return tasks;
    }
    if (!pipe_.wait(frames_, -1)) ended_ = true;
  }
  return {};
}

}  // namespace sparse::worker
