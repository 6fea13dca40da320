// A bolt that runs as a child process, in any language.
#include "worker/components/shell_bolt.h"

#include <algorithm>

#include "multilang/cpp/json_reader.h"
#include "worker/components/child_emit.h"

namespace sparse::worker {
namespace {

constexpr std::size_t kTicksKept = 256;                 // a child that never acks its ticks
constexpr Nanoseconds kFirstLook = 100 * kMillisecond;  // at how fast a child is; then once a second

std::string shown(std::optional<std::int64_t> id, std::string_view json) {
  return json.empty() && id ? std::to_string(*id) : std::string(json.substr(0, 64));
}

}  // namespace

ShellBolt::ShellBolt(ShellSettings settings) : driver_(std::move(settings), *this) {}

void ShellBolt::open(Context& context) {
  TaskHost& host = driver_.host();
  const auto integer = [&](std::string_view key, std::int64_t fallback) {
    return topology::config_integer(host.topology(), &host.component(), key, fallback);
  };
  most_waiting_ = static_cast<std::size_t>(std::clamp<std::int64_t>(integer("topology.shellbolt.max.pending", 0), 0, 1'000'000));
  tick_seconds_ = integer("topology.tick.tuple.freq.secs", 0);
  const std::int64_t timeout = std::clamp<std::int64_t>(integer("topology.message.timeout.secs", 30), 1, 1'000'000);
  forget_after_ = 2 * timeout * kSecond + kSecond;  // times are a second old at most
  now_ = context.now();
  window_ = ChildWindow(driver_.limits().unsettled, static_cast<double>(timeout));
  if (const topology::Stream* usual = topology::find_stream(host.component(), "default"); usual && !usual->direct)
    row_fields_ = static_cast<std::uint32_t>(usual->fields.size());
  const topology::Stream* stream = only_plain_stream(host.component());
  const bool heard_by_someone = stream && has_subscriber(host.topology(), host.component(), stream->name);
  ahead_ = std::make_unique<AheadAnswers>(
      stream != nullptr,
      [&host, stream, heard_by_someone](std::vector<TaskId>& tasks) {
        if (heard_by_someone) tasks = host.choose_ahead(stream->name);
        return !heard_by_someone || !tasks.empty();
      },
      [this](const std::vector<TaskId>& tasks) { answer(tasks); });
  driver_.open(context);
}

void ShellBolt::close() { driver_.close(); }

bool ShellBolt::is_full() const {
  return (most_waiting_ > 0 && driver_.outbox().bulk_messages() + driver_.protocol().open_messages() >= most_waiting_) ||
         held_.size() >= window_.size();
}

multilang::Uncarried ShellBolt::write(std::int64_t id, const Tuple& tuple) {
  Outbox& outbox = driver_.outbox();
  multilang::Uncarried why =
      driver_.protocol().tuple(outbox.bulk(), {id, tuple.source_component(), tuple.stream(), tuple.source_task(), tuple.cells(),
                                               static_cast<std::uint32_t>(tuple.size())});
  outbox.bulk_message_done();
  return why;
}

void ShellBolt::complain_of_uncarried(const Tuple& tuple, const std::string& why) {
  driver_.complain(Complaint::uncarried_tuple, Level::error,
                   "a tuple of " + std::string(tuple.source_component()) + "/" + std::string(tuple.stream()) + " failed: " + why);
}

void ShellBolt::execute(const Tuple& input, Output& out) {
  const std::int64_t id = ++last_id_;
  const bool up = driver_.is_up();
  if (up) {
    if (const multilang::Uncarried why = write(id, input); !why.empty()) {
      complain_of_uncarried(input, why);
      return out.fail(input, why);
    }
  }
  held_.add(id, driver_.host().take(input), now_);
  if (up && timed_id_ == 0) {
    timed_id_ = id;
    timed_source_ = input.source_task();
    timed_since_ = driver_.context().now();
  }
  if (!up) early_.emplace_back(id, input.retain());
  driver_.queued();
}

void ShellBolt::write_early() {
  for (auto& [id, copy] : early_) {
    if (HeldInput* found = held_.find(id)) {
      if (const multilang::Uncarried why = write(id, copy.tuple()); !why.empty()) {
        complain_of_uncarried(copy.tuple(), why);
        HeldInput held = held_.take(*found);
        settle(held, true, why);
      }
    }
    copy.ack();  // the copy has a share of its own
  }
  early_.clear();
}

void ShellBolt::tick(Output&) {
  if (!driver_.is_up()) return;
  const std::int64_t id = ++last_id_;
  ticks_.push_back(id);
  if (ticks_.size() > kTicksKept) ticks_.pop_front();
  driver_.protocol().tick(driver_.outbox().bulk(), id, tick_seconds_);
  driver_.outbox().bulk_message_done();
  driver_.queued();
}

void ShellBolt::timer(Output& out) {
  const Nanoseconds now = now_ = driver_.context().now();
  if (ahead_->probing() && now >= probe_until_) {
    ahead_->probe_over();
    driver_.flush();
  }
  forget_old(now);
  look_at_window(now);
  driver_.timer(out);
}

void ShellBolt::finish(Output&) {
  finishing_ = true;
  // A child that is on its way up may still say that it wants the final tuple.
  if (driver_.is_up() && !driver_.wants_finish()) return;
  driver_.host().hold_end(true);
  if (driver_.is_up()) send_finish();
}

void ShellBolt::send_finish() {
  finish_id_ = ++last_id_;
  driver_.protocol().finish(driver_.outbox().bulk(), finish_id_);
  driver_.outbox().bulk_message_done();
  driver_.flush();
}

void ShellBolt::child_is_up() {
  if (driver_.protocol().batches()) window_.widen(ChildWindow::kBatched);
  window_at_ = driver_.context().now();
  settled_ = 0;
  first_look_ = window_at_ + kFirstLook;
  driver_.call_by(first_look_);
  write_early();
  if (!finishing_) return;
  if (driver_.wants_finish())
    send_finish();
  else
    driver_.host().hold_end(false);
}

void ShellBolt::child_says(const multilang::ChildMessage& message, Output& out) {
  if (const auto* emitted = std::get_if<multilang::RowsMessage>(&message)) return rows(*emitted, out);
  if (const auto* emitted = std::get_if<multilang::EmitMessage>(&message)) return emit(*emitted, out);
  if (const auto* ack = std::get_if<multilang::AckMessage>(&message))
    return verdict(ack->number ? ack->number : multilang::tuple_id(ack->id), ack->id, false, {}, out);
  if (const auto* fail = std::get_if<multilang::FailMessage>(&message))
    return verdict(fail->number ? fail->number : multilang::tuple_id(fail->id), fail->id, true, fail->reason, out);
  if (held_.size() >= window_.size()) collects_ = true;  // a heartbeat's answer
}

bool ShellBolt::is_untracked(std::int64_t id) const {
  return id == -1 || (id == finish_id_ && id != 0) || std::find(ticks_.begin(), ticks_.end(), id) != ticks_.end();
}

void ShellBolt::verdict(Id id, std::string_view text, bool failed, std::string_view reason, Output& out) {
  HeldInput* found = id ? held_.find(*id) : nullptr;
  if (!found) {
    if (id && *id == finish_id_ && finish_id_ != 0) {
      finish_id_ = 0;
      if (failed) driver_.host().failed_for_good(out, MessageId{}, nullptr, 0, "the end of its inputs: " + std::string(reason));
      return driver_.host().hold_end(false);
    }
    if (id && is_untracked(*id)) {
      std::erase(ticks_, *id);
    } else if (text != "null") {
      driver_.complain(Complaint::unknown_id, Level::warn,
                       std::string("the child gave a verdict (") + (failed ? "fail" : "ack") + ") on the id " + shown(id, text) +
                           ", which it does not hold, or not any more; ignored");
    }
    return;
  }
  if (held_.size() < window_.size()) full_ = false;
  ++settled_;
  HeldInput held = held_.take(*found);
  if (*id == timed_id_) {
    driver_.host().answered(timed_source_, driver_.context().now() - timed_since_);
    timed_id_ = 0;
  }
  if (held.settled) return;
  driver_.worked();
  if (failed && reason.empty())
    settle(held, true, "failed by the child of component \"" + driver_.host().component().id + "\"");
  else
    settle(held, failed, reason);
}

void ShellBolt::settle(HeldInput& held, bool failed, std::string_view reason) {
  held.settled = true;
  driver_.host().settle(held.share, failed, reason);
}

void ShellBolt::anchor_to(Id id, std::string_view text) {
  HeldInput* found = id ? held_.find(*id) : nullptr;
  if (found && !found->settled) {
    if (std::find(anchor_ids_.begin(), anchor_ids_.end(), *id) != anchor_ids_.end()) return;
    anchors_.push_back(&found->share);
    anchor_ids_.push_back(*id);
  } else if (!found && text != "null" && !(id && is_untracked(*id))) {
    driver_.complain(
        Complaint::unknown_anchor, Level::warn,
        "the child anchored an emit to the id " + shown(id, text) + ", which it does not hold, or not any more; left out");
  }
}

void ShellBolt::emit(const multilang::EmitMessage& message, Output& out) {
  anchors_.clear();
  anchor_ids_.clear();
  targets_.clear();
  for (const std::string_view text : message.anchors) anchor_to(multilang::tuple_id(text), text);
  for (const std::int64_t id : message.anchor_numbers) anchor_to(id, {});
  const bool asks = message.need_task_ids && message.task == 0;
  if (const std::string why = refusal(driver_.host(), message); !why.empty()) {
    refuse(why);
    if (asks) answer({});
    return;
  }
  const Emit how{.stream = message.stream,
                 .task = message.task == 0 ? kNoTask : static_cast<TaskId>(message.task),
                 .targets = asks ? &targets_ : nullptr};
  if (!driver_.host().emit(out, anchors_, how, message.cells, message.count))
    for (const std::int64_t id : anchor_ids_) held_.find(id)->settled = true;
  if (message.task != 0) return;
  if (!asks) return ahead_->emitted_without_asking();
  if (ahead_->asked(targets_, held_.size() > 1)) {
    probe_until_ = driver_.context().now() + AheadAnswers::kProbe;
    driver_.call_by(probe_until_);
  }
}

// What most tuples lead to: looked up once for all that they have emitted.
void ShellBolt::rows(const multilang::RowsMessage& message, Output& out) {
  HeldInput* found = held_.find(message.id);
  if (!found || found->settled || message.fields != row_fields_) return row_by_row(message, out);
  if (message.rows != 0) {
    if (!driver_.host().emit_rows(out, found->share, message.cells, message.fields, message.rows)) found->settled = true;
    ahead_->emitted_without_asking(message.rows);
  }
  if (message.acked) verdict(message.id, {}, false, {}, out);
}

void ShellBolt::row_by_row(const multilang::RowsMessage& message, Output& out) {
  for (std::uint32_t i = 0; i < message.rows; ++i)
    emit({.cells = message.cells + std::size_t{i} * message.fields,
          .count = message.fields,
          .anchor_numbers = {&message.id, 1},
          .need_task_ids = false},
         out);
  if (message.acked) verdict(message.id, {}, false, {}, out);
}

// The emit is not made: what it was anchored to fails, since something of it would be lost.
void ShellBolt::refuse(const std::string& reason) {
  driver_.complain(Complaint::refused_emit, Level::error, reason);
  for (const std::int64_t id : anchor_ids_) settle(*held_.find(id), true, reason);
}

void ShellBolt::answer(const std::vector<TaskId>& tasks) { driver_.protocol().task_ids(driver_.outbox().urgent(), tasks); }

std::string ShellBolt::child_died(const std::string& reason, bool killed_from_outside, Output&) {
  ahead_->child_died(killed_from_outside);
  ticks_.clear();
  timed_id_ = 0;
  finish_id_ = 0;
  std::size_t failed = 0;
  held_.for_each([&](HeldInput& held) {
    if (held.settled) return;
    ++failed;
    settle(held, true, reason);
  });
  held_.clear();
  for (auto& [id, copy] : early_) copy.ack();  // the copy has a share of its own
  early_.clear();
  return failed == 0 ? std::string() : std::to_string(failed) + (failed == 1 ? " tuple" : " tuples") + " in flight failed";
}

void ShellBolt::look_at_window(Nanoseconds now) {
  if (first_look_ != 0 && now >= first_look_) {
    const double seconds = static_cast<double>(now - first_look_ + kFirstLook) / static_cast<double>(kSecond);
    window_.first_look(static_cast<double>(settled_) / seconds);
    first_look_ = 0;
    driver_.update_pause();
  }
  if (now < window_at_ + kSecond) return;
  window_at_ = now;
  window_.second(settled_, full_ || held_.size() >= window_.size(), collects_);
  settled_ = 0;
  full_ = held_.size() >= window_.size();
  collects_ = false;
  driver_.update_pause();
}

// What the child never settles: its trees have timed out long ago.
void ShellBolt::forget_old(Nanoseconds now) {
  if (now < forget_at_) return;
  forget_at_ = now + forget_after_;
  held_.erase_if([&](HeldInput& held) {
    if (now - held.since < forget_after_) return false;
    if (!held.settled) settle(held, true, "the child of component \"" + driver_.host().component().id + "\" never settled it");
    if (held.id == timed_id_) timed_id_ = 0;
    return true;
  });
}

}  // namespace sparse::worker
