// One producer for all tasks of a worker that write with the same properties; tells each what became of its records.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "worker/kafka/embedded_quota.h"
#include "worker/kafka/producer.h"
#include "worker/kafka/sink_state.h"
#include "worker/kafka/wake_fd.h"

namespace sparse::kafka {

/// The quota of the embedded broker, shared by all who write to it.
struct SharedQuota {
  explicit SharedQuota(std::uint64_t partition_bytes) : quota(partition_bytes) {}
  std::mutex mutex;
  EmbeddedQuota quota;
};

/// Why a record was not delivered.
struct Outcome {
  std::uint64_t tag = 0;
  std::string failure = {};
  bool refused = false;  ///< the same record would fail again
};

/// Of many records of one task, by their tags.
struct Outcomes {
  std::vector<std::uint64_t> delivered = {};
  std::vector<Outcome> failed = {};
  bool empty() const { return delivered.empty() && failed.empty(); }
  std::size_t size() const { return delivered.size() + failed.size(); }
};

/// What became of a task's records. Thread-safe.
class Deliveries {
 public:
  Deliveries(std::uint16_t number_, Report report) : number(number_), report_(std::move(report)) {}

  const std::uint16_t number;
  const WakeFd wake;

  /// By the task's loop, which gives back the memory of these records, too.
  Outcomes take();
  void add(Outcomes& outcomes, std::shared_ptr<void> memory);
  void report(Level level, std::string_view text);
  void leave();

 private:
  friend class ProducerHub;
  std::mutex mutex_;
  Report report_;
  Outcomes outcomes_;
  std::vector<std::shared_ptr<void>> memory_;  ///< of the records of `outcomes_`

  std::mutex producing_;                ///< while the task produces; the producer is not replaced meanwhile
  std::shared_ptr<Producer> producer_;  ///< under it
};

/// Thread-safe. Has a thread of its own, which alone polls.
class ProducerHub {
 public:
  /// `quota`: of the embedded broker; null for real ones.
  static Result<std::shared_ptr<ProducerHub>> create(Properties properties, std::shared_ptr<SharedQuota> quota);
  ~ProducerHub();
  ProducerHub(const ProducerHub&) = delete;
  ProducerHub& operator=(const ProducerHub&) = delete;

  std::shared_ptr<Deliveries> join(Report report);
  /// What a record of this tag (below 2^48) is about.
  static void* about(const Deliveries& member, std::uint64_t tag);
  /// Hands over as many from the front as there is room for, and says how many. Each has its outcome, by its tag: at once in
  /// `refused`, or later. By the task of `to`.
  std::size_t produce(std::span<const Record> records, Deliveries& to, std::vector<Outcome>& refused);
  /// Outcomes that are still to come are dropped.
  void leave(const std::shared_ptr<Deliveries>& member);
  /// Waits until every record has its outcome, and its task can take it; at most this long.
  bool flush(std::chrono::milliseconds at_most);
  /// By the first task that is there.
  void report(Level level, std::string_view text);
  /// Somebody's records do not arrive: looks why, soon.
  void look() { asked_.store(true, std::memory_order_relaxed); }
  /// What such a look has found lately: of this topic, or of any if it has no name. Empty: nothing is known.
  std::string trouble(std::string_view topic) const;
  std::string brokers() const;

 private:
  ProducerHub(Properties properties, std::shared_ptr<SharedQuota> quota);
  Result<std::unique_ptr<Producer>> make();
  std::size_t take_room(std::span<const Record> records);
  std::size_t refuse_by_quota(std::span<const Record> records, std::vector<Outcome>& refused);
  void refuse(const Record& record, const Failure& failure, std::vector<Outcome>& refused);
  void run();
  bool serve(Producer& producer, std::chrono::milliseconds at_most);
  void keep(const Delivery& delivery);
  void hand_out(std::shared_ptr<void> memory);
  void look_for_troubles();
  std::string why(const Delivery& delivery) const;
  void replace();
  bool gives_up(Producer& broken);

  Properties properties_;
  const std::shared_ptr<SharedQuota> quota_;
  std::uint64_t most_records_, most_bytes_;  ///< that may wait for their outcome

  std::mutex members_mutex_;
  std::shared_ptr<Producer> producer_;                  ///< replaced by the thread alone, under the lock
  std::vector<std::shared_ptr<Deliveries>> members_;    ///< by number; null: it has left
  std::vector<std::pair<Level, std::string>> unheard_;  ///< what the client told before anybody joined
  std::atomic<std::uint64_t> under_way_{0};             ///< records whose outcome was not handed out
  std::atomic<std::uint64_t> bytes_under_way_{0};       ///< of these
  std::atomic<bool> stopping_{false}, asked_{false};
  mutable std::mutex troubles_mutex_;
  Troubles troubles_;          ///< written by the thread alone, under the lock
  Nanoseconds looked_at_ = 0;  ///< the same

  // The thread's own: producers that broke and still owe outcomes; outcomes by the number of their member, and those members
  // that have any.
  std::vector<std::shared_ptr<Producer>> broken_;
  bool told_ = false;  ///< that no other can be made
  std::vector<Outcomes> found_;
  std::vector<std::uint16_t> found_of_;
  std::uint64_t found_bytes_ = 0;
  std::jthread thread_;
};

}  // namespace sparse::kafka
