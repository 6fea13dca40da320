"""bench/profile: runs a case under a profiler and says where its time goes."""

import argparse
import functools
import os
import shutil
import subprocess
import sys

import cases
import flame
import measures
import places
import sparse
import stacks
import storm

SAMPLES_A_SECOND = 499
ROWS = 30


def fail(text):
    sys.exit(f"bench/profile: {text}")


def arguments():
    parser = argparse.ArgumentParser(prog="bench/profile", description=__doc__)
    parser.add_argument("case", metavar="CASE", help="bench/run --list names them")
    parser.add_argument("--seconds", type=float, default=5, help="how long it runs (default 5)")
    parser.add_argument(
        "--with", dest="tool", choices=("perf", "callgrind"), help="default: perf where the kernel permits it"
    )
    parser.add_argument("--rows", type=int, default=ROWS, help=f"lines of the table (default {ROWS})")
    return parser.parse_args()


def perf_refuses():
    """Why perf cannot be used here, or None."""
    if not shutil.which("perf"):
        return "perf is not installed (deploy/setup installs it)"
    probe = places.OUT / "perf.probe"
    words = ["perf", "record", "-q", "-o", str(probe), "--", "true"]
    done = subprocess.run(words, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    if done.returncode == 0:
        return None
    said = next(iter(done.stderr.strip().splitlines()), "no reason given")
    return f"the kernel does not permit perf here ({said})"


def chosen_tool(wanted):
    reason = perf_refuses() if wanted != "callgrind" else "asked for"
    if reason is None:
        return "perf"
    if wanted == "perf":
        fail(f"{reason}; --with callgrind works without permission, and 50 times slower")
    if not shutil.which("valgrind"):
        fail(f"{reason}, and valgrind is missing, too: deploy/setup installs both")
    if wanted is None:
        print(f"bench/profile: {reason}: using callgrind, which counts instructions, not time", file=sys.stderr)
    return "callgrind"


def record(tool, case, seconds):
    """Runs the case; the file with what the profiler found."""
    build = functools.partial(case.topology, case)
    if case.measure is measures.rounds:
        build = functools.partial(build, repeat="forever")
    file, _ = sparse.topology_file(case.name, build)
    found = places.OUT / "profiles" / f"{case.name}.{tool}"
    found.parent.mkdir(parents=True, exist_ok=True)
    run = [str(places.SPARSE), "run", str(file), "-t", str(seconds)]
    if tool == "perf":
        frequency = ["-F", str(SAMPLES_A_SECOND), "--call-graph", "dwarf"]
        words = ["perf", "record", "-q", *frequency, "-o", str(found), "--", *run]
    else:
        words = ["valgrind", "-q", "--tool=callgrind", f"--callgrind-out-file={found}", *run]
    log = found.with_suffix(".log")
    with open(log, "wb") as out:
        done = subprocess.run(words, cwd=file.parent, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT)
    if done.returncode or not found.exists():
        fail(f"{tool} with sparse run ended with {done.returncode}; see {log}")
    return found


def output_of(*words):
    done = subprocess.run([str(word) for word in words], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    if done.returncode:
        fail(f"{words[0]} ended with {done.returncode}")
    return done.stdout.decode(errors="replace")


def stacks_of(tool, found):
    if tool == "perf":
        return stacks.from_perf(output_of("perf", "script", "--no-inline", "-F", "comm,pid,ip,sym,dso", "-i", found))
    return stacks.from_callgrind(output_of("callgrind_annotate", "--threshold=99.9", "--auto=no", found))


def main():
    options = arguments()
    if options.case not in cases.CASES:
        fail(f"there is no case {options.case}; there are: {', '.join(cases.CASES)}")
    case = cases.CASES[options.case]
    places.OUT.mkdir(parents=True, exist_ok=True)
    tool = chosen_tool(options.tool)
    say = functools.partial(print, file=sys.stderr, flush=True)
    sparse.prepare(say)
    if case.name == "python-storm":
        storm.prepare(say)
    found = record(tool, case, options.seconds)
    samples = stacks_of(tool, found)
    if not samples:
        fail(f"{tool} found nothing: is {options.seconds:g} s long enough?")
    print(
        f"{case.name}: {case.title}; {tool}, {sum(samples.values()):,} {'samples' if tool == 'perf' else 'instructions'}\n"
    )
    print(stacks.table(samples, options.rows, with_calls=tool == "perf"))
    if tool == "perf":
        found.with_suffix(".folded").write_text(stacks.folded(samples))
        found.with_suffix(".svg").write_text(flame.svg(samples, f"{case.name}: {case.title}"))
        print(f"\nflame graph, and its stacks folded: {os.path.relpath(found.with_suffix('.svg'))} and .folded")
    else:
        print(f"\nfor callgrind_annotate and kcachegrind: {os.path.relpath(found)}")


main()
