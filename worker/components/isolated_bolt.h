// A bolt of a plugin in a process of its own: what `isolate: process` starts. It can die without the worker.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <queue>
#include <string>
#include <vector>

#include <sparse/sdk.h>

#include "core/base/clock.h"
#include "multilang/cpp/child_records.h"
#include "multilang/cpp/parent_frames.h"

namespace sparse::worker {

/// What the parent says of the task, in its first message.
struct IsolatedSetup {
  std::string topology;
  std::string component;
  TaskId task = 0;
  std::uint32_t index = 0;
  std::uint32_t parallelism = 1;
  std::string pid_folder;
  bool offers_batches = false;
  Value options = Value(Value::Map{});
  Value config = Value(Value::Map{});
  std::map<TaskId, std::string> component_of;
  std::map<std::pair<std::string, std::string>, std::vector<std::string>> source_fields;  ///< by component and stream
};

/// Throws std::runtime_error, with a sentence, if the text is not such a message.
IsolatedSetup read_setup(std::string_view json);

/// The child's end of the pipes. Blocks.
class ParentPipe {
 public:
  virtual ~ParentPipe() = default;
  /// Waits for bytes from the parent, a call of `wake`, or until so many nanoseconds are over (-1: for ever). False: the parent
  /// has closed the pipe.
  virtual bool wait(multilang::ParentFrames& to, Nanoseconds most) = 0;
  /// Ends `wait`; any thread.
  virtual void wake() = 0;
  /// False: nobody reads any more.
  virtual bool write(std::string_view bytes) = 0;
};

/// What the bolt is in at the moment, for a report about its death. Read by signal handlers.
struct IsolatedCall {
  const char* what = "";  ///< "execute"; empty: in no call
  std::int64_t id = 0;    ///< of its input; 0: there is none
};

class IsolatedBolt final : public Output, public Context {
 public:
  IsolatedBolt(IsolatedSetup setup, std::unique_ptr<Bolt> bolt, bool manual_ack, ParentPipe& pipe, IsolatedCall& doing);
  ~IsolatedBolt() override;

  /// Until the parent closes the pipe. Throws what `open` of the bolt throws.
  void serve();

  // Context
  std::string_view topology() const override { return setup_.topology; }
  std::string_view component() const override { return setup_.component; }
  TaskId task() const override { return setup_.task; }
  std::uint32_t index() const override { return setup_.index; }
  std::uint32_t parallelism() const override { return setup_.parallelism; }
  const Value& options() const override { return setup_.options; }
  const Value& config() const override { return setup_.config; }
  std::int64_t now() const override { return clock_.now(); }
  void log(Level level, std::string_view text) const override;
  void start_timer(std::chrono::nanoseconds delay) override;
  bool post(std::function<void(Output&)> fn) override;

 private:
  class Kept;
  enum class Verdict { none, given, kept };

  static const detail::Engine kEngine;
  static IsolatedBolt& of(Output& out) { return static_cast<IsolatedBolt&>(out); }
  static const IsolatedBolt& of(const Output& out) { return static_cast<const IsolatedBolt&>(out); }

  void emit_cells_of(const Emit* how, const Cell* cells, std::uint32_t count);
  std::unique_ptr<detail::RetainedTuple> keep(const Tuple& tuple);
  bool is_current(const Tuple& tuple) const { return tuple.cells() == current_cells_; }
  void verdict(const Tuple& tuple, bool failed, std::string_view reason);
  int field(std::uint16_t source, std::string_view name) const;

  void take_frames();
  void handle(const multilang::ParentFrame& frame);
  void execute_all(std::string_view payload);
  /// Calls the bolt with this input, and gives its verdict; `cells` is null where it is no tuple of a stream.
  void call(const char* what, std::int64_t id, const Cell* cells, bool settles, const std::function<void()>& run);
  void run_posted();
  void run_timers();
  void flush();
  void send_if_large();
  std::vector<TaskId> read_task_ids();

  IsolatedSetup setup_;
  std::unique_ptr<Bolt> bolt_;
  const bool manual_ack_;
  ParentPipe& pipe_;
  IsolatedCall& call_;
  SystemClock clock_;
  detail::Hot closed_;  ///< a gate that is never open: every emit goes to the parent
  std::uintptr_t no_floor_ = 0;

  mutable multilang::ChildRecords records_;
  multilang::ParentFrames frames_;
  std::deque<multilang::ParentFrame> waiting_;  ///< came while task ids were waited for
  std::vector<multilang::TupleSource> sources_;
  bool ended_ = false;

  std::int64_t current_ = 0;  ///< the input under way
  const Cell* current_cells_ = nullptr;
  Verdict verdict_ = Verdict::none;
  bool failed_ = false;
  std::string reason_;

  std::priority_queue<Nanoseconds, std::vector<Nanoseconds>, std::greater<>> timers_;
  std::mutex posted_mutex_;
  std::vector<std::function<void(Output&)>> posted_;
  bool closed_for_posts_ = false;
};

}  // namespace sparse::worker
