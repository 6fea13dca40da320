"""What a profiler printed, as stacks and as tables of where time goes. Pure."""

import collections
import re

FRAME = re.compile(r"\s+[0-9a-f]+ (?P<function>.*) \((?P<object>[^()]*(?:\([^()]*\))?[^()]*)\)")
ANNOTATED = re.compile(
    r"\s*(?P<count>[\d,]+)\s+\(\s*[\d.]+%\)\s+(?:[^:\s]*:)?(?P<function>.*?)(?:\s+\[(?P<object>[^\]]*)\])?"
)
KINDS = ("engine", "component", "child", "library", "kernel")
LIBRARIES = re.compile(r"(?:lib\w[^/]*|ld-[^/]*|\[vdso\])$")


def kind(path, is_child=False):
    """Whose code it is, by the file that it is from."""
    name = path.rsplit("/", 1)[-1]
    if "kernel" in name or name.endswith(".ko") or name == "[unknown]":
        return "kernel"
    if is_child:
        return "child"
    if LIBRARIES.match(name):
        return "library"
    return "engine" if name == "sparse" else "component"


def short(function):
    """Without what every name has, and without offsets."""
    function = re.sub(r"\+0x[0-9a-f]+$", "", function)
    for long in ("sparse::worker::", "(anonymous namespace)::", "sparse::", "std::__cxx11::"):
        function = function.replace(long, "")
    return function.replace(";", ",")


def from_perf(text):
    """`perf script -F comm,pid,ip,sym,dso`: {(frames from the outermost in): samples}; a frame is (kind, function).

    The first sample is of the process that was started; others are its children.
    """
    stacks, ours = collections.Counter(), None
    for block in text.split("\n\n"):
        head, *frames = [line for line in block.splitlines() if line.strip()] or [""]
        found = [match for match in map(FRAME.fullmatch, frames) if match]
        if not found:
            continue
        process = head.split()[-1]
        ours = ours or process
        stack = [(kind(each["object"], process != ours), short(each["function"])) for each in reversed(found)]
        stacks[tuple(stack)] += 1
    return stacks


def from_callgrind(text):
    """`callgrind_annotate`: each function as a stack of its own, with its instructions."""
    stacks = collections.Counter()
    for match in filter(None, map(ANNOTATED.fullmatch, text.splitlines())):
        if match["function"] == "PROGRAM TOTALS":
            continue
        frame = (kind(match["object"] or "sparse"), short(match["function"]))
        stacks[(frame,)] += int(match["count"].replace(",", ""))
    return stacks


def folded(stacks):
    """One stack a line, as flame graph programs read it."""
    return "".join(f"{';'.join(name for _, name in stack)} {count}\n" for stack, count in sorted(stacks.items()))


def shares(stacks):
    """({kind: share}, [(function, kind, own share, share with what it calls)], the most first)."""
    everything = sum(stacks.values()) or 1
    kinds, own, whole = collections.Counter(), collections.Counter(), collections.Counter()
    for stack, count in stacks.items():
        own[stack[-1]] += count
        kinds[stack[-1][0]] += count
        for frame in set(stack):
            whole[frame] += count
    rows = [(frame[1], frame[0], count / everything, whole[frame] / everything) for frame, count in own.most_common()]
    return {name: kinds[name] / everything for name in KINDS if kinds[name]}, rows


def table(stacks, most, with_calls=True):
    """Text for a terminal."""
    kinds, rows = shares(stacks)
    lines = ["  ".join(f"{name} {share:.1%}" for name, share in kinds.items()), ""]
    lines.append(f"{'own':>6}  {'with calls' if with_calls else '':>10}  {'where':9}  function")
    for function, where, own, whole in rows[:most]:
        lines.append(f"{own:6.1%}  {f'{whole:.1%}' if with_calls else '':>10}  {where:9}  {function[:100]}")
    return "\n".join(lines)
