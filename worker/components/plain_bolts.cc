// The `log` bolt.
#include "worker/components/plain_bolts.h"

#include "worker/components/value_json.h"

namespace sparse::worker {

void LogBolt::execute(const Tuple& input, Output&) {
  line_.clear();
  append_json_values(line_, input);
  context_->log(Level::info, line_);
}

}  // namespace sparse::worker
