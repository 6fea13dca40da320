// The question to the launcher and its answer.
#include "worker/components/python_class.h"

#include <cstdlib>
#include <filesystem>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "core/base/install_paths.h"
#include "worker/components/short_command.h"

namespace sparse::worker {
namespace {

std::map<std::string, std::string> environment_of(const topology::Component& component) {
  std::map<std::string, std::string> environment = component.env;
  std::string path = environment.contains("PYTHONPATH") ? environment["PYTHONPATH"] : "";
  if (const char* inherited = std::getenv("PYTHONPATH"); inherited && !environment.contains("PYTHONPATH")) path = inherited;
  const std::string ours = install_paths().python;
  if (!ours.empty()) environment["PYTHONPATH"] = path.empty() ? ours : ours + ":" + path;
  return environment;
}

std::string folder_of(const topology::Component& component) {
  if (!component.cwd.empty()) return component.cwd;
  return std::filesystem::path(component.where.file).parent_path().string();
}

/// The last line says what was wrong; the lines before it are the way there.
std::string last_line(std::string_view text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.remove_suffix(1);
  const auto newline = text.rfind('\n');
  return std::string(newline == std::string_view::npos ? text : text.substr(newline + 1));
}

std::vector<std::string> names(const nlohmann::json& list) {
  std::vector<std::string> found;
  for (const auto& name : list) found.push_back(name.get<std::string>());
  return found;
}

}  // namespace

Result<PythonClass> parse_description(std::string_view json) {
  try {
    const auto answer = nlohmann::json::parse(json);
    PythonClass found{.is_spout = answer.at("kind") == "spout", .spec = {.outputs = names(answer.at("outputs"))}};
    for (const auto& stream : answer.at("streams"))
      found.spec.streams.push_back(
          {.name = stream.at("name"), .fields = names(stream.at("fields")), .direct = stream.at("direct")});
    return found;
  } catch (const nlohmann::json::exception& error) {
    return Error{fmt::format("the launcher's description of the class cannot be read: {}", error.what())};
  }
}

Result<PythonClass> describe_python(const topology::Component& component, const Clock& clock, Nanoseconds at_most) {
  const std::string& name = component.runs.name;
  const auto done = run_short_command({.argv = {"python3", "-m", "sparse_stream.launch", "--describe", name},
                                       .environment = environment_of(component),
                                       .folder = folder_of(component),
                                       .at_most = at_most},
                                      clock);
  if (!done) return Error{fmt::format("cannot ask the Python class {} what it emits: {}", name, done.error().message)};
  if (done->exit_code != 0) {
    const std::string why = last_line(done->error_text);
    constexpr std::string_view prefix = "sparse_stream: ";
    if (why.starts_with(prefix)) return Error{why.substr(prefix.size())};
    return Error{fmt::format("the Python class {} cannot be loaded: {}", name,
                             why.empty() ? fmt::format("python3 ended with exit code {}", done->exit_code) : why)};
  }
  return parse_description(done->output);
}

}  // namespace sparse::worker
