"""Documents: links resolve, commands in the README exist, the first line of the guarantees stands."""

import os
import posixpath
import re

import tree

LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
FENCE = re.compile(r"^```(?:sh|console|bash)?\n(.*?)^```", re.DOTALL | re.MULTILINE)


def anchors(name):
    titles = [
        re.sub(r"[`*]", "", line.lstrip("#").strip()).lower() for line in tree.lines(name) if line.startswith("#")
    ]
    return {re.sub(r"\s", "-", re.sub(r"[^\w\s-]", "", title)) for title in titles}


def test_relative_links_resolve():
    problems = []
    for name in tree.with_suffix(".md"):
        for link in LINK.findall(re.sub(r"```.*?```", "", tree.text(name), flags=re.DOTALL)):
            if re.match(r"[a-z]+:", link):
                continue
            path, _, anchor = link.partition("#")
            target = posixpath.normpath(posixpath.join(posixpath.dirname(name), path)) if path else name
            if not (tree.ROOT / target).exists():
                problems.append(f"{name}: {link} does not exist")
            elif anchor and target.endswith(".md") and anchor not in anchors(target):
                problems.append(f"{name}: {target} has no heading #{anchor}")
    tree.report(problems)


def test_commands_of_the_readme_exist():
    problems = []
    for block in FENCE.findall(tree.text("README.md")):
        for line in block.splitlines():
            words = line.strip().removeprefix("$ ").split()
            if words and words[0].startswith("./") and not os.access(tree.ROOT / words[0], os.X_OK):
                problems.append(f"README.md: {words[0]} is no program")
            for path in re.findall(r"\b(?:topologies|bench|deploy|docs)/[\w./-]+", line):
                if not (tree.ROOT / path).exists():
                    problems.append(f"README.md: {path} does not exist")
    tree.report(problems)


def test_verbs_in_the_readme_exist():
    verbs = {posixpath.basename(name)[: -len(".cc")] for name in tree.with_suffix(".cc", under=("sparse-cli/",))}
    used = set(
        re.findall(
            r"^(?:\$ )?(?:\S*/)?sparse ([a-z_]+)\b", "\n".join(FENCE.findall(tree.text("README.md"))), re.MULTILINE
        )
    )
    tree.report([f"README.md: there is no verb {verb}" for verb in sorted(used - verbs)])


def test_guarantees_begin_with_the_promise():
    lines = [line for line in tree.lines("docs/guarantees.md") if line and not line.startswith("#")]
    assert lines[0] == "No message is lost; what a bolt keeps in memory dies with its process."


def test_decisions_are_numbered_without_gaps():
    names = sorted(posixpath.basename(name) for name in tree.with_suffix(".md", under=("docs/decisions/",)))
    numbers = [int(name[:4]) for name in names if re.match(r"\d{4}-", name)]
    assert numbers == list(range(len(numbers))) or numbers == list(range(1, len(numbers) + 1)), numbers
