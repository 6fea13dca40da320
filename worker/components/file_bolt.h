// Built-in bolt `file`: appends each tuple to a file, as a line of JSON or of text.
#pragma once

#include <string>

#include "worker/components/component.h"
#include "worker/components/file_handle.h"

namespace sparse::worker {

/// Options: `path`, `format: json | text` (text: the values, separated by tabs). A tuple is acked when the operating system has
/// its line; a line that cannot be written fails its tuple, and the log says when that begins and ends. Several tasks may write
/// one file.
class FileBolt final : public ExternalBolt {
 public:
  void attach(TaskHost& host) override { host_ = &host; }
  void open(Context& context) override;
  void execute(const Tuple& input, Output& out) override;
  void ready(int, std::uint32_t, Output&) override {}
  void close() override { file_.reset(); }

 private:
  void cannot_write(int error, Output& out);

  TaskHost* host_ = nullptr;
  Context* context_ = nullptr;
  std::string path_;
  bool json_ = true;
  bool torn_ = false;     ///< the last line was written in part
  bool failing_ = false;  ///< the last line was not written
  FileHandle file_;
  std::string line_;
};

}  // namespace sparse::worker
