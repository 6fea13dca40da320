"""Names of files and folders, run bits, and what must not be in the tree at all."""

import os
import re

import tree

BANNED = {"util", "utils", "common", "helper", "helpers", "misc", "manager", "stuff"}
TESTS_THAT_SKIP = re.compile(
    "|".join(["GTEST" + "_SKIP", "DISABLED" + "_", r"mark\.skip", r"pytest\.skip", r"unittest\.skip", r"mark\.xfail"])
)
LEFT_OPEN = re.compile(
    "|".join(["TO" + "DO", "FIX" + "ME", "XX" + "X", "not " + "implemented", "un" + "implemented"])
)
MACHINE_PATHS = re.compile(r"(?<![\w.])/(?:root|home|Users)/\w")
REQUIRED = (
    "CMakeLists.txt",
    "LICENSE",
    "README.md",
    "CONTRIBUTING.md",
    ".ci/run",
    "tests/run",
    "deploy/setup",
    "deploy/demo",
    "bench/run",
    "docs/architecture.md",
    "docs/guarantees.md",
    "docs/glossary.md",
    "topologies/wordcount/wordcount.yaml",
)


def test_what_everyone_looks_for_is_there():
    tree.report([f"{name} is missing" for name in REQUIRED if name not in tree.files()])


def test_names_say_a_role():
    problems = []
    for name in tree.files():
        for part in name.split("/"):
            if BANNED & set(re.split(r"[._-]", part.lower())):
                problems.append(f"{name}: {part} says nothing about its role")
    tree.report(problems)


def test_cpp_files_are_in_snake_case():
    tree.report(
        [
            name
            for name in tree.with_suffix(*tree.CPP)
            if not re.fullmatch(r"[a-z][a-z0-9_]*\.(cc|h)", name.split("/")[-1])
        ]
    )


def test_programs_have_their_run_bit():
    problems = []
    for name in tree.files():
        path = tree.ROOT / name
        if tree.is_text(name) and path.read_bytes()[:2] == b"#!" and not os.access(path, os.X_OK):
            problems.append(f"{name}: begins with #! but cannot be run (chmod +x)")
    tree.report(problems)


def test_no_test_skips():
    problems = []
    for name in tree.with_suffix(".cc", ".h", ".py"):
        problems += [
            f"{name}:{number}: {line.strip()}"
            for number, line in enumerate(tree.lines(name), 1)
            if TESTS_THAT_SKIP.search(line) and not name.startswith("tests/tidy/")
        ]
    tree.report(problems)


def test_nothing_is_left_open():
    problems = []
    for name in tree.with_suffix(".cc", ".h", ".py", ".java"):
        problems += [
            f"{name}:{number}: {line.strip()}"
            for number, line in enumerate(tree.lines(name), 1)
            if LEFT_OPEN.search(line)
        ]
    tree.report(problems)


def test_no_paths_of_one_machine():
    problems = []
    for name in tree.files():
        if tree.is_text(name) and "/corpus/" not in name:
            problems += [
                f"{name}:{number}: {line.strip()[:100]}"
                for number, line in enumerate(tree.lines(name), 1)
                if MACHINE_PATHS.search(line)
            ]
    tree.report(problems)


def test_no_built_files():
    tree.report(
        [
            name
            for name in tree.files()
            if name.endswith((".o", ".so", ".a", ".pyc", ".class", ".jar")) or name.startswith("build/")
        ]
    )
