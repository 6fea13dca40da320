#include "sparse-cli/schema.h"

#include <cstdio>

#include "core/topology/schema.h"

namespace sparse::cli {

int run_schema(const SchemaArguments&) {
  std::fputs(topology::json_schema().c_str(), stdout);
  return 0;
}

}  // namespace sparse::cli
