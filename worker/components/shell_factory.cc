// Makes `command:` and `python:` components.
#include "worker/components/shell_factory.h"

#include "worker/components/shell_bolt.h"
#include "worker/components/shell_spout.h"

namespace sparse::worker {

MakeShell shell_maker(ShellSettings settings) {
  return
      [settings = std::move(settings)](const topology::Topology&, const topology::Component& component) -> Result<MadeComponent> {
        MadeComponent made;
        if (component.is_spout) {
          auto spout = std::make_unique<ShellSpout>(settings);
          made.external = spout.get();
          made.spout = std::move(spout);
        } else {
          auto bolt = std::make_unique<ShellBolt>(settings);
          made.external = bolt.get();
          made.bolt = std::move(bolt);
        }
        return made;
      };
}

}  // namespace sparse::worker
