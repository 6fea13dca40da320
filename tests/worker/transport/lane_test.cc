// Lanes: over any loss, doubling and reordering, each frame arrives once and in order.
#include "worker/transport/lane.h"

#include <gtest/gtest.h>

#include <map>

#include "core/base/random.h"

namespace sparse::worker {
namespace {

TEST(LaneReceiver, TellsWhatIsNextDoubledOrMissing) {
  using Arrival = LaneReceiver::Arrival;
  LaneReceiver receiver;
  const struct {
    std::uint64_t sequence;
    Arrival arrival;
  } cases[] = {{1, Arrival::next}, {1, Arrival::duplicate}, {3, Arrival::gap},
               {2, Arrival::next}, {3, Arrival::next},      {2, Arrival::duplicate}};
  for (const auto& one : cases) EXPECT_EQ(receiver.arrived(one.sequence), one.arrival) << one.sequence;
  EXPECT_EQ(receiver.confirmed(), 3u);
}

TEST(LaneSender, SendsAgainLaterAndLaterUntilConfirmed) {
  LaneSender sender;
  sender.sent({'a'}, 0);
  std::vector<Nanoseconds> times;
  for (Nanoseconds now = 0; now < 4 * kSecond; now += kMillisecond)
    if (sender.due(now)) {
      sender.resend(now);
      times.push_back(now / kMillisecond);
    }
  EXPECT_EQ(times, (std::vector<Nanoseconds>{50, 100, 200, 400, 800, 1600, 2600, 3600}));
  sender.confirmed(1, 4 * kSecond);
  EXPECT_TRUE(sender.idle());
  EXPECT_FALSE(sender.due(100 * kSecond));
}

TEST(LaneSender, IgnoresConfirmationsOfWhatItNeverSent) {
  LaneSender sender;
  sender.sent({'a'}, 0);
  sender.confirmed(5, 0);
  EXPECT_FALSE(sender.idle());
  sender.confirmed(0, 0);
  EXPECT_FALSE(sender.idle());
}

TEST(Lane, DeliversEachFrameOnceInOrderOverAFaultyWay) {
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    Random random(seed);
    LaneSender sender;
    LaneReceiver receiver;
    std::multimap<Nanoseconds, std::pair<std::uint64_t, char>> forth;
    std::multimap<Nanoseconds, std::uint64_t> back;
    std::string got, wanted;
    std::uint64_t first_unconfirmed = 1;
    const auto put = [&](Nanoseconds now, std::uint64_t sequence, char letter) {
      if (!random.chance(1, 4))
        forth.emplace(now + static_cast<Nanoseconds>(random.below(30)) * kMillisecond, std::pair(sequence, letter));
    };
    Nanoseconds now = 0;
    while (got.size() < 100 && now < 1000 * kSecond) {
      now += kMillisecond;
      if (wanted.size() < 100 && random.chance(1, 3)) {
        wanted += static_cast<char>('a' + random.below(26));
        put(now, sender.next(), wanted.back());
        sender.sent({wanted.back()}, now);
      }
      if (sender.due(now)) {
        std::uint64_t sequence = first_unconfirmed;
        for (const FrameBytes& frame : sender.resend(now)) put(now, sequence++, frame[0]);
      }
      for (; !forth.empty() && forth.begin()->first <= now; forth.erase(forth.begin()))
        if (receiver.arrived(forth.begin()->second.first) == LaneReceiver::Arrival::next) {
          got += forth.begin()->second.second;
          if (!random.chance(1, 4)) back.emplace(now + 5 * kMillisecond, receiver.confirmed());
        }
      for (; !back.empty() && back.begin()->first <= now; back.erase(back.begin())) {
        sender.confirmed(back.begin()->second, now);
        first_unconfirmed = std::max(first_unconfirmed, back.begin()->second + 1);
      }
    }
    EXPECT_EQ(got, wanted) << "seed " << seed;
  }
}

}  // namespace
}  // namespace sparse::worker
