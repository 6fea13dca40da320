// What a YAML scalar means: YAML 1.2's core types, and the spellings that other YAML readers take for something else.
#pragma once

#include <cstdint>
#include <string>

#include "core/config/yaml.h"

namespace sparse::yaml {

struct Scalar {
  enum class Type {
    null,
    boolean,
    integer,
    real,
    text,
    trap,  ///< readers disagree (`017`, `yes`, `1e3`, `1:30`), or it does not fit: the user has to say what is meant
  };
  Type type = Type::text;
  bool boolean = false;
  std::int64_t integer = 0;
  double real = 0;
  std::string trap = {};  ///< why, as in: `017` is 15 to some YAML readers and 17 to others
  std::string help = {};
};

/// The node is a scalar or null.
Scalar classify(const Node& node);

/// `nothing`, `a list`, `the number 5`, `the text "abc"`: what was found instead.
std::string describe(const Node& node);

}  // namespace sparse::yaml
