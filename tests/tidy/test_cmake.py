"""Sources are listed by hand: each one listed exists, each one that exists is listed."""

import posixpath
import re

import tree

SOURCE = re.compile(r"[\w./${}-]+\.(?:cc|cpp)\b")
# Never compiled by the project's own build.
OUTSIDE = ("bench/peers/",)


LOOP = re.compile(r"foreach\((\w+)\s+([^()]*)\)(.*?)endforeach\(\)", re.DOTALL)


def unrolled(text):
    """`foreach` over a plain list, written out."""
    repeat = lambda loop: "\n".join(loop[3].replace(f"${{{loop[1]}}}", item) for item in loop[2].split())
    return LOOP.sub(repeat, re.sub(r"#.*", "", text))


def listed():
    """path -> the CMake file that lists it."""
    found = {}
    for name in tree.files():
        if not name.endswith(("CMakeLists.txt", ".cmake")):
            continue
        folder = posixpath.dirname(name)
        for line in unrolled(tree.text(name)).splitlines():
            for source in SOURCE.findall(line):
                if source.startswith(("${CMAKE_CURRENT_BINARY_DIR}", "${CMAKE_BINARY_DIR}", "${PROJECT_BINARY_DIR}")):
                    continue
                path = re.sub(r"^\$\{(?:PROJECT|CMAKE)_SOURCE_DIR\}/", "", source)
                if path == source:
                    path = posixpath.join(folder, re.sub(r"^\$\{CMAKE_CURRENT_(?:SOURCE|LIST)_DIR\}/", "", source))
                if "$" not in path:
                    found[posixpath.normpath(path)] = name
    return found


def test_listed_sources_exist():
    tree.report(
        [f"{place}: {path} does not exist" for path, place in sorted(listed().items()) if path not in tree.files()]
    )


def test_sources_are_listed():
    known = listed()
    tree.report(
        [
            f"{name}: in no CMakeLists.txt"
            for name in tree.with_suffix(".cc")
            if name not in known and not name.startswith(OUTSIDE)
        ]
    )


def test_no_globs():
    problems = []
    for name in tree.files():
        if name.endswith("CMakeLists.txt"):
            problems += [
                f"{name}:{number}: list sources by hand"
                for number, line in enumerate(tree.lines(name), 1)
                if "file(GLOB" in line
            ]
    tree.report(problems)
