// Frames: what is encoded is decoded, and nothing else is.
#include "worker/transport/frame.h"

#include <gmock/gmock.h>

#include <cstring>

#include "core/base/random.h"
#include "worker/batch/control.h"

namespace sparse::worker {
namespace {

FrameBytes sample(std::string_view payload = "payload.") {
  FrameBytes frame;
  FrameHeader header;
  header.attempt = 3;
  header.receiver_attempt = 2;
  header.sequence = 77;
  header.confirmed = 76;
  header.source = 1;
  header.target = 2;
  header.count = 1;
  encode_frame(frame, header, {payload.data(), payload.size()});
  return frame;
}

std::string problem(const FrameBytes& bytes) {
  const auto decoded = decode_frame(bytes);
  const auto* text = std::get_if<std::string>(&decoded);
  return text ? *text : "";
}

TEST(Frame, IsReadAsItWasWritten) {
  const FrameBytes bytes = sample();
  const auto decoded = decode_frame(bytes);
  const Frame& frame = std::get<Frame>(decoded);
  EXPECT_EQ(frame.header.sequence, 77u);
  EXPECT_EQ(frame.header.attempt, 3u);
  EXPECT_EQ(std::string(frame.payload.begin(), frame.payload.end()), "payload.");
}

TEST(Frame, CanBeBroughtUpToDateBeforeItIsSentAgain) {
  FrameBytes bytes = sample();
  update_frame(bytes, 9, 100);
  const auto decoded = decode_frame(bytes);
  const Frame& frame = std::get<Frame>(decoded);
  EXPECT_EQ(frame.header.receiver_attempt, 9u);
  EXPECT_EQ(frame.header.confirmed, 100u);
  EXPECT_EQ(frame.header.sequence, 77u);
}

TEST(Frame, IsRefusedWhenAnyBitIsWrongOrAnyByteIsMissing) {
  const FrameBytes whole = sample();
  for (std::size_t size = 0; size < whole.size(); ++size)
    EXPECT_NE(problem(FrameBytes(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size))), "");
  for (std::size_t bit = 0; bit < whole.size() * 8; ++bit) {
    FrameBytes changed = whole;
    changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ (1 << (bit % 8)));
    EXPECT_NE(problem(changed), "") << "bit " << bit;
  }
}

TEST(Frame, OfAnUnknownVersionIsRefusedByName) {
  FrameBytes bytes = sample();
  bytes[0] = 9;
  EXPECT_THAT(problem(bytes), ::testing::HasSubstr("version 9"));
}

template <class Record>
std::string bytes_of(const Record& record, std::string_view tail = "") {
  std::string bytes(reinterpret_cast<const char*>(&record), sizeof record);
  bytes += tail;
  bytes.resize((bytes.size() + 7) & ~std::size_t{7});
  return bytes;
}

TEST(Control, IsChecked) {
  FailRecord fail;
  fail.length = 5;
  fail.header.size = sizeof fail + 8;
  FailRecord lying = fail;
  lying.length = 500;
  AckRecord small;
  small.header.size = 16;
  ControlHeader later{16, static_cast<ControlKind>(900)};
  const struct {
    std::string bytes;
    std::uint32_t count;
    std::string problem;
  } cases[] = {
      {bytes_of(AckRecord()), 1, ""},
      {bytes_of(AckRecord()) + bytes_of(CreditRecord()), 2, ""},
      {bytes_of(fail, "why??"), 1, ""},
      {bytes_of(later, "8 bytes!"), 1, ""},
      {bytes_of(AckRecord()), 2, "control record 1 is cut off"},
      {bytes_of(AckRecord()) + "........", 1, "bytes follow the last control record"},
      {bytes_of(lying, "why??"), 1, "control record 0 is shorter than what it holds"},
      {bytes_of(small).substr(0, 16), 1, "control record 0 is shorter than what it holds"},
      {bytes_of(PeerAttemptRecord()), 1, "control record 0 is of a kind that never crosses the network"},
  };
  for (const auto& one : cases) EXPECT_EQ(check_control({one.bytes.data(), one.bytes.size()}, one.count), one.problem);
}

}  // namespace
}  // namespace sparse::worker
