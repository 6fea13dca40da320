// Makes `command:` and `python:` components.
#pragma once

#include "worker/components/component_factory.h"
#include "worker/components/shell_settings.h"

namespace sparse::worker {

/// For make_component_factory. All children of a process may share one launcher.
MakeShell shell_maker(ShellSettings settings);

}  // namespace sparse::worker
