#include "tests/sim/invariants.h"

#include <algorithm>
#include <utility>

namespace sparse::sim {
namespace {

constexpr int kSparedFrom = 3;                 ///< tries of a line
constexpr std::int64_t kFirstWindow = 16;      ///< credit of one loop for a task that has executed nothing
constexpr Nanoseconds kSettles = 2 * kSecond;  ///< after a fault, until every worker knows of it
constexpr Nanoseconds kAckTakes = 2500 * kMillisecond;

std::string ms(Nanoseconds time) { return std::to_string(time / kMillisecond) + " ms"; }

}  // namespace

Invariants::Invariants(const Workload& work, const Clock& clock)
    : work_(work), clock_(clock), subscribers_(work.topology.components.size()), under_way_(subscribers_.size()) {
  messages_.resize(1);
  sent_.resize(1);
  const auto& components = work.topology.components;
  TaskId next = 1;
  for (const topology::Component& component : components)
    first_tasks_.push_back(std::exchange(next, next + component.parallelism));
  for (std::size_t to = 0; to < components.size(); ++to)
    for (const topology::Input& input : components[to].inputs)
      for (std::size_t from = 0; from < components.size(); ++from)
        if (components[from].id == input.component)
          subscribers_[from][input.stream].emplace_back(
              to, input.grouping.kind == topology::GroupingKind::all ? components[to].parallelism : 1);
}

void Invariants::blame(const std::string& what) {
  if (problem_.empty()) problem_ = what + " (at " + ms(clock_.now() - kSecond) + ")";
}

std::string Invariants::pad_of(std::uint64_t serial) {
  const std::uint64_t drawn = serial * 0x9e3779b97f4a7c15ull >> 40;
  std::size_t length = drawn % 40;
  if (drawn % 64 == 7) length = 3000 + drawn % 4000;
  if (drawn % 1024 == 9) length = 70'000;
  return std::string(length, static_cast<char>('a' + serial % 26));
}

std::uint64_t Invariants::message(TaskId spout, int life, int tries) {
  messages_.push_back({.spout = spout, .life = life, .tries = tries, .emitted = clock_.now(), .changed = clock_.now()});
  return messages_.size() - 1;
}

void Invariants::sent_to(std::uint64_t id, const std::vector<TaskId>& tasks) {
  for (const TaskId task : tasks)
    if (worker_of(task) != worker_of(messages_[id].spout)) messages_[id].sent_to |= 1u << worker_of(task);
}

Message& Invariants::open_message(std::uint64_t id, int life, const char* verdict) {
  Message& message = messages_.at(id);
  const std::string name = "message " + std::to_string(id);
  if (message.verdict == Message::Verdict::acked || message.verdict == Message::Verdict::failed)
    blame(name + " got a second verdict, " + verdict);
  if (message.life != life) blame(name + " of a former life got a verdict, " + verdict);
  return message;
}

void Invariants::acked(std::uint64_t id, int life) {
  trace.add(Trace::Kind::ack, id, static_cast<std::uint64_t>(clock_.now()));
  Message& message = open_message(id, life, "acked");
  message.verdict = Message::Verdict::acked;
  ++acks_;
  if (!work_.acking) return;
  const std::string name = "message " + std::to_string(id) + " was acked, but ";
  if (!message.failures.empty()) blame(name + "a tuple of it had failed: " + message.failures[0]);
  if (message.due != 0) blame(name + std::to_string(message.due) + " shares of its tree were not");
}

void Invariants::failed(std::uint64_t id, int life, std::string_view reason) {
  trace.add(Trace::Kind::fail, id, reason);
  Message& message = open_message(id, life, "failed");
  message.verdict = Message::Verdict::failed;
  ++failures_;
  check_reason(message, "message " + std::to_string(id), std::string(reason));
}

void Invariants::check_reason(const Message& message, const std::string& name, const std::string& reason) {
  if (!work_.acking) blame(name + " failed without acking: " + reason);
  if (reason.empty()) blame(name + " failed without a reason");
  if (reason.starts_with("timeout")) {
    ++timeouts_;
    return check_timeout(message, name);
  }
  if (reason.starts_with("worker ")) {
    if (kills_.empty()) blame(name + " failed, but no worker was lost: " + reason);
    return;
  }
  if (std::find(message.failures.begin(), message.failures.end(), reason) == message.failures.end())
    blame(name + " failed for a reason that is not its own: " + reason);
}

void Invariants::check_timeout(const Message& message, const std::string& name) {
  const Nanoseconds now = clock_.now(), age = now - message.emitted;
  if (age < work_.timeout - kSecond / 10) blame(name + " timed out after only " + ms(age));
  if (age > work_.timeout + work_.timeout / 10 + kSecond) blame(name + " timed out as late as after " + ms(age));
  if (message.due == 0 && message.failures.empty() && now - message.changed > kAckTakes && message.emitted > disturbed_until_)
    blame(name + " timed out, though all its tuples had been acked " + ms(now - message.changed) + " ago: an ack was lost");
  for (const Kill& kill : kills_)
    if (!cuts_ && (message.sent_to & message.reached & 1u << kill.worker) != 0 && message.emitted < kill.at && kill.known >= 0 &&
        now > kill.known + kSettles)
      blame(name + " timed out " + ms(now - kill.known) + " after worker " + std::to_string(kill.worker) +
            " was lost with its tuples: that should have failed it");
}

std::uint64_t Invariants::emits(std::size_t component, std::string_view stream, Roots roots, std::uint32_t hops, TaskId direct) {
  std::sort(roots.begin(), roots.end());
  roots.erase(std::unique(roots.begin(), roots.end()), roots.end());
  const std::uint64_t serial = sent_.size();
  Sent sent{.component = static_cast<std::uint32_t>(component), .hops = hops};
  if (const auto found = subscribers_[component].find(stream); found != subscribers_[component].end())
    for (const auto& [subscriber, deliveries] : found->second) {
      const TaskId first = first_tasks_[subscriber];
      if (direct != kNoTask && (direct < first || direct >= first + work_.topology.components[subscriber].parallelism)) continue;
      sent.deliveries += deliveries;
      under_way_[subscriber] += deliveries;
    }
  for (const std::uint64_t root : roots) {
    messages_[root].due += sent.deliveries;
    messages_[root].changed = clock_.now();
  }
  sent.roots = std::move(roots);
  sent_.push_back(std::move(sent));
  trace.add(Trace::Kind::emit, serial, component);
  return serial;
}

const Sent& Invariants::executes(Receiver& by, const Tuple& tuple) {
  const auto serial = static_cast<std::uint64_t>(tuple.integer(0));
  const std::string name = "tuple " + std::to_string(serial);
  trace.add(Trace::Kind::execute, serial, by.task);
  ++executions_;
  --under_way_[by.component];
  if (serial == 0 || serial >= sent_.size()) {
    blame(name + " was never sent");
    return sent_[0];
  }
  Sent& sent = sent_[serial];
  if (++sent.executions > sent.deliveries) blame(name + " was executed more often than it was sent");
  if (tuple.string(1) != key_of(serial) || tuple.string(2) != pad_of(serial))
    blame(name + " came with other values than it was sent");
  const std::string& source = work_.topology.components[sent.component].id;
  if (tuple.source_component() != source) blame(name + " came from " + std::string(tuple.source_component()) + ", not " + source);
  std::uint64_t& last = by.last[tuple.source_task()];
  if (serial <= last)
    blame(name + " came after tuple " + std::to_string(last) + " on the channel from task " +
          std::to_string(tuple.source_task()) + " to task " + std::to_string(by.task));
  last = serial;
  if (by.held.contains(tuple.source_task())) blame(name + " came through a channel that is held");
  check_grouping(by, tuple);
  for (const std::uint64_t root : sent.roots) {
    messages_[root].reached |= 1u << by.worker;
    if (by.finished && messages_[root].verdict == Message::Verdict::open)
      blame(name + " of an open message came to task " + std::to_string(by.task) + " after its end");
  }
  if (by.finished && !work_.cyclic && kills_.empty()) blame(name + " came to task " + std::to_string(by.task) + " after its end");
  return sent;
}

void Invariants::check_grouping(const Receiver& by, const Tuple& tuple) {
  const auto stream = tuple.stream();
  for (const topology::Input& input : work_.topology.components[by.component].inputs) {
    if (input.stream != stream || input.component != tuple.source_component()) continue;
    if (input.grouping.kind != topology::GroupingKind::fields) return;
    const auto [found, is_new] = tasks_of_keys_.try_emplace({by.component, std::string(tuple.string(1))}, by.task);
    if (found->second != by.task)
      blame("\"" + found->first.second + "\" came to task " + std::to_string(by.task) + " and to task " +
            std::to_string(found->second));
  }
}

void Invariants::check_credit(const Receiver& by) {
  if (!kills_.empty() || by.last.size() != 0) return;
  std::int64_t allowed = 0;
  std::set<std::uint32_t> loops;
  TaskId task = 1;
  for (std::size_t from = 0; from < work_.topology.components.size(); ++from) {
    const topology::Component& source = work_.topology.components[from];
    const auto& inputs = work_.topology.components[by.component].inputs;
    const bool sends = std::any_of(inputs.begin(), inputs.end(), [&](const auto& input) { return input.component == source.id; });
    for (std::uint32_t i = 0; i < source.parallelism; ++i, ++task) {
      if (!sends) continue;
      const worker::Placement::Home home = work_.placement.homes[task];
      loops.insert(moved_ ? task : home.worker * 1000u + home.loop);  // what a task has sent goes to its new loop's account
      allowed += 4;                                                   // what one call may emit beyond
    }
    // Timers are not held back, and neither are edges that close a cycle.
    if (sends && !work_.is_spout(from) && work_.bolt(from).keeps != 0) return;
  }
  allowed += static_cast<std::int64_t>(loops.size()) * kFirstWindow;
  if (!work_.cyclic && under_way_[by.component] > allowed)
    blame(std::to_string(under_way_[by.component]) + " tuples wait for task " + std::to_string(by.task) + ", which stands; " +
          std::to_string(allowed) + " is all that its senders had credit for");
}

void Invariants::keeps(const Roots& roots) {
  for (const std::uint64_t root : roots) ++messages_[root].due;
}

void Invariants::done(const Roots& roots) {
  for (const std::uint64_t root : roots) {
    --messages_[root].due;
    messages_[root].changed = clock_.now();
  }
}

void Invariants::fails(const Roots& roots, const std::string& reason) {
  for (const std::uint64_t root : roots) messages_[root].failures.push_back(reason);
}

void Invariants::finishes(Receiver& by) {
  trace.add(Trace::Kind::finish, by.task);
  if (by.finished) blame("task " + std::to_string(by.task) + " finished twice");
  by.finished = true;
}

bool Invariants::spares(const Roots& roots) const {
  return std::any_of(roots.begin(), roots.end(), [this](std::uint64_t root) { return messages_[root].tries >= kSparedFrom; });
}

void Invariants::killed(std::uint16_t worker, bool told) {
  trace.add(Trace::Kind::kill, worker);
  for (Message& message : messages_)
    if (message.verdict == Message::Verdict::open && message.spout != 0 && worker_of(message.spout) == worker)
      message.verdict = Message::Verdict::abandoned;
  // A life that was too short for the others to hear of tells them nothing of the one before.
  for (Kill& kill : kills_)
    if (kill.worker == worker && clock_.now() < kill.known + kSettles) kill.known = -1;
  kills_.push_back({worker, clock_.now(), told ? clock_.now() : -1});
  disturbed_until_ = std::max(disturbed_until_, clock_.now() + kSettles);
}

void Invariants::revived(std::uint16_t worker) {
  for (Kill& kill : kills_)
    if (kill.worker == worker && kill.known < 0) kill.known = clock_.now();
  disturbed_until_ = std::max(disturbed_until_, clock_.now() + kSettles);
}

void Invariants::network_cut(Nanoseconds until) {
  cuts_ = true;
  disturbed_until_ = std::max(disturbed_until_, until + kSettles);
}

void Invariants::check_end(std::size_t acked_lines, std::size_t lines) {
  if (!work_.drains && acked_lines != lines)
    blame("it ended with " + std::to_string(acked_lines) + " of " + std::to_string(lines) + " lines acked");
  for (std::size_t id = 1; id < messages_.size(); ++id)
    if (messages_[id].verdict == Message::Verdict::open) blame("message " + std::to_string(id) + " never got a verdict");
  if (!kills_.empty() || work_.cyclic) return;
  for (std::size_t serial = 1; serial < sent_.size(); ++serial)
    if (sent_[serial].executions != sent_[serial].deliveries)
      blame("tuple " + std::to_string(serial) + " of " + work_.topology.components[sent_[serial].component].id + " was sent to " +
            std::to_string(sent_[serial].deliveries) + " tasks, and executed by " + std::to_string(sent_[serial].executions));
}

void Invariants::check_stats(const std::vector<worker::TaskStats>& tasks) {
  if (!kills_.empty()) return;
  worker::TaskStats sum;
  for (const worker::TaskStats& task : tasks) {
    sum.emitted += task.emitted;
    sum.executed += task.executed;
    if (!work_.is_spout(task.component)) continue;
    sum.acked += task.acked;
    sum.failed += task.failed;
    sum.timed_out += task.timed_out;
  }
  const auto check = [&](const char* what, std::uint64_t counted, std::uint64_t seen) {
    if (counted != seen)
      blame("the engine has counted " + std::to_string(counted) + " " + what + ", there were " + std::to_string(seen));
  };
  check("emits", sum.emitted, tuples());
  check("executed tuples", sum.executed, executions_);
  check("acked trees", sum.acked, acks_);
  check("failed trees", sum.failed, failures_);
  check("timeouts", sum.timed_out, timeouts_);
}

}  // namespace sparse::sim
