"""Which folder may include which: include/sparse <- core/base <- rest of core, multilang/cpp <- daemons <- sparse-cli."""

import tree

LAYERS = (
    "include/sparse",
    "core/base",
    "core",
    "multilang/cpp",
    "nimbus",
    "supervisor",
    "worker",
    "sparse-cli",
    "topologies",
    "bench",
    "tests",
)
ALLOWED = {
    "include/sparse": {"include/sparse"},
    "core/base": {"include/sparse", "core/base"},
    "core": {"include/sparse", "core/base", "core"},
    "multilang/cpp": {"include/sparse", "core/base", "core", "multilang/cpp"},
    "nimbus": {"include/sparse", "core/base", "core", "nimbus"},
    "supervisor": {"include/sparse", "core/base", "core", "supervisor"},
    "worker": {"include/sparse", "core/base", "core", "multilang/cpp", "worker"},
    "sparse-cli": {
        "include/sparse",
        "core/base",
        "core",
        "multilang/cpp",
        "nimbus",
        "supervisor",
        "worker",
        "sparse-cli",
    },
    "topologies": {"include/sparse", "topologies"},
    "bench": {"include/sparse", "bench"},
}
# Inside core: a folder may use those before it.
CORE_ORDER = ("base", "log", "metrics", "process", "config", "topology", "cluster", "http")


def layer(path):
    for name in sorted(LAYERS, key=len, reverse=True):
        if path.startswith(name + "/"):
            return name
    return None


def target(header):
    """The layer that a header belongs to, or None for system and third-party headers."""
    return "include/sparse" if header.startswith("sparse/") else layer(header)


def test_folders_include_only_what_lies_below_them():
    problems = []
    for name in tree.with_suffix(*tree.CPP):
        mine = layer(name)
        if mine in (None, "tests"):
            continue
        for number, header in tree.includes(name):
            theirs = target(header)
            if theirs and theirs not in ALLOWED[mine]:
                problems.append(f"{name}:{number}: {mine} must not include {header} ({theirs})")
    tree.report(problems)


def test_folders_of_core_include_only_earlier_ones():
    problems = []
    for name in tree.with_suffix(*tree.CPP, under=("core/",)):
        mine = name.split("/")[1]
        assert mine in CORE_ORDER, f"{name}: say in CORE_ORDER where core/{mine} stands"
        for number, header in tree.includes(name):
            parts = header.split("/")
            if parts[0] == "core" and len(parts) > 2 and CORE_ORDER.index(parts[1]) > CORE_ORDER.index(mine):
                problems.append(f"{name}:{number}: core/{mine} must not include {header}")
    tree.report(problems)


def test_includes_are_relative_to_the_root():
    problems = []
    for name in tree.with_suffix(*tree.CPP, under=tree.PRODUCT):
        for number, line in enumerate(tree.lines(name), 1):
            if line.startswith('#include "'):
                header = line.split('"')[1]
                if not (tree.ROOT / header).exists():
                    problems.append(f"{name}:{number}: no file {header} under the project's root")
    tree.report(problems)


def test_the_sdk_needs_the_standard_library_alone():
    problems = []
    for name in tree.with_suffix(".h", under=("include/",)):
        problems += [
            f"{name}:{number}: {header}"
            for number, header in tree.includes(name)
            if not header.startswith("sparse/")
            and ("/" in header or header.endswith((".h", ".hpp")))
            and header not in ("cxxabi.h",)
        ]
    tree.report(problems)
