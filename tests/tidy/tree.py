"""The files of the project: tracked ones, and new ones that git does not ignore."""

import functools
import pathlib
import re
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[2]
CPP = (".cc", ".h")
PRODUCT = ("include/", "core/", "multilang/", "worker/", "sparse-cli/", "nimbus/", "supervisor/")


@functools.cache
def files():
    """Paths relative to the root, with slashes."""
    out = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    return sorted({name for name in out.stdout.decode().split("\0") if name and (ROOT / name).is_file()})


def with_suffix(*suffixes, under=("",)):
    return [name for name in files() if name.endswith(suffixes) and name.startswith(under)]


@functools.cache
def text(name):
    return (ROOT / name).read_text(encoding="utf-8", errors="replace")


def lines(name):
    return text(name).splitlines()


def is_text(name):
    return b"\0" not in (ROOT / name).read_bytes()[:8000]


BLANKABLE = re.compile(r'//[^\n]*|/\*.*?\*/|R"(\w*)\(.*?\)\1"|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])\'', re.DOTALL)


@functools.cache
def code(name):
    """A C++ file without its comments and literals, lines kept."""
    return BLANKABLE.sub(
        lambda found: (
            '""' + "\n" * found.group().count("\n")
            if found.group()[0] in "\"'R"
            else "\n" * found.group().count("\n")
        ),
        text(name),
    )


def includes(name):
    """(line number, header) of each include; `"…"` and `<…>` alike."""
    return [
        (number, found.group(1))
        for number, line in enumerate(lines(name), 1)
        if (found := re.match(r'\s*#\s*include\s*[<"]([^>"]+)[>"]', line))
    ]


def report(problems):
    """Fails with all problems, one a line."""
    assert not problems, "\n" + "\n".join(problems)
