// Both sides of the batched framing against each other: what one writes, the other reads.
#include <gtest/gtest.h>

#include <cstring>
#include <stdexcept>

#include "multilang/cpp/child_records.h"
#include "multilang/cpp/marshal_writer.h"
#include "multilang/cpp/parent_frames.h"

namespace sparse::multilang {
namespace {

std::string said(BatchProtocol& parent, const std::string& frame) {
  std::memcpy(parent.room(frame.size()).data(), frame.data(), frame.size());
  parent.filled(frame.size());
  std::string text;
  for (;;) {
    const Inbound inbound = parent.next();
    const auto* message = std::get_if<ChildMessage>(&inbound);
    if (!message) return text + (std::holds_alternative<Nothing>(inbound) ? "" : "lost");
    if (const auto* emit = std::get_if<EmitMessage>(message)) {
      text += "emit";
      for (std::uint32_t i = 0; i < emit->count; ++i) text += " " + std::string(ValueView(emit->cells[i]).string());
      for (const std::int64_t id : emit->anchor_numbers) text += " @" + std::to_string(id);
      if (emit->stream != "default") text += " on " + std::string(emit->stream);
      if (emit->task != 0) text += " to " + std::to_string(emit->task);
      if (emit->need_task_ids) text += " asks";
    } else if (const auto* ack = std::get_if<AckMessage>(message)) {
      text += "ack " + std::to_string(*ack->number);
    } else if (const auto* fail = std::get_if<FailMessage>(message)) {
      text += "fail " + std::to_string(*fail->number) + " " + std::string(fail->reason);
    } else if (const auto* log = std::get_if<LogMessage>(message)) {
      text += "log " + std::string(log->text) + " " + std::to_string(log->level);
    } else if (const auto* error = std::get_if<ErrorMessage>(message)) {
      text += "error " + std::string(error->text);
    } else if (std::holds_alternative<SyncMessage>(*message)) {
      text += "sync";
    } else {
      text += "odd";
    }
    text += "; ";
  }
}

TEST(ChildRecords, AreReadByTheParentAsWhatTheyMean) {
  BatchProtocol parent("");
  ChildRecords records;
  EXPECT_EQ(records.take(), "");
  Cell cell;
  cell.set(std::string_view("a"));
  const std::int64_t seven[] = {7}, two[] = {7, 8};
  EXPECT_EQ(records.emit({.anchors = seven}, &cell, 1), "");
  EXPECT_EQ(records.emit({.anchors = seven}, &cell, 1), "");
  EXPECT_EQ(records.emit({}, &cell, 1), "");
  EXPECT_EQ(records.emit({.stream = "odd", .task = 4, .asks = true, .anchors = two}, &cell, 1), "");
  records.ack(7);
  records.ack(8);
  records.fail(9, "why \xff");
  records.log("hello", 3);
  records.error("oh");
  records.sync();
  EXPECT_EQ(
      said(parent, records.take()),
      "emit a @7; emit a @7; emit a; emit a @7 @8 on odd to 4 asks; ack 7; ack 8; fail 9 why ?; log hello 3; error oh; sync; ");
  EXPECT_EQ(records.take(), "");
}

TEST(ChildRecords, LeaveOutAnEmitThatCannotBeCarried) {
  BatchProtocol parent("");
  ChildRecords records;
  Cell cell;
  cell.set(std::string_view("\xff"));
  const std::int64_t seven[] = {7};
  EXPECT_NE(records.emit({.anchors = seven}, &cell, 1), "");
  EXPECT_NE(records.emit({.stream = "odd"}, &cell, 1), "");
  const std::string large(17 << 20, 'x');
  cell.set(std::string_view(large));
  EXPECT_NE(records.emit({.anchors = seven}, &cell, 1).find("the limit is"), std::string::npos);
  records.ack(7);
  EXPECT_EQ(said(parent, records.take()), "ack 7; ");
}

TEST(ParentFrames, GiveTheTuplesThatTheParentWrote) {
  BatchProtocol parent("");
  std::string bytes;
  Cell cells[2];
  cells[0].set(std::string_view("a"));
  cells[1].set(std::int64_t{5});
  EXPECT_EQ(parent.tuple(bytes, {1, "lines", "default", 3, cells, 2}), "");
  EXPECT_EQ(parent.tuple(bytes, {2, "lines", "default", 4, cells, 2}), "");
  EXPECT_EQ(parent.tuple(bytes, {3, "other", "odd", 4, cells, 0}), "");
  parent.heartbeat(bytes);
  parent.tick(bytes, 17, 60);
  ParentFrames frames;
  std::vector<TupleSource> sources;
  std::string text;
  for (const char byte : bytes) {
    frames.add({&byte, 1});
    const auto frame = frames.next();
    if (!frame) continue;
    if (frame->kind == FrameKind::source) {
      std::size_t number = 0;
      const TupleSource source = source_of(frame->payload, number);
      EXPECT_EQ(number, sources.size());
      sources.push_back(source);
    } else if (frame->kind == FrameKind::tuples) {
      ParentTuples tuples(frame->payload);
      while (tuples.next(sources)) {
        text += std::to_string(tuples.id()) + " of " + sources[tuples.source()].component + "#" +
                std::to_string(sources[tuples.source()].task) + ":";
        if (tuples.count() == 2)
          text += std::string(ValueView(tuples.cells()[0]).string()) + std::to_string(ValueView(tuples.cells()[1]).integer());
        text += "; ";
      }
    } else {
      text += "kind " + std::to_string(static_cast<int>(frame->kind)) + "; ";
      if (frame->kind == FrameKind::tick) {
        EXPECT_EQ(integers_of(frame->payload), (std::vector<std::int64_t>{17, 60}));
      }
    }
  }
  // A heartbeat does not wait for a batch to be full.
  EXPECT_EQ(text, "kind 3; 1 of lines#3:a5; 2 of lines#4:a5; 3 of other#4:; kind 4; ");
}

TEST(ParentFrames, ThrowOnWhatIsNoFrame) {
  ParentFrames frames;
  frames.add("Traceback");
  EXPECT_THROW(frames.next(), std::runtime_error);
  std::size_t number = 0;
  for (const std::string_view payload : {"", "N", "[", ")\2NN", "i\1"}) {
    EXPECT_THROW(source_of(payload, number), std::runtime_error) << payload;
    EXPECT_THROW(ParentTuples{payload}, std::runtime_error) << payload;
    EXPECT_THROW(integers_of(payload), std::runtime_error) << payload;
  }
}

}  // namespace
}  // namespace sparse::multilang
