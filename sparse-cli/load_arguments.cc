#include "sparse-cli/load_arguments.h"

#include <fmt/format.h>

namespace sparse::cli {
namespace {

using Pairs = std::vector<std::pair<std::string, std::string>>;

Result<Pairs> split(const std::vector<std::string>& words, std::string_view option) {
  Pairs pairs;
  for (const std::string& word : words) {
    const std::size_t equals = word.find('=');
    if (equals == std::string::npos || equals == 0) return Error{fmt::format("{} wants KEY=VALUE, found \"{}\"", option, word)};
    pairs.emplace_back(word.substr(0, equals), word.substr(equals + 1));
  }
  return pairs;
}

}  // namespace

Result<topology::LoadOptions> load_options_of(const std::vector<std::string>& options, const std::vector<std::string>& variables,
                                              const std::vector<std::string>& filters, bool env_filter) {
  Result<Pairs> config = split(options, "-o");
  if (!config) return config.error();
  Result<Pairs> values = split(variables, "--var");
  if (!values) return values.error();
  return topology::LoadOptions{
      .variables = std::move(*values), .filter_files = filters, .env_filter = env_filter, .config = std::move(*config)};
}

}  // namespace sparse::cli
