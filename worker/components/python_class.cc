// The question to the launcher and its answer.
#include "worker/components/python_class.h"

#include <poll.h>

#include <chrono>
#include <cstdlib>
#include <iterator>
#include <span>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "core/base/install_paths.h"

namespace sparse::worker {
namespace {

constexpr std::size_t kOutputMax = std::size_t{1} << 20;
constexpr int kLookEveryMs = 50;
constexpr std::chrono::milliseconds kGrace{1000};

process::Command launcher_command(const topology::Component& component) {
  process::Command command{.argv = {"python3", "-m", "sparse_stream.launch", "--describe", component.runs.name},
                           .env = component.env,
                           .cwd = component.cwd};
  const auto own = component.env.find("PYTHONPATH");
  const char* inherited = std::getenv("PYTHONPATH");
  const std::string path = own != component.env.end() ? own->second : inherited ? inherited : "";
  const std::string ours = install_paths().python;
  if (!ours.empty()) command.env["PYTHONPATH"] = path.empty() ? ours : ours + ":" + path;
  return command;
}

/// Appends what there is now; what is above the limit is dropped.
template <class Read>
void read_all(std::string& to, Read read) {
  char piece[16384];
  for (;;) {
    const process::Io done = read(std::span<char>(piece));
    if (done.state != process::Io::State::done) return;
    if (to.size() < kOutputMax) to.append(piece, done.bytes);
  }
}

/// Until it says something, or ends, or a moment has passed.
void wait_for(const process::Child& child) {
  pollfd fds[] = {{.fd = child.stdout_fd(), .events = POLLIN, .revents = 0},
                  {.fd = child.stderr_fd(), .events = POLLIN, .revents = 0},
                  {.fd = child.exit_fd(), .events = POLLIN, .revents = 0}};
  ::poll(fds, std::size(fds), kLookEveryMs);
}

struct Answer {
  process::ExitStatus status;
  std::string output, errors;
};

Result<Answer> ask(const process::Command& command, process::ProcessLauncher& launcher, const Clock& clock, Nanoseconds at_most) {
  auto child = launcher.launch(command);
  if (!child) return child.error();
  (*child)->close_stdin();
  Answer answer;
  const Nanoseconds end = clock.now() + at_most;
  for (;;) {
    // Asked before the last read: what it had written when it ended is read.
    const auto ended = (*child)->ended();
    read_all(answer.output, [&](std::span<char> to) { return (*child)->read_stdout(to); });
    read_all(answer.errors, [&](std::span<char> to) { return (*child)->read_stderr(to); });
    if (ended) {
      answer.status = *ended;
      break;
    }
    if (clock.now() >= end) {
      (*child)->terminate(kGrace);
      return Error{fmt::format("it has not answered within {} s", at_most / kSecond)};
    }
    wait_for(**child);
  }
  (*child)->terminate(kGrace);
  return answer;
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

Result<PythonClass> describe_python(const topology::Component& component, process::ProcessLauncher& launcher, const Clock& clock,
                                    Nanoseconds at_most) {
  const std::string& name = component.runs.name;
  const auto answer = ask(launcher_command(component), launcher, clock, at_most);
  if (!answer) return Error{fmt::format("cannot ask the Python class {} what it emits: {}", name, answer.error().message)};
  if (answer->status == process::ExitStatus{}) return parse_description(answer->output);
  const std::string why = last_line(answer->errors);
  constexpr std::string_view kPrefix = "sparse_stream: ";
  if (why.starts_with(kPrefix)) return Error{why.substr(kPrefix.size())};
  return Error{fmt::format("the Python class {} cannot be loaded: {}", name,
                           why.empty() ? "python3 ended with " + process::describe(answer->status) : why)};
}

}  // namespace sparse::worker
