// The Java classes that Flux files name: which have a counterpart here, and the error about the others.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/topology/findings.h"

namespace sparse::topology {

enum class JavaKind { other, shell_spout, shell_bolt, builtin, partial_key, list, text };

struct JavaCounterpart {
  JavaKind kind = JavaKind::other;
  std::string_view builtin = {};  ///< its name
  bool is_spout = false;          ///< of built-ins
};

/// The counterpart of a class; Storm's packages are known under their old name `backtype.storm`, too.
JavaCounterpart counterpart_of(std::string_view class_name);

/// A Java class in use that has no counterpart.
struct JavaUse {
  std::string class_name;
  std::string user;  ///< `bolt "count"`
  Where where = {};  ///< of the class name
};

/// One error for all of them, with what to use instead.
void report_java(std::vector<JavaUse> uses, Findings& findings);

}  // namespace sparse::topology
