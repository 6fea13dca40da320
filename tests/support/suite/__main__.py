"""The test runner behind tests/run: chooses parts, runs them side by side, sums up."""

import argparse
import pathlib
import sys

import parts
import schedule

ROOT = pathlib.Path(__file__).resolve().parents[3]


def arguments():
    parser = argparse.ArgumentParser(prog="tests/run", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help="parts to run, with what they need")
    parser.add_argument("--all", action="store_true", help="every part, slow tests included")
    parser.add_argument("--list", action="store_true", help="name the parts and stop")
    return parser.parse_args()


def main():
    wanted = arguments()
    suite = parts.suite(ROOT, every=wanted.all)
    if wanted.list:
        for part in parts.suite(ROOT, every=True):
            print(f"{part.name:18} {'--all  ' if part.only_all else '       '}{part.title}")
        return 0
    if wanted.names:
        suite = schedule.select(parts.suite(ROOT, every=wanted.all), wanted.names)
        if isinstance(suite, str):
            print(suite, file=sys.stderr)
            return 2
    else:
        suite = [part for part in suite if wanted.all or not part.only_all]
    passed, failed = schedule.run(suite, ROOT / "build/tests")
    print(f"{passed} passed, {failed} failed", flush=True)
    return 1 if failed else 0


sys.exit(main())
