"""bench/run: measures cases, with --vs storm interleaved with Apache Storm. stdout: one JSON object a line; stderr: talk."""

import argparse
import contextlib
import dataclasses
import fcntl
import json
import os
import sys

import cases
import figures
import kafka
import limits
import machine
import places
import results_page
import sparse
import storm

PAIRS, PAIRS_AGAINST_PEER = 3, 5


def arguments():
    parser = argparse.ArgumentParser(prog="bench/run", description=__doc__)
    parser.add_argument("cases", nargs="*", metavar="CASE", help="default: all but Kafka's; kafka: those; all")
    parser.add_argument("--vs", choices=["storm"], help="interleave with this peer; adds peer, peer_value and ratio")
    parser.add_argument("--pairs", type=int, help=f"runs of a case (default {PAIRS}, with --vs {PAIRS_AGAINST_PEER})")
    parser.add_argument("--seconds", type=int, default=6, help="how long a run measures (default 6)")
    parser.add_argument("--limits", action="store_true", help="measure the bare loops, too, as a run of all cases does")
    parser.add_argument("--reselect", action="store_true", help="measure again which settings suit the peer best")
    parser.add_argument("--write-results", action="store_true", help="write bench/results*.md from the figures")
    parser.add_argument("--from", dest="lines", metavar="FILE", help="with --write-results: from a former run's lines")
    parser.add_argument("--json-only", action="store_true", help="no talk")
    parser.add_argument("--list", action="store_true", help="name the cases and stop")
    return parser.parse_args()


def chosen_cases(names):
    chosen = cases.chosen(names)
    if isinstance(chosen, str):
        sys.exit(f"bench/run: there is no case {chosen}; there are: {', '.join(cases.CASES)}")
    return chosen


def groups(wanted, shared):
    """Cases that stand together and have the same peer share its runs."""
    made = []
    for case in wanted:
        alike = shared and case.storm and made and made[-1][0].storm == case.storm and made[-1][0].counts == case.counts
        made[-1].append(case) if alike else made.append([case])
    return made


class Peer:
    """Who runs beside the cases of a group: Storm, or sparse with tasks placed by hand, or nobody."""

    def __init__(self, case, options, talk):
        self.case, self.settings, self.title = case, None, None
        if case.hand:
            names = " and ".join(case.hand)
            self.case = dataclasses.replace(case, name=f"{case.name}-by-hand", apart=case.hand, hand=())
            self.title = f"sparse, {names} placed by hand on a loop of its own"
        elif options.vs and case.storm:
            self.settings = storm.best_settings(case, options, talk)
            self.title = storm.title(self.settings)

    def run(self, seconds):
        if self.settings:
            return storm.run(self.case, self.settings, seconds)
        return self.case.measure(self.case, seconds)

    def default(self, seconds):
        """For latencies, Storm as it comes. No reason to lose the pairs if that fails."""
        with contextlib.suppress(figures.Wrong):
            return storm.run(self.case, self.case.storm[0], seconds) if self.settings and self.case.rate else None


def measure(group, options, bounds, round_trip, talk):
    """The lines of a group of cases: so many rounds, each of all cases and their peer, in alternating order."""
    peer = Peer(group[0], options, talk)
    pairs = options.pairs or (PAIRS_AGAINST_PEER if peer.title else PAIRS)
    seconds = options.seconds * group[0].stretch
    ours, theirs, wrong = {case.name: [] for case in group}, [], {}
    before = round_trip()

    def turn(case):
        try:
            if case.name not in wrong:
                ours[case.name].append(case.measure(case, seconds))
        except figures.Wrong as error:
            wrong[case.name] = str(error)

    pairs = min(pairs, group[0].runs_at_most)
    for pair in range(pairs):
        turns = [lambda case=case: turn(case) for case in group]
        if peer.title:
            turns.append(lambda: theirs.append(peer.run(seconds)))
        for each in turns if pair % 2 == 0 else reversed(turns):
            each()
        for case in group:
            if case.name not in wrong:
                glance = figures.glance(case, ours[case.name][-1], theirs[-1] if theirs else None)
                talk(f"{case.name} {pair + 1}/{pairs}: {glance}")
    trips = [before, round_trip()]
    default = peer.default(options.seconds)
    for case in group:
        if case.name in wrong:
            yield {"case": case.name, "error": wrong[case.name]}
        else:
            yield from figures.lines(case, ours[case.name], theirs, peer.title, bounds, trips, default)


@contextlib.contextmanager
def alone():
    """Figures of two runs at once would be wrong."""
    places.OUT.mkdir(parents=True, exist_ok=True)
    with open(places.OUT / "lock", "w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            sys.exit("bench/run: another bench runs in this tree; figures of both would be wrong")
        yield


def run(options, wanted, talk, say):
    if os.getloadavg()[0] > 0.7:
        talk(f"the machine is busy (load {os.getloadavg()[0]:.1f}): figures will be too low")
    sparse.prepare(talk)
    needs_storm = (
        any(case.storm for case in wanted) and options.vs or any(case.name == "python-storm" for case in wanted)
    )
    if needs_storm:
        storm.prepare(talk)
    say(machine.description() | {"versions": machine.versions(storm.version() if options.vs else None)})
    bounds, round_trips = {}, []

    def round_trip():
        round_trips.append(machine.ping_pong())
        return round_trips[-1]

    round_trip()
    if options.limits or not options.cases:
        talk("measuring the bare loops")
        for line in limits.measure(with_child=needs_storm):
            bounds[line["metric"]] = line["value"]
            say(line)
    with kafka.broker(wanted, options.seconds, talk):
        for group in groups(wanted, options.vs):
            try:
                for line in measure(group, options, bounds, round_trip, talk):
                    say(line)
            except figures.Wrong as wrong:  # the peer's
                for case in group:
                    say({"case": case.name, "error": str(wrong)})
    say(figures.spread("machine", "ping_pong", "ns", round_trips))


def former_lines(options):
    """Talk and what else was written to the same file are left out."""
    if not options.write_results:
        sys.exit("bench/run: --from has no use without --write-results")
    try:
        with open(options.lines) as text:
            lines = [json.loads(line) for line in text if line.startswith("{")]
    except (OSError, ValueError) as error:
        sys.exit(f"bench/run: cannot read {options.lines}: {error}")
    if not any(line.get("metric") == "description" for line in lines):
        sys.exit(f"bench/run: {options.lines} has no line that describes the machine: is it what bench/run printed?")
    return lines


def write_results(lines):
    of_kafka = {case.name for case in cases.CASES.values() if case.service == "kafka"}
    for suite, part in results_page.suites(lines, of_kafka).items():
        page = places.RESULTS[suite]
        before = page.read_text() if page.exists() else ""
        page.write_text(results_page.page(part, results_page.notes(before), suite))


def main():
    options = arguments()
    if options.list:
        for case in cases.CASES.values():
            print(f"{case.name:25} {case.metrics[0].unit:12} {case.title}")
        return 0
    wanted = chosen_cases(options.cases)
    talk = (lambda text: None) if options.json_only else (lambda text: print(text, file=sys.stderr, flush=True))
    lines = []

    def say(line):
        lines.append(line)
        print(json.dumps(line), flush=True)

    if options.lines:
        lines = former_lines(options)
    else:
        with alone():
            run(options, wanted, talk, say)
    if options.write_results:
        write_results(lines)
    return 1 if any("error" in line for line in lines) else 0


sys.exit(main())
