// The seam to librdkafka, against the broker inside the process.
#include <gmock/gmock.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <map>
#include <set>

#include "worker/kafka/consumer.h"
#include "worker/kafka/embedded_broker.h"
#include "worker/kafka/producer.h"

namespace sparse::kafka {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

Report to(std::vector<std::string>& lines) {
  return [&lines](Level, std::string_view text) { lines.emplace_back(text); };
}

class Clients : public testing::Test {
 protected:
  Clients() {
    auto started = EmbeddedBroker::start({});
    broker = std::move(*started);
    EXPECT_TRUE(broker->create_topic("t", 2));
  }
  Properties properties() const {
    return {{"bootstrap.servers", broker->address()}, {"group.id", "g"}, {"fetch.wait.max.ms", "10"}, {"linger.ms", "0"}};
  }
  std::unique_ptr<Producer> producer(const Properties& more = {}) {
    Properties own = properties();
    own.insert(more.begin(), more.end());
    own.erase("group.id");
    own.erase("fetch.wait.max.ms");
    auto made = Producer::create(own, to(logged));
    EXPECT_TRUE(made) << made.error().message;
    return std::move(*made);
  }
  std::unique_ptr<Consumer> consumer() {
    Properties own = properties();
    own.erase("linger.ms");
    auto made = Consumer::create(own, to(logged));
    EXPECT_TRUE(made) << made.error().message;
    return std::move(*made);
  }
  std::vector<Delivery> deliver(Producer& writer, std::size_t count) {
    std::vector<Delivery> deliveries;
    for (int i = 0; i < 100 && deliveries.size() < count; ++i)
      writer.poll(milliseconds(100), [&](const Delivery& each) { deliveries.push_back(each); });
    return deliveries;
  }
  std::vector<Message> take(PartitionReader& reader, int fd, std::size_t count) {
    std::vector<Message> messages;
    for (int i = 0; i < 100 && messages.size() < count; ++i) {
      Message some[8];
      const std::size_t taken = reader.take(some);
      for (std::size_t k = 0; k < taken; ++k) messages.push_back(std::move(some[k]));
      pollfd waiting{fd, POLLIN, 0};
      if (taken == 0) ::poll(&waiting, 1, 100);
      std::uint64_t ignored = 0;
      if (waiting.revents != 0) {
        EXPECT_EQ(::read(fd, &ignored, sizeof ignored), 8);
      }
    }
    return messages;
  }

