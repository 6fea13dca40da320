// `sparse schema`: the JSON Schema of topology files, for editors.
#pragma once

#include "sparse-cli/arguments.h"

namespace sparse::cli {

int run_schema(const SchemaArguments& arguments);

}  // namespace sparse::cli
