#include "worker/kafka/held_offset.h"

#include <fmt/format.h>

namespace sparse::kafka {

std::string held_text(const Held& held) {
  std::string text = fmt::format("topic {}, partition {} is stuck at offset {}: ", held.topic, held.partition, held.offset);
  if (held.failures > 0)
    text += fmt::format("{} tr{} of its message failed, the last with: {}", held.failures, held.failures == 1 ? "y" : "ies",
                        held.last_reason);
  else
    text += fmt::format("its tree does not complete for {} s", held.age / kSecond);
  if (held.full > 0)
    text += fmt::format("; nothing later is emitted, since `max-uncommitted` ({}) holds the partition", held.full);
  else if (held.later > 0)
    text += fmt::format("; {} later one{} emitted meanwhile", held.later, held.later == 1 ? " was" : "s were");
  if (held.failures > 0 && !held.goes_to_dead_letters)
    text += "; it is tried for ever: mend what refuses it, or give the spout a `dead-letter` topic";
  return text;
}

}  // namespace sparse::kafka
