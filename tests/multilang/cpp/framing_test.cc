// Bytes in, messages out.
#include "multilang/cpp/framing.h"

#include <gtest/gtest.h>

#include <cstring>
#include <string>
#include <vector>

namespace sparse::multilang {
namespace {

std::vector<std::string> frames(Framer& framer, std::string_view bytes, std::size_t step) {
  std::vector<std::string> result;
  while (!bytes.empty()) {
    const std::size_t count = std::min(step, bytes.size());
    const auto room = framer.room(count);
    std::memcpy(room.data(), bytes.data(), count);
    framer.filled(count);
    bytes.remove_prefix(count);
    while (const auto text = framer.next()) result.emplace_back(*text);
  }
  return result;
}

TEST(Framing, CutsMessagesAtTheLineEndWhateverThePiecesTheyComeIn) {
  const struct {
    const char* bytes;
    std::vector<std::string> messages;
  } cases[] = {
      {"", {}},
      {"{}", {}},
      {"{}\nend", {}},
      {"{}\nend\n", {"{}"}},
      {"{}\r\nend\r\n", {"{}"}},
      {"\n\n  \n{}\nend\n", {"{}"}},
      {"end\nend\n\nend\n", {}},
      {"{\n  \"a\": 1\n}\nend\n[2]\nend\n", {"{\n  \"a\": 1\n}", "[2]"}},
      {"{}\n end\nend\n", {"{}\n end"}},
      {"{}\nends\nbackend\nend\n", {"{}\nends\nbackend"}},
      {"a\nend\nb\nend\nc", {"a", "b"}},
  };
  for (const auto& c : cases)
    for (std::size_t step : {1, 2, 3, 7, 1000}) {
      Framer framer;
      EXPECT_EQ(frames(framer, c.bytes, step), c.messages) << c.bytes << " in steps of " << step;
      EXPECT_FALSE(framer.over_limit());
    }
}

TEST(Framing, ShowsWhatIsThereOfAMessageWithoutItsEnd) {
  Framer framer;
  frames(framer, "{}\nend\n{\"comm", 100);
  EXPECT_EQ(framer.partial(), "{\"comm");
  framer.clear();
  EXPECT_EQ(framer.partial(), "");
  EXPECT_EQ(frames(framer, "{}\nend\n", 100), std::vector<std::string>{"{}"});
}

TEST(Framing, StopsAtAMessageOverTheLimitWithOrWithoutItsEnd) {
  for (const bool ended : {false, true}) {
    Framer framer(100);
    EXPECT_EQ(frames(framer, "ok\nend\n" + std::string(101, 'x') + (ended ? "\nend\nnever\nend\n" : ""), 1000),
              std::vector<std::string>{"ok"});
    EXPECT_TRUE(framer.over_limit());
    EXPECT_EQ(framer.next(), std::nullopt);
    framer.clear();
    EXPECT_FALSE(framer.over_limit());
  }
  Framer framer(100);
  EXPECT_EQ(frames(framer, std::string(100, 'x') + "\nend\n", 1000).size(), 1u);
}

TEST(Framing, LeavesPaddingBehindEachMessageAndGivesMemoryBack) {
  Framer framer;
  const std::string large(std::size_t{4} << 20, 'x');
  EXPECT_EQ(frames(framer, large + "\nend\n", 65536).size(), 1u);
  EXPECT_LT(framer.room(4096).size(), std::size_t{1} << 20);
  const auto room = framer.room(64);
  for (std::size_t i = 0; i < Framer::kPadding; ++i) room.data()[room.size() + i] = 'p';  // a fault here is found by ASan
}

}  // namespace
}  // namespace sparse::multilang
