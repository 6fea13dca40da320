"""The defects that the simulator has to notice still apply: `tests/sim/defects/check` builds and runs them."""

import subprocess

import tree


def patches():
    return sorted((tree.ROOT / "tests/sim/defects").glob("*.patch"))


def test_there_are_a_dozen_defects():
    assert len(patches()) >= 12


def test_every_defect_still_applies():
    problems = []
    for patch in patches():
        done = subprocess.run(["git", "apply", "--check", patch], cwd=tree.ROOT, capture_output=True, text=True)
        if done.returncode != 0:
            problems.append(f"{patch.name}: make it anew for the code as it is now: {done.stderr.strip()}")
    tree.report(problems)


def test_every_defect_is_small_and_says_what_it_is():
    problems = []
    for patch in patches():
        lines = patch.read_text().splitlines()
        changed = [line for line in lines if line[:1] in "+-" and not line.startswith(("+++", "---"))]
        if not lines[0].endswith(".") or lines[1]:
            problems.append(f"{patch.name}:1: begin with one sentence about the defect, and an empty line")
        if not 1 <= len(changed) <= 10:
            problems.append(f"{patch.name}: {len(changed)} changed lines; a defect is one to five")
    tree.report(problems)
