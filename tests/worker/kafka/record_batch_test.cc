// Copies of records that outlive what they were made from.
#include "worker/kafka/record_batch.h"

#include <gtest/gtest.h>

namespace sparse::kafka {
namespace {

TEST(RecordBatch, keeps_records_whole_when_their_own_memory_is_gone) {
  RecordBatch batch;
  EXPECT_TRUE(batch.empty());
  {
    std::string topic = "t", key = "k", value = "v", name = "h", text = "x";
    const std::vector<Header> headers{{name, text}, {name, std::nullopt}, {name, ""}};
    batch.add({.topic = topic, .partition = 3, .key = key, .value = value, .headers = headers});
    batch.add({.topic = topic, .key = "", .value = std::nullopt});
    for (std::string* each : {&topic, &key, &value, &name, &text}) *each = "!";
    batch.add({.topic = topic, .value = std::string(100'000, 'y')});
  }
  ASSERT_EQ(batch.size(), 3u);
  EXPECT_EQ(batch.bytes(), 100'008u);
  const auto records = batch.waiting();
  EXPECT_EQ(records[0].topic, "t");
  EXPECT_EQ(records[0].partition, 3);
  EXPECT_EQ(records[0].key, "k");
  EXPECT_EQ(records[0].value, "v");
  ASSERT_EQ(records[0].headers.size(), 3u);
  EXPECT_EQ(records[0].headers[0].name, "h");
  EXPECT_EQ(records[0].headers[0].value, "x");
  EXPECT_FALSE(records[0].headers[1].value);
  EXPECT_EQ(records[0].headers[2].value, "");
  EXPECT_EQ(records[1].topic, "t");
  EXPECT_EQ(records[1].key, "");
  EXPECT_FALSE(records[1].value);
  EXPECT_EQ(records[2].topic, "!");
  EXPECT_EQ(records[2].value->size(), 100'000u);
}

TEST(RecordBatch, gives_records_away_from_the_front) {
  RecordBatch batch;
  for (int round = 0; round < 3; ++round) {
    for (const char* value : {"a", "b", "c"}) batch.add({.topic = "t", .value = value});
    batch.taken(2);
    ASSERT_EQ(batch.size(), 1u);
    EXPECT_EQ(batch.waiting()[0].value, "c");
    batch.add({.topic = "t", .value = "d"});
    EXPECT_EQ(batch.waiting()[1].value, "d");
    batch.taken(2);
    EXPECT_TRUE(batch.empty());
    EXPECT_EQ(batch.bytes(), 0u);
  }
}

}  // namespace
}  // namespace sparse::kafka
