#include "core/log/log.h"

#include <spdlog/sinks/base_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include "core/base/printable.h"

namespace sparse {
namespace {

spdlog::level::level_enum spdlog_level(Level level) {
  switch (level) {
    case Level::trace: return spdlog::level::trace;
    case Level::debug: return spdlog::level::debug;
    case Level::info: return spdlog::level::info;
    case Level::warn: return spdlog::level::warn;
    case Level::error: return spdlog::level::err;
  }
  return spdlog::level::info;
}

/// One entry: further lines are indented.
std::string as_entry(std::string_view text) {
  std::string out;
  for (const char c : printable(text)) {
    out += c;
    if (c == '\n') out += "    ";
  }
  while (out.size() >= 5 && out.ends_with("\n    ")) out.resize(out.size() - 5);
  return out;
}

class LineSink final : public spdlog::sinks::base_sink<std::mutex> {
 public:
  explicit LineSink(std::function<void(std::string_view)> write) : write_(std::move(write)) {}

 private:
  void sink_it_(const spdlog::details::log_msg& message) override {
    spdlog::memory_buf_t line;
    formatter_->format(message, line);
    write_(std::string_view(line.data(), line.size()));
  }
  void flush_() override {}

  std::function<void(std::string_view)> write_;
};

class SinkLog final : public Log {
 public:
  SinkLog(Level least, spdlog::sink_ptr sink) : logger_("sparse", std::move(sink)) {
    logger_.set_pattern("%H:%M:%S.%e %v");
    logger_.set_level(spdlog_level(least));
    logger_.flush_on(spdlog::level::trace);
  }
  void write(const LogEntry& entry) override {
    const auto level = spdlog_level(entry.level);
    if (!logger_.should_log(level)) return;
    std::string line;
    if (!entry.component.empty()) {
      line += entry.component;
      if (entry.task != kNoTask) line += "#" + std::to_string(entry.task);
      line += ' ';
    }
    line += level_name(entry.level);
    line += entry.level == Level::info || entry.level == Level::warn ? "  " : " ";
    line += as_entry(entry.text);
    logger_.log(level, "{}", line);
  }

 private:
  spdlog::logger logger_;
};

}  // namespace

std::unique_ptr<Log> make_stderr_log(Level least) {
  return std::make_unique<SinkLog>(least, std::make_shared<spdlog::sinks::stderr_sink_mt>());
}

std::unique_ptr<Log> make_line_log(Level least, std::function<void(std::string_view line)> write) {
  return std::make_unique<SinkLog>(least, std::make_shared<LineSink>(std::move(write)));
}

std::string_view level_name(Level level) {
  constexpr std::string_view names[] = {"TRACE", "DEBUG", "INFO", "WARN", "ERROR"};
  return names[static_cast<int>(level)];
}

}  // namespace sparse
