// What a bench component counted itself, written when it closes: bench/run compares it with the run's summary.
#pragma once

#include <cstdint>
#include <cstdio>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

#include <sparse/sdk.h>

namespace bench {

/// Appends one JSON object a task to the file of the option `report`. Short lines in append mode do not mix.
class Report {
 public:
  void open(const sparse::Context& context) {
    path_ = context.option("report", "");
    component_ = context.component();
  }
  void write(std::initializer_list<std::pair<std::string_view, std::uint64_t>> counts) const {
    if (path_.empty()) return;
    std::string line = "{\"component\": \"" + component_ + '"';
    for (const auto& [name, count] : counts) line += ", \"" + std::string(name) + "\": " + std::to_string(count);
    line += "}\n";
    std::FILE* file = std::fopen(path_.c_str(), "a");
    if (!file) throw std::runtime_error("cannot write the report " + path_);
    std::fwrite(line.data(), 1, line.size(), file);
    std::fclose(file);
  }

 private:
  std::string path_, component_;
};

}  // namespace bench
