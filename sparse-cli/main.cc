// `sparse`: parses the command line and calls the verb.
#include <cstdio>
#include <exception>
#include <new>
#include <string>
#include <system_error>
#include <variant>
#include <vector>

#include "core/base/printable.h"
#include "sparse-cli/command_line.h"
#include "sparse-cli/completion.h"
#include "sparse-cli/components.h"
#include "sparse-cli/kafka/consume.h"
#include "sparse-cli/kafka/offsets.h"
#include "sparse-cli/kafka/produce.h"
#include "sparse-cli/kafka/replay.h"
#include "sparse-cli/kafka/serve.h"
#include "sparse-cli/quickstart.h"
#include "sparse-cli/run.h"
#include "sparse-cli/schema.h"
#include "sparse-cli/sdk.h"
#include "sparse-cli/standard_streams.h"
#include "sparse-cli/validate.h"
#include "sparse-cli/visualize.h"
#include "worker/components/isolated_child.h"

namespace sparse::cli {
namespace {

int call(const RunArguments& arguments) { return run_run(arguments); }
int call(const ValidateArguments& arguments) { return run_validate(arguments, make_describe()); }
int call(const SchemaArguments& arguments) { return run_schema(arguments); }
int call(const VisualizeArguments& arguments) { return run_visualize(arguments, make_describe()); }
int call(const QuickstartArguments& arguments) { return run_quickstart(arguments); }
int call(const SdkArguments& arguments) { return run_sdk(arguments); }
int call(const CompletionArguments& arguments) { return run_completion(arguments); }
int call(const KafkaOffsetsArguments& arguments) { return run_kafka_offsets(arguments, make_describe()); }
int call(const KafkaReplayArguments& arguments) { return run_kafka_replay(arguments); }
int call(const KafkaServeArguments& arguments) { return run_kafka_serve(arguments); }
int call(const KafkaProduceArguments& arguments) { return run_kafka_produce(arguments); }
int call(const KafkaConsumeArguments& arguments) { return run_kafka_consume(arguments); }

int main_of(const std::vector<std::string>& words) {
  // What `isolate: process` starts, and nobody else.
  if (words.size() == 3 && words[0] == worker::kIsolatedVerb) return worker::run_isolated(words[1], words[2]);
  const auto outcome = parse_command_line(words);
  if (const Reply* reply = std::get_if<Reply>(&outcome)) {
    std::fputs(reply->out.c_str(), stdout);
    std::fputs(printable(reply->err).c_str(), stderr);
    return reply->exit_code;
  }
  return std::visit([](const auto& arguments) { return call(arguments); }, std::get<Arguments>(outcome));
}

}  // namespace
}  // namespace sparse::cli

int main(int argc, char** argv) {
  sparse::cli::hold_standard_descriptors();
  try {
    const int exit_code = sparse::cli::main_of({argv + 1, argv + argc});
    return sparse::cli::finish_stdout() || exit_code != 0 ? exit_code : 1;
  } catch (const std::system_error& error) {
    std::fprintf(stderr, "sparse: the system refuses what is needed: %s; look at the limits of this process: ulimit -a\n",
                 error.what());
    return 1;
  } catch (const std::bad_alloc&) {
    std::fprintf(stderr, "sparse: there is no memory left; look at the limits of this process: ulimit -a\n");
    return 1;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "sparse: unexpected: %s; this is a defect of sparse\n", error.what());
    return 1;
  }
}
