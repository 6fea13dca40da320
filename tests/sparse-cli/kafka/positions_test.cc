// What a group has committed, from brokers that are between two coordinators; against the broker inside the process.
#include "sparse-cli/kafka/positions.h"

#include <gmock/gmock.h>

#include "worker/kafka/embedded_broker.h"

namespace sparse::cli {
namespace {

using std::chrono::seconds;

constexpr int kLoading = 14, kNotAvailable = 15, kNotCoordinator = 16, kNotPermittedGroup = 30;

class Committed : public testing::Test {
 protected:
  void SetUp() override {
    auto started = kafka::EmbeddedBroker::start({});
    ASSERT_TRUE(started);
    broker = std::move(*started);
    ASSERT_TRUE(broker->create_topic("t", 1));
    auto made = kafka::Consumer::create({{"bootstrap.servers", broker->address()}, {"group.id", "g"}}, {});
    ASSERT_TRUE(made);
    client = std::move(*made);
  }

  std::unique_ptr<kafka::EmbeddedBroker> broker;
  std::unique_ptr<kafka::Consumer> client;
};

TEST_F(Committed, is_asked_for_again_while_the_group_has_no_coordinator) {
  broker->fail_next(kafka::Api::offset_commit, std::vector<int>(4, kNotCoordinator));
  const auto failed = commit_offsets(*client, {{.topic = "t", .partition = 0, .offset = 17}}, "g");
  EXPECT_FALSE(failed) << failed->message;
  for (const int error : {kNotCoordinator, kLoading, kNotAvailable}) {
    broker->fail_next(kafka::Api::offset_fetch, std::vector<int>(4, error));
    const auto answer = read_committed(*client, {{.topic = "t", .partition = 0}}, seconds(20));
    ASSERT_TRUE(answer) << error << ": " << answer.error().message;
    EXPECT_EQ(answer->front().offset, 17);
  }
}

TEST_F(Committed, is_an_error_if_the_brokers_refuse) {
  broker->fail_next(kafka::Api::offset_fetch, std::vector<int>(4, kNotPermittedGroup));
  const auto answer = read_committed(*client, {{.topic = "t", .partition = 0}}, seconds(20));
  ASSERT_FALSE(answer);
  EXPECT_THAT(answer.error().message, testing::HasSubstr("GROUP_AUTHORIZATION_FAILED"));
}

}  // namespace
}  // namespace sparse::cli
