// Built-in bolt `print`: each tuple as one JSON object a line on the standard output.
#pragma once

#include <memory>
#include <string>

#include "worker/components/component.h"
#include "worker/components/file_handle.h"
#include "worker/components/stdout_sink.h"

namespace sparse::worker {

/// Lines are written after 64 KiB or 100 ms. While the reader is slow, the bolt takes no tuples; when it is gone, the run ends.
class PrintBolt final : public ExternalBolt {
 public:
  explicit PrintBolt(std::shared_ptr<StdoutSink> sink) : sink_(std::move(sink)) {}

  void attach(TaskHost& host) override { host_ = &host; }
  void open(Context& context) override { context_ = &context; }
  void execute(const Tuple& input, Output& out) override;
  void timer(Output& out) override;
  void ready(int fd, std::uint32_t events, Output& out) override;
  void finish(Output& out) override;
  void close() override;

 private:
  void flush();
  void stop_waiting();
  void give_up(std::string reason);

  std::shared_ptr<StdoutSink> sink_;
  TaskHost* host_ = nullptr;
  Context* context_ = nullptr;
  std::string lines_;
  FileHandle watched_;  ///< a duplicate: tasks of one loop cannot watch the same descriptor
  bool timer_started_ = false;
  bool broken_ = false;
};

}  // namespace sparse::worker
