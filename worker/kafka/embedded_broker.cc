// The seam to librdkafka's mock cluster.
#include "worker/kafka/embedded_broker.h"

#include <fmt/format.h>
#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>

namespace sparse::kafka {

Result<std::unique_ptr<EmbeddedBroker>> EmbeddedBroker::start(Report report, int brokers) {
  // The cluster needs a client to belong to. It connects nowhere, and would log that.
  auto handle = Handle::create(Handle::Kind::producer, {{"log_level", "2"}}, std::move(report));
  if (!handle) return handle.error();
  std::unique_ptr<EmbeddedBroker> made(new EmbeddedBroker(std::move(*handle)));
  made->cluster_ = rd_kafka_mock_cluster_new(made->handle_->get(), brokers);
  if (!made->cluster_) return Error{"the embedded Kafka broker cannot be started: no free port on the loopback interface?"};
  made->address_ = rd_kafka_mock_cluster_bootstraps(made->cluster_);
  return made;
}

EmbeddedBroker::~EmbeddedBroker() {
  if (cluster_) rd_kafka_mock_cluster_destroy(cluster_);
}

Result<bool> EmbeddedBroker::create_topic(const std::string& name, int partitions) {
  const auto error = rd_kafka_mock_topic_create(cluster_, name.c_str(), partitions, 1);
  if (error == RD_KAFKA_RESP_ERR_NO_ERROR) return true;
  return Error{fmt::format("the topic {} cannot be created in the embedded broker: {}", name, rd_kafka_err2str(error))};
}

void EmbeddedBroker::fail_next(Api api, const std::vector<int>& errors) {
  std::vector<rd_kafka_resp_err_t> list;
  list.reserve(errors.size());
  for (const int error : errors) list.push_back(static_cast<rd_kafka_resp_err_t>(error));
  rd_kafka_mock_push_request_errors_array(cluster_, static_cast<std::int16_t>(api), list.size(), list.data());
}

void EmbeddedBroker::set_down(std::int32_t broker, bool down) {
  if (down)
    rd_kafka_mock_broker_set_down(cluster_, broker);
  else
    rd_kafka_mock_broker_set_up(cluster_, broker);
}

void EmbeddedBroker::set_leader(const std::string& topic, std::int32_t partition, std::int32_t broker) {
  rd_kafka_mock_partition_set_leader(cluster_, topic.c_str(), partition, broker);
}

void EmbeddedBroker::set_topic_error(const std::string& topic, int error) {
  rd_kafka_mock_topic_set_error(cluster_, topic.c_str(), static_cast<rd_kafka_resp_err_t>(error));
}

}  // namespace sparse::kafka
