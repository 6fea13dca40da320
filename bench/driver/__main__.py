"""bench/run: measures cases, with --vs storm interleaved with Apache Storm. stdout: one JSON object a line; stderr: talk."""

import argparse
import fcntl
import json
import os
import sys

import cases
import figures
import machine
import places
import sparse
import storm

PAIRS_AGAINST_PEER = 5


def arguments():
    parser = argparse.ArgumentParser(prog="bench/run", description=__doc__)
    parser.add_argument("cases", nargs="*", metavar="CASE", help="default: all")
    parser.add_argument("--vs", choices=["storm"], help="interleave with this peer; adds peer, peer_value and ratio")
    parser.add_argument(
        "--pairs", type=int, help=f"runs of a case (default 3, with --vs {PAIRS_AGAINST_PEER} and never less)"
    )
    parser.add_argument("--seconds", type=int, default=12, help="how long a run measures (default 12)")
    parser.add_argument("--reselect", action="store_true", help="measure again which settings suit the peer best")
    parser.add_argument("--json-only", action="store_true", help="no talk")
    parser.add_argument("--list", action="store_true", help="name the cases and stop")
    return parser.parse_args()


def chosen_cases(names):
    unknown = [name for name in names if name not in cases.CASES]
    if unknown:
        sys.exit(f"bench/run: there is no case {unknown[0]}; there are: {', '.join(cases.CASES)}")
    return [cases.CASES[name] for name in names] if names else list(cases.CASES.values())


def measure(case, options, peer, talk):
    """One figure: `pairs` runs, with a peer in alternating order."""
    pairs = options.pairs or (PAIRS_AGAINST_PEER if peer else 3)
    if peer:
        pairs = max(pairs, PAIRS_AGAINST_PEER)
        settings = peer.best_settings(case, options, talk)
    ours, theirs = [], []
    for pair in range(pairs):
        turns = [lambda: ours.append(sparse.run(case, options.seconds))]
        if peer:
            turns.append(lambda: theirs.append(peer.run(case, settings, options.seconds)))
        for turn in turns if pair % 2 == 0 else reversed(turns):
            turn()
        talk(f"{case.name} {pair + 1}/{pairs}: " + figures.glance(case, ours[-1], theirs[-1] if theirs else None))
    return figures.figure(case, ours, theirs, peer and peer.title(case, settings))


def main():
    options = arguments()
    if options.list:
        for case in cases.CASES.values():
            print(f"{case.name:22} {case.unit:9} {case.title}")
        return 0
    wanted = chosen_cases(options.cases)
    talk = (lambda text: None) if options.json_only else (lambda text: print(text, file=sys.stderr, flush=True))
    places.OUT.mkdir(parents=True, exist_ok=True)
    with open(places.OUT / "lock", "w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            sys.exit("bench/run: another bench runs in this tree; figures of both would be wrong")
        if os.getloadavg()[0] > 0.7:
            talk(f"the machine is busy (load {os.getloadavg()[0]:.1f}): figures will be too low")
        sparse.prepare(talk)
        peer = storm if options.vs and any(case.storm for case in wanted) else None
        if peer:
            peer.prepare(talk)
        say = lambda line: print(json.dumps(line), flush=True)
        say(machine.description())
        round_trips = [machine.ping_pong()]
        failed = False
        for case in wanted:
            try:
                say(measure(case, options, peer if case.storm else None, talk))
            except figures.Wrong as wrong:
                failed = True
                say({"case": case.name, "error": str(wrong)})
            round_trips.append(machine.ping_pong())
        say(figures.spread("machine", "ping_pong", "ns", round_trips))
    return 1 if failed else 0


sys.exit(main())