  std::vector<std::string> logged;
  std::unique_ptr<EmbeddedBroker> broker;
};

TEST_F(Clients, write_and_read_records_with_all_their_parts) {
  const auto writer = producer();
  const Header headers[] = {{"why", "because"}, {"nothing", std::nullopt}};
  ASSERT_EQ(writer->produce({.topic = "t", .partition = 1, .key = "k", .value = "v", .headers = headers, .timestamp = 1234}).code,
            0);
  ASSERT_EQ(writer->produce({.topic = "t", .partition = 1, .value = std::nullopt}).code, 0);
  ASSERT_EQ(writer->produce({.topic = "t", .partition = 1, .key = "", .value = ""}).code, 0);
  const auto deliveries = deliver(*writer, 3);
  ASSERT_EQ(deliveries.size(), 3u);
  for (const Delivery& each : deliveries) EXPECT_FALSE(each.failure) << each.failure->text;

  const auto reading = consumer();
  const int fd = ::eventfd(0, EFD_NONBLOCK);
  auto reader = reading->start("t", 1, kBeginning, fd);
  ASSERT_TRUE(reader) << reader.error().message;
  const auto messages = take(**reader, fd, 3);
  ASSERT_EQ(messages.size(), 3u);
  EXPECT_EQ(messages[0].offset(), 0);
  EXPECT_EQ(messages[0].key(), "k");
  EXPECT_EQ(messages[0].value(), "v");
  EXPECT_EQ(messages[0].timestamp(), 1234);
  ASSERT_EQ(messages[0].headers().size(), 2u);
  EXPECT_EQ(messages[0].headers()[0].value, "because");
  EXPECT_FALSE(messages[0].headers()[1].value);
  EXPECT_FALSE(messages[1].value());
  EXPECT_FALSE(messages[1].key());
  EXPECT_EQ(messages[2].value(), "");
  EXPECT_EQ(messages[2].key(), "");
  EXPECT_EQ((*reader)->watermarks().high, 3);
  ::close(fd);
}

TEST_F(Clients, commit_offsets_with_metadata_to_a_group_without_joining_it) {
  const auto reading = consumer();
  const auto before = reading->committed({{.topic = "t", .partition = 0}}, seconds(10));
  ASSERT_TRUE(before) << before.error().message;
  EXPECT_EQ(before->front().offset, kNoOffset);
  ASSERT_TRUE(reading->commit({{.topic = "t", .partition = 0, .offset = 17, .metadata = "me"}}));
  std::optional<std::vector<PartitionOffset>> outcome;
  for (int i = 0; i < 100 && !outcome; ++i) outcome = reading->poll(milliseconds(100));
  ASSERT_TRUE(outcome);
  EXPECT_EQ(outcome->front().failure.text, "");
  const auto after = reading->committed({{.topic = "t", .partition = 0}}, seconds(10));
  ASSERT_TRUE(after) << after.error().message;
  EXPECT_EQ(after->front().offset, 17);
  EXPECT_EQ(after->front().metadata, "me");
}

TEST_F(Clients, know_topics_and_their_watermarks) {
  const auto reading = consumer();
  const auto topics = reading->topics({"t"}, seconds(10));
  ASSERT_TRUE(topics) << topics.error().message;
  ASSERT_EQ(topics->size(), 1u);
  EXPECT_EQ(topics->front().partitions, 2);
  const auto marks = reading->watermarks("t", 0, seconds(10));
  ASSERT_TRUE(marks) << marks.error().message;
  EXPECT_EQ(marks->low, 0);
  EXPECT_EQ(marks->high, 0);
}

TEST_F(Clients, tell_of_an_offset_that_is_not_there) {
  const auto reading = consumer();
  const int fd = ::eventfd(0, EFD_NONBLOCK);
  auto reader = reading->start("t", 0, 1000, fd);
  ASSERT_TRUE(reader);
  const auto messages = take(**reader, fd, 1);
  ASSERT_EQ(messages.size(), 1u);
  EXPECT_TRUE(messages[0].failed());
  EXPECT_EQ(messages[0].failure().code, kOffsetOutOfRange);
  ::close(fd);
}

TEST_F(Clients, give_a_record_up_with_the_brokers_reason) {
  const auto writer = producer();
  broker->fail_next(Api::produce, {10, 10, 10, 10});  // MESSAGE_TOO_LARGE is for ever
  ASSERT_EQ(writer->produce({.topic = "t", .partition = 0, .value = "v", .about = &logged}).code, 0);
  const auto deliveries = deliver(*writer, 1);
  ASSERT_EQ(deliveries.size(), 1u);
  EXPECT_EQ(deliveries[0].about, &logged);
  ASSERT_TRUE(deliveries[0].failure);
  EXPECT_THAT(deliveries[0].failure->text, testing::HasSubstr("topic t, partition 0"));
  EXPECT_THAT(deliveries[0].failure->text, testing::HasSubstr("MSG_SIZE_TOO_LARGE"));
}

TEST_F(Clients, write_each_record_to_the_topic_that_it_names) {
  ASSERT_TRUE(broker->create_topic("other", 1));
  const auto writer = producer();
  for (const std::string_view topic : {"t", "other", "other", "t", "other"})
    ASSERT_EQ(writer->produce({.topic = topic, .partition = 0, .value = topic}).code, 0);
  ASSERT_EQ(deliver(*writer, 5).size(), 5u);
  const auto reading = consumer();
  const int fd = ::eventfd(0, EFD_NONBLOCK);
  for (const auto& [topic, count] : {std::pair("t", 2u), std::pair("other", 3u)}) {
    auto reader = reading->start(topic, 0, kBeginning, fd);
    ASSERT_TRUE(reader);
    const auto messages = take(**reader, fd, count);
    ASSERT_EQ(messages.size(), count);
    for (const Message& each : messages) EXPECT_EQ(each.value(), topic);
  }
  ::close(fd);
}

TEST_F(Clients, write_many_records_at_once_in_their_order_and_name_those_that_are_refused) {
  ASSERT_TRUE(broker->create_topic("other", 1));
  const auto writer = producer({{"message.max.bytes", "2000"}});
  const Header headers[] = {{"why", "because"}};
  const std::string large(3000, 'x');
  std::vector<std::string> values;
  for (int i = 0; i < 300; ++i) values.push_back(std::to_string(i));
  std::vector<Record> records;
  for (const std::string& value : values) records.push_back({.topic = "t", .partition = 0, .value = value});
  records[7].value = large;
  records[8].headers = headers;
  records[9].value = std::nullopt;
  records[10].topic = "other";
  records[11].partition = 99;
  records[12].key = "";
  std::vector<std::pair<std::size_t, std::string>> refused;
  writer->produce_all(records, [&](std::size_t place, const Failure& failure) { refused.emplace_back(place, failure.text); });
  // Which partitions there are is not known before the brokers have been asked: that record may be refused by its delivery, too.
  const std::size_t late = refused.size() == 1 ? 1 : 0;
  ASSERT_EQ(refused.size(), 2u - late);
  EXPECT_EQ(refused[0].first, 7u);
  EXPECT_THAT(refused[0].second, testing::HasSubstr("topic t, partition 0"));
  EXPECT_THAT(refused[0].second, testing::HasSubstr("MSG_SIZE_TOO_LARGE"));
  const auto deliveries = deliver(*writer, 298 + late);
  ASSERT_EQ(deliveries.size(), 298 + late);
  const auto failed = [](const Delivery& each) { return each.failure.has_value(); };
  EXPECT_EQ(static_cast<std::size_t>(std::ranges::count_if(deliveries, failed)), late);

  const auto reading = consumer();
  const int fd = ::eventfd(0, EFD_NONBLOCK);
  auto reader = reading->start("t", 0, kBeginning, fd);
  ASSERT_TRUE(reader) << reader.error().message;
  const auto messages = take(**reader, fd, 297);
  ASSERT_EQ(messages.size(), 297u);
  std::erase_if(values, [](const std::string& value) { return value == "7" || value == "10" || value == "11"; });
  for (std::size_t i = 0; i < values.size(); ++i) EXPECT_EQ(messages[i].value().value_or("9"), values[i]);
  EXPECT_EQ(messages[7].headers().size(), 1u);
  EXPECT_FALSE(messages[8].value());
  EXPECT_EQ(messages[9].key(), "");
  ::close(fd);
}

TEST_F(Clients, put_records_by_key_in_the_same_partition_whether_they_are_written_at_once_or_one_by_one) {
  ASSERT_TRUE(broker->create_topic("seven", 7));
  std::vector<std::string> keys;
  // The last ones are mixed with records that have no key to choose by.
  for (int i = 0; i < 900; ++i) keys.push_back(i > 500 && i % 10 == 9 ? "" : "key" + std::to_string(i % 50));
  for (const char* name : {"", "consistent_random", "consistent", "murmur2_random", "murmur2", "fnv1a_random", "fnv1a"}) {
    SCOPED_TRACE(name);
    const auto writer = producer(*name ? Properties{{"partitioner", name}} : Properties{});
    std::map<std::string, std::set<int>> one_by_one, at_once;
    std::vector<Record> records;
    for (std::size_t i = 0; i < keys.size(); ++i)
      records.push_back({.topic = "seven", .key = keys[i], .about = reinterpret_cast<void*>(i)});
    // The second time it is known how many partitions there are.
    for (auto* found : {&one_by_one, &at_once}) {
      if (found == &one_by_one)
        for (const Record& record : records) ASSERT_EQ(writer->produce(record).code, kNoError);
      else
        writer->produce_all(records, [](std::size_t, const Failure& failure) { FAIL() << failure.text; });
      auto deliveries = deliver(*writer, records.size());
      ASSERT_EQ(deliveries.size(), records.size());
      std::ranges::sort(deliveries, {}, &Delivery::about);
      std::map<int, std::int64_t> last;
      for (std::size_t i = 0; i < keys.size(); ++i) {
        if (!keys[i].empty()) (*found)[keys[i]].insert(deliveries[i].partition);
        const auto before = last.find(deliveries[i].partition);
        EXPECT_TRUE(before == last.end() || before->second < deliveries[i].offset) << "they keep their order";
        last[deliveries[i].partition] = deliveries[i].offset;
      }
      EXPECT_GT(last.size(), 1u);
    }
    EXPECT_EQ(at_once, one_by_one);
    for (const auto& [key, partitions] : at_once) EXPECT_EQ(partitions.size(), 1u) << key;
  }
}

TEST_F(Clients, put_records_without_a_key_together_for_a_while_and_everywhere_in_time) {
  constexpr std::size_t kCount = 600;
  ASSERT_TRUE(broker->create_topic("seven", 7));
  const auto writer = producer();
  std::set<int> found;
  for (int round = 0; found.size() < 7 && round < 1000; ++round) {
    std::vector<Record> records(kCount, {.topic = "seven", .value = "v"});
    for (std::size_t i = 0; i < kCount; i += 50) records[i].key = "key";  // they go elsewhere, and separate nothing
    for (std::size_t i = 0; i < kCount; ++i) records[i].about = reinterpret_cast<void*>(i);
    writer->produce_all(records, [](std::size_t, const Failure& failure) { FAIL() << failure.text; });
    const auto deliveries = deliver(*writer, kCount);
    ASSERT_EQ(deliveries.size(), kCount);
    std::map<int, std::size_t> together;
    for (const Delivery& each : deliveries)
      if (!records[reinterpret_cast<std::size_t>(each.about)].key) ++together[each.partition];
    // They go elsewhere between two hand-overs only, and there are three. The first round does not know the partitions yet.
    EXPECT_LE(together.size(), round == 0 ? 7u : 3u);
    for (const auto& [partition, count] : together) found.insert(partition);
  }
  EXPECT_EQ(found.size(), 7u);
}

TEST_F(Clients, leave_it_to_librdkafka_if_told_how_records_without_a_key_go_together) {
  ASSERT_TRUE(broker->create_topic("seven", 7));
  const auto writer = producer({{"sticky.partitioning.linger.ms", "0"}});
  const std::vector<Record> records(600, {.topic = "seven", .value = "v"});
  writer->produce_all(records, [](std::size_t, const Failure& failure) { FAIL() << failure.text; });
  std::set<int> found;
  for (const Delivery& each : deliver(*writer, records.size())) found.insert(each.partition);
  EXPECT_EQ(found.size(), 7u);
}

TEST_F(Clients, let_the_memory_of_records_outlive_their_producer) {
  auto writer = producer();
  for (int i = 0; i < 100; ++i) ASSERT_EQ(writer->produce({.topic = "t", .value = std::string(1000, 'x')}).code, 0);
  std::vector<std::shared_ptr<void>> memory;
  std::size_t delivered = 0;
  for (int i = 0; i < 100 && delivered < 100; ++i) {
    std::shared_ptr<void> some;
    writer->poll(milliseconds(100), [&](const Delivery&) { ++delivered; }, &some);
    if (some) memory.push_back(std::move(some));
  }
  ASSERT_EQ(delivered, 100u);
  EXPECT_EQ(writer->waiting(), 100u) << "their memory is still taken";
  writer.reset();
  memory.clear();
}

TEST(Properties, are_checked_by_name_and_value) {
  EXPECT_TRUE(check_property("acks", "all"));
  const auto unknown = check_property("fetch.min.byte", "1");
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().message, "librdkafka has no property \"fetch.min.byte\"; did you mean \"fetch.min.bytes\"?");
  EXPECT_EQ(unknown.error().about, "properties.fetch.min.byte");
  EXPECT_FALSE(check_property("acks", "lots"));
  const auto outside = check_property("queue.buffering.max.messages", "-3");
  ASSERT_FALSE(outside);
  EXPECT_TRUE(outside.error().message.ends_with("outside allowed range 0..2147483647")) << outside.error().message;
}

TEST(Properties, that_are_secret_are_never_shown) {
  const auto wrong = check_property("ssl.key.pem", "my secret");
  EXPECT_TRUE(wrong || wrong.error().message.find("my secret") == std::string::npos);
}

}  // namespace
}  // namespace sparse::kafka
