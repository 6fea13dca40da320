#include "sparse-cli/kafka/serve.h"

#include <fmt/format.h>
#include <poll.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <map>

#include "sparse-cli/figures.h"
#include "sparse-cli/kafka/connection.h"
#include "sparse-cli/kafka/deliveries.h"
#include "sparse-cli/kafka/load_plan.h"
#include "sparse-cli/kafka/words.h"
#include "worker/kafka/embedded_broker.h"
#include "worker/kafka/embedded_watch.h"

namespace sparse::cli {
namespace {

using Milliseconds = std::chrono::milliseconds;

constexpr int kPartitionsByDefault = 4;

struct Plan {
  std::map<std::string, int> topics;  ///< with their partitions
  std::vector<LoadSpec> loads;
};

Result<Plan> plan_of(const KafkaServeArguments& arguments) {
  Plan plan;
  for (const std::string& word : arguments.topics) {
    const auto spec = parse_topic_spec(word);
    if (!spec) return spec.error();
    if (!plan.topics.emplace(spec->topic, spec->partitions).second)
      return Error{fmt::format("--topic {} is given twice", spec->topic)};
  }
  for (const std::string& word : arguments.loads) {
    auto spec = parse_load_spec(word);
    if (!spec) return spec.error();
    plan.topics.emplace(spec->topic, kPartitionsByDefault);
    plan.loads.push_back(std::move(*spec));
  }
  return plan;
}

class Serving {
 public:
  Serving(const Plan& plan, kafka::EmbeddedBroker& broker, const Talk& talk) : plan_(plan), broker_(broker), talk_(talk) {}

  int run() {
    for (const auto& [topic, partitions] : plan_.topics)
      if (const auto made = broker_.create_topic(topic, partitions); !made) return talk_.stop({kFailed, made.error().message});
    for (const auto& [topic, partitions] : plan_.topics) plans_.emplace(topic, partitions);
    for (const LoadSpec& spec : plan_.loads)
      if (const auto fits = measure(spec); !fits) return talk_.stop({kFailed, fits.error().message});
    for (const LoadSpec& spec : plan_.loads)
      if (const int code = load(spec); code != 0) return code;
    if (signals_.asked() > 0) return 0;
    std::printf("%s\n", broker_.address().c_str());
    if (std::fflush(stdout) != 0)
      return talk_.stop({kFailed, fmt::format("the address cannot be written to the standard output: {}", std::strerror(errno))});
    talk_.say("an embedded broker, for demos: it keeps messages in memory, until Ctrl-C, and at most 4 MiB of them a partition");
    return watch();
  }

 private:
  Result<bool> measure(const LoadSpec& spec) {
    std::ifstream in(spec.file, std::ios::binary);
    if (!in) return Error{fmt::format("--load: {} cannot be read", spec.file)};
    LoadPlan& plan = plans_.at(spec.topic);
    std::string line;
    while (std::getline(in, line) && plan.fullest() <= 100 * kafka::kEmbeddedPartitionBytes) plan.add(line.size());
    if (in.bad()) return Error{fmt::format("--load: {} cannot be read", spec.file)};
    return plan.check(spec.file, spec.topic);
  }

  int load(const LoadSpec& spec) {
    auto producer = kafka::Producer::create({{"bootstrap.servers", broker_.address()}, {"linger.ms", "20"}}, talk_.report());
    if (!producer) return talk_.stop({kFailed, producer.error().message});
    Deliveries deliveries(spec.file + ": line", [this](std::string_view text) { talk_.say(text); });
    const auto take = [&](const kafka::Delivery& delivery) { deliveries.on_delivery(delivery); };
    std::ifstream in(spec.file, std::ios::binary);
    LoadPlan plan(plan_.topics.at(spec.topic));
    std::uint64_t lines = 0;
    for (std::string line; std::getline(in, line) && signals_.asked() == 0;) {
      const kafka::Record record{
          .topic = spec.topic, .partition = plan.add(line.size()), .value = line, .about = Deliveries::about(++lines)};
      kafka::Failure failure = (*producer)->produce(record);
      while (failure.code == kafka::kQueueFull && signals_.asked() == 0) {
        (*producer)->poll(Milliseconds(20), take);
        failure = (*producer)->produce(record);
      }
      if (failure.code != kafka::kNoError) deliveries.on_refusal(lines, failure);
      if (lines % 1000 == 0) (*producer)->poll(Milliseconds(0), take);
    }
    while ((*producer)->waiting() > 0 && signals_.asked() == 0) (*producer)->poll(Milliseconds(50), take);
    while ((*producer)->poll(Milliseconds(0), take)) continue;
    if (signals_.asked() > 0) return 0;
    if (deliveries.delivered() != lines)
      return talk_.stop({kFailed, fmt::format("{} of {} of {} went into topic {}; {}", grouped(deliveries.delivered()),
                                              counted(lines, "line"), spec.file, spec.topic, deliveries.failures_text())});
    talk_.say(fmt::format("{} of {} in topic {} ({})", counted(lines, "line"), spec.file, spec.topic,
                          counted(static_cast<std::uint64_t>(plan_.topics.at(spec.topic)), "partition")));
    return 0;
  }

  /// Until it is asked to stop; says when the broker has dropped what others wrote.
  int watch() {
    const auto looking = kafka::EmbeddedWatch::start(
        broker_.address(), "Take more partitions (--topic TOPIC:PARTITIONS), or a real broker: deploy/kafka start",
        [this](const kafka::EmbeddedWatch::Loss& loss) { talk_.say(loss.text); });
    if (!looking) return talk_.stop({kFailed, looking.error().message});
    while (signals_.asked() == 0) ::poll(nullptr, 0, 100);
    return 0;
  }

  const Plan& plan_;
  kafka::EmbeddedBroker& broker_;
  const Talk& talk_;
  StopSignals signals_;
  std::map<std::string, LoadPlan> plans_;
};

}  // namespace

int run_kafka_serve(const KafkaServeArguments& arguments) {
  const Talk talk("serve");
  const auto plan = plan_of(arguments);
  if (!plan) return talk.stop({kUsage, plan.error().message});
  auto broker = kafka::EmbeddedBroker::start(talk.report());
  if (!broker) return talk.stop({kFailed, broker.error().message});
  return Serving(*plan, **broker, talk).run();
}

}  // namespace sparse::cli
