// A spout that runs as a child process, in any language.
#include "worker/components/shell_spout.h"

#include <algorithm>

#include "worker/components/child_emit.h"

namespace sparse::worker {

using multilang::SpoutCommand;

namespace {

constexpr std::size_t kMostAsked = 256;  // emits of one `next`

}  // namespace

ShellSpout::ShellSpout(ShellSettings settings) : driver_(std::move(settings), *this) {}

void ShellSpout::open(Context& context) {
  const TaskHost& host = driver_.host();
  const std::int64_t most = topology::config_integer(host.topology(), &host.component(), "topology.max.spout.pending", 0);
  if (most > 0) most_open_ = static_cast<std::size_t>(most);
  driver_.open(context);
}

Next ShellSpout::next(Output&) {
  if (!driver_.is_up() || sent_) return Next::idle;
  if (exhausted_) return Next::exhausted;
  ask();
  // Said of the `next` before, so that a spout that has just had something is asked again soon.
  return last_emitted_ ? Next::emitted : Next::idle;
}

void ShellSpout::fail(MessageId id, std::string_view) { verdict(id, SpoutCommand::fail); }

void ShellSpout::verdict(MessageId id, SpoutCommand what) {
  const auto found = ids_.find(id.value);
  if (found == ids_.end()) return;  // emitted by an earlier life of the child
  if (what == SpoutCommand::fail) exhausted_ = false;
  std::string text = std::move(found->second);
  ids_.erase(found);
  command(what, std::move(text));
}

void ShellSpout::set_active(bool active) {
  if (active_ == active) return;
  active_ = active;
  if (driver_.is_up()) command(active ? SpoutCommand::activate : SpoutCommand::deactivate, {});
}

void ShellSpout::command(SpoutCommand what, std::string id) {
  if (!driver_.is_up()) return;
  if (sent_)
    waiting_.push_back({what, std::move(id)});
  else
    send(what, id);
}

// As many as may be open, where the framing can say so.
void ShellSpout::ask() {
  const std::size_t room = most_open_ > ids_.size() ? most_open_ - ids_.size() : 1;
  sent_ = SpoutCommand::next;
  sent_at_ = driver_.context().now();
  driver_.protocol().ask(driver_.outbox().bulk(), static_cast<std::uint32_t>(std::min(room, kMostAsked)));
  driver_.outbox().bulk_message_done();
  driver_.flush();
}

void ShellSpout::send(SpoutCommand what, std::string_view id) {
  sent_ = what;
  sent_at_ = driver_.context().now();
  driver_.protocol().command(driver_.outbox().bulk(), what, id);
  driver_.outbox().bulk_message_done();
  driver_.flush();
}

// One of them, or all where one `sync` answers them all.
void ShellSpout::send_waiting() {
  sent_at_ = driver_.context().now();
  do {
    sent_ = waiting_.front().command;
    driver_.protocol().command(driver_.outbox().bulk(), *sent_, waiting_.front().id);
    driver_.outbox().bulk_message_done();
    waiting_.pop_front();
  } while (!waiting_.empty() && driver_.protocol().batches());
  driver_.flush();
}

void ShellSpout::child_is_up() {
  if (active_) send(SpoutCommand::activate, {});
}

std::optional<Nanoseconds> ShellSpout::owed_since() const { return sent_ ? std::optional(sent_at_) : std::nullopt; }

void ShellSpout::child_says(const multilang::ChildMessage& message, Output& out) {
  if (const auto* emitted = std::get_if<multilang::EmitMessage>(&message)) return emit(*emitted, out);
  if (const auto* sync = std::get_if<multilang::SyncMessage>(&message)) return synced(sync->exhausted);
  if (const auto* rows = std::get_if<multilang::RowsMessage>(&message)) {
    for (std::uint32_t i = 0; i < rows->rows; ++i)
      emit({.cells = rows->cells + std::size_t{i} * rows->fields, .count = rows->fields, .need_task_ids = false}, out);
    if (!rows->acked) return;
  }
  driver_.complain(Complaint::unknown_id, Level::warn, "the child of a spout gave a verdict; ignored");
}

void ShellSpout::synced(bool exhausted) {
  if (!sent_) return;  // some libraries say it after an error, too
  const SpoutCommand done = *std::exchange(sent_, std::nullopt);
  if (done == SpoutCommand::next) {
    last_emitted_ = std::exchange(emitted_, false);
    exhausted_ = exhausted;
    driver_.worked();
  }
  if (!waiting_.empty()) {
    send_waiting();
    return;
  }
  // A `next` without an emit: the engine asks again when its pause is over.
  if (done != SpoutCommand::next || last_emitted_ || exhausted_) driver_.host().wake();
}

void ShellSpout::emit(const multilang::EmitMessage& message, Output& out) {
  const bool asks = message.need_task_ids && message.task == 0;
  targets_.clear();
  if (const std::string why = refusal(driver_.host(), message); !why.empty()) {
    driver_.complain(Complaint::refused_emit, Level::error, why);
    if (!message.id.empty()) command(SpoutCommand::fail, std::string(message.id));
  } else {
    Emit how{.stream = message.stream,
             .task = message.task == 0 ? kNoTask : static_cast<TaskId>(message.task),
             .targets = asks ? &targets_ : nullptr};
    if (!message.id.empty()) {
      how.id = MessageId{++last_id_};
      ids_.emplace(last_id_, message.id);
    }
    emitted_ = true;
    out.emit_cells(how, message.cells, message.count);
  }
  if (asks) driver_.protocol().task_ids(driver_.outbox().urgent(), targets_);
}

std::string ShellSpout::child_died(const std::string&, bool, Output&) {
  const std::size_t forgotten = ids_.size();
  ids_.clear();
  waiting_.clear();
  sent_.reset();
  emitted_ = last_emitted_ = exhausted_ = false;
  return forgotten == 0
             ? std::string()
             : std::to_string(forgotten) + " pending message ids are forgotten: the new child starts from where it starts";
}

}  // namespace sparse::worker
