// The inbox is probed with one record at a time, whatever else comes in.
#include "worker/execution/waits.h"

#include <gtest/gtest.h>

namespace sparse::worker {
namespace {

constexpr std::uint32_t kLines = 3, kWords = 5;

const EdgeWaits* edge_from(const Waits& waits, std::uint32_t source) {
  for (const EdgeWaits& edge : waits.edges())
    if (edge.source == source) return &edge;
  return nullptr;
}

TEST(Waits, end_when_all_records_ahead_have_gone) {
  Waits waits;
  waits.probe(kLines, 3, 1000);
  EXPECT_TRUE(waits.probes());
  waits.executed(1100);
  waits.executed(1200);
  EXPECT_EQ(edge_from(waits, kLines), nullptr);
  waits.executed(1500);
  EXPECT_FALSE(waits.probes());
  ASSERT_NE(edge_from(waits, kLines), nullptr);
  EXPECT_EQ(edge_from(waits, kLines)->queue.count(), 1u);
  EXPECT_EQ(edge_from(waits, kLines)->queue.max(), 500u);
  waits.executed(9000);
  EXPECT_EQ(edge_from(waits, kLines)->queue.count(), 1u);
}

TEST(Waits, are_kept_by_source) {
  Waits waits;
  waits.transferred(kWords, 70);
  waits.transferred(kLines, 20);
  waits.transferred(kWords, 30);
  ASSERT_EQ(waits.edges().size(), 2u);
  EXPECT_EQ(edge_from(waits, kWords)->transfer.count(), 2u);
  EXPECT_EQ(edge_from(waits, kWords)->transfer.max(), 70u);
  EXPECT_EQ(edge_from(waits, kLines)->transfer.max(), 20u);
  EXPECT_EQ(edge_from(waits, kLines)->queue.count(), 0u);
}

TEST(Waits, with_a_child_are_its_own) {
  Waits waits;
  waits.answered(kWords, 3000);
  ASSERT_NE(edge_from(waits, kWords), nullptr);
  EXPECT_EQ(edge_from(waits, kWords)->child.max(), 3000u);
  EXPECT_EQ(edge_from(waits, kWords)->queue.count(), 0u);
}

TEST(Waits, are_not_measured_with_a_record_whose_place_has_changed) {
  Waits waits;
  waits.probe(kLines, 1, 1000);
  waits.forget();
  waits.executed(2000);
  EXPECT_TRUE(waits.edges().empty());
}

TEST(Waits, are_never_negative) {
  Waits waits;
  waits.transferred(kLines, -5);
  waits.probe(kLines, 1, 1000);
  waits.executed(900);
  EXPECT_EQ(edge_from(waits, kLines)->transfer.max(), 0u);
  EXPECT_EQ(edge_from(waits, kLines)->queue.max(), 0u);
}

}  // namespace
}  // namespace sparse::worker
