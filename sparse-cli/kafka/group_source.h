// Which group of which topics is meant: by a topology file's Kafka spouts, or by the command line alone.
#pragma once

#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/topology/topology.h"
#include "sparse-cli/kafka/arguments.h"
#include "worker/kafka/handle.h"

namespace sparse::cli {

struct GroupSource {
  std::string brokers, group;
  std::vector<std::string> topics = {};
  std::string pattern = {};  ///< a regular expression, if there are no topics
  std::string start = {};    ///< where its next run begins whatever is committed; empty: at what is committed
  kafka::Properties properties = {};
};

/// One for each Kafka spout of the topology; those that the command line leaves out are left out. Secrets are read.
Result<std::vector<GroupSource>> sources_of(const topology::Topology& topology, const KafkaOffsetsArguments& arguments);
/// The only source that the command line names by itself.
Result<std::vector<GroupSource>> source_of(const KafkaOffsetsArguments& arguments);

/// The topics that a source reads, of those that the brokers have.
std::vector<std::string> topics_of(const GroupSource& source, const std::vector<kafka::TopicInfo>& known);

/// Who committed, by the metadata of a commit: the topology's id, or empty.
std::string topology_of(const std::string& metadata);

}  // namespace sparse::cli
