"""Runs parts side by side as far as their needs and the machine's cores allow, and prints one line for each."""

import os
import sys
import threading
import time

import steps

TAIL = 40  # lines of a failed part's log


def select(suite, names):
    """The named parts and all they need, in the suite's order; a sentence if a name is unknown."""
    known = {part.name: part for part in suite}
    wanted, todo = set(), list(names)
    while todo:
        name = todo.pop()
        if name not in known:
            return f"tests/run: there is no part {name}; there are: {', '.join(known)}"
        if name not in wanted:
            wanted.add(name)
            todo += known[name].needs
    return [part for part in suite if part.name in wanted]


def say(part, count, seconds, out):
    result = "ok  " if not count.failed else "FAIL"
    tally = f"{count.passed} passed, {count.failed} failed" if count.passed + count.failed else ""
    print(
        f"{result} {part.name:18} {seconds:7.1f} s  {tally}" + (f"  ({count.why})" if count.failed else ""),
        flush=True,
    )
    log = out / f"{part.name}.log"
    if count.failed and log.exists():
        lines = log.read_text(errors="replace").splitlines()[-TAIL:]
        print(
            "".join(f"  | {line}\n" for line in lines) + f"  all of it: build/tests/{log.name}",
            file=sys.stderr,
            flush=True,
        )


def run_one(part, out, stopped, done):
    log = steps.Log(out / f"{part.name}.log", part.limit, stopped)
    try:
        count = part.run(log)
    except Exception as error:  # a defect of the runner must not look like success
        count = steps.Count(failed=1, why=f"{type(error).__name__}: {error}")
    done(part, count)


def run(suite, out):
    """Sums of passed and failed."""
    cores = max(2, os.cpu_count() or 2)
    stopped, change = threading.Event(), threading.Condition()
    waiting, running, finished, counts = list(suite), {}, {}, []

    def done(part, count):
        with change:
            seconds = time.monotonic() - running.pop(part.name)[1]
            finished[part.name] = not count.failed
            counts.append(count)
            say(part, count, seconds, out)
            change.notify_all()

    def start(part):
        running[part.name] = (part, time.monotonic())
        threading.Thread(target=run_one, args=(part, out, stopped, done), daemon=True).start()

    with change:
        try:
            noted = time.monotonic()
            while waiting or running:
                for part in list(waiting):
                    broken = [need for need in part.needs if finished.get(need) is False]
                    if broken:
                        waiting.remove(part)
                        finished[part.name] = False
                        counts.append(steps.Count(failed=1, why=f"not run: {broken[0]} failed"))
                        say(part, counts[-1], 0.0, out.parent / "none")
                free = cores - sum(min(part.cores, cores) for part, _ in running.values())
                for part in list(waiting):
                    if not all(need in finished for need in part.needs):
                        continue
                    if min(part.cores, cores) > free:
                        break  # what comes first goes first: a wide part must not starve
                    waiting.remove(part)
                    free -= min(part.cores, cores)
                    start(part)
                if running:
                    change.wait(timeout=5)
                if running and time.monotonic() - noted > 60:
                    noted = time.monotonic()
                    busy = ", ".join(f"{name} ({noted - since:.0f} s)" for name, (_, since) in running.items())
                    print(f"     running: {busy}", file=sys.stderr, flush=True)
        except KeyboardInterrupt:
            stopped.set()
            print("interrupted", file=sys.stderr)
            change.wait_for(lambda: not running, timeout=5)
            counts.append(steps.Count(failed=1))
    return sum(count.passed for count in counts), sum(count.failed for count in counts)
