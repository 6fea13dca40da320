// A topology file with all that it includes, before its components are understood.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/topology/findings.h"
#include "core/topology/substitute.h"

namespace sparse::topology {

/// Reads a file by its absolute path.
using ReadFile = std::function<Result<std::string>(const std::string& path)>;

/// Something that is defined in one of the files.
struct Definition {
  const yaml::Node* node = nullptr;
  const Document* document = nullptr;
};

struct Draft {
  std::deque<Document> documents = {};  ///< what the definitions point into; never moves
  Sources sources = {};
  Definition name = {};
  struct Entry {
    const yaml::Node* key = nullptr;
    Definition value = {};
  };
  std::vector<Entry> config = {};
  std::vector<Definition> spouts = {};
  bool names_spouts = false;  ///< even if none of them can be read
  std::vector<Definition> bolts = {};
  std::vector<Definition> objects = {};  ///< Flux's `components`
  std::vector<Definition> streams = {};
  std::vector<Definition> java_hooks = {};
  Definition topology_source = {};
};

/// Reads `file` and its includes: what the including file says wins, unless the include says `override: true`. False if the
/// file cannot be read at all, or variables have no value: then nothing more can be said about it.
bool read_draft(const std::string& file, const std::string& absolute, const Variables& variables, const ReadFile& read,
                Draft& draft, Findings& findings);

}  // namespace sparse::topology
