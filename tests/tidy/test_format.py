"""C++ looks as clang-format-19 leaves it."""

import subprocess

import tree


def test_clang_format_changes_nothing():
    names = [name for name in tree.with_suffix(*tree.CPP) if not name.startswith("bench/peers/")]
    done = subprocess.run(
        ["clang-format-19", "--dry-run", "--Werror", "--ferror-limit=1", *names],
        cwd=tree.ROOT,
        capture_output=True,
        text=True,
    )
    changed = sorted({line.split(":")[0] for line in done.stderr.splitlines() if "error:" in line})
    tree.report(
        [f"{name}: run clang-format-19 -i {name}" for name in changed] or ([done.stderr] if done.returncode else [])
    )
