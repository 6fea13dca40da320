"""What a part does: runs programs, keeps their output, counts what passed and failed. Each function makes one such action."""

import dataclasses
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import time
import xml.etree.ElementTree as xml

LEAVE_OUT = "sim|e2e|conformance"  # ctest labels that are parts of their own
TALLY = re.compile(r"^(\d+) passed, (\d+) failed$", re.MULTILINE)
SANITIZERS = {
    "ASAN_OPTIONS": "detect_leaks=1:strict_string_checks=1:check_initialization_order=1:detect_stack_use_after_return=1",
    "UBSAN_OPTIONS": "print_stacktrace=1:halt_on_error=1",
    "TSAN_OPTIONS": f"halt_on_error=1:second_deadlock_stack=1:suppressions={pathlib.Path(__file__).parents[1]}/tsan.supp",
}


@dataclasses.dataclass
class Count:
    passed: int = 0
    failed: int = 0
    why: str = ""  # one line, if something failed


class Where:
    """The places that the parts share."""

    def __init__(self, root):
        self.root = pathlib.Path(root)
        self.out = self.root / "build/tests"
        self.venv = self.root / "build/venv"
        self.python = self.venv / "bin/python"

    def preset(self, name):
        return self.root / "build" / name


class Log:
    """Where a part's programs write; knows how long they may still run."""

    def __init__(self, path, limit, stopped):
        self.path, self.deadline, self.stopped = path, time.monotonic() + limit, stopped
        path.parent.mkdir(parents=True, exist_ok=True)
        self.file = open(path, "wb")

    def run(self, argv, cwd, env=None):
        """Exit code of a program, which is killed with all its children at the part's time limit."""
        argv = [str(word) for word in argv]
        self.file.write(("$ " + " ".join(argv) + "\n").encode())
        self.file.flush()
        try:
            child = subprocess.Popen(
                argv,
                cwd=cwd,
                env={**os.environ, **(env or {})},
                stdin=subprocess.DEVNULL,
                stdout=self.file,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        except OSError as error:
            self.say(f"cannot run {argv[0]}: {error.strerror}")
            return 127
        while True:
            try:
                return child.wait(timeout=0.2)
            except subprocess.TimeoutExpired:
                if time.monotonic() < self.deadline and not self.stopped.is_set():
                    continue
                os.killpg(child.pid, signal.SIGKILL)
                child.wait()
                self.say("killed: it was still running at its time limit")
                return 124

    def say(self, text):
        self.file.write((text + "\n").encode())
        self.file.flush()

    def text(self):
        self.file.flush()
        return self.path.read_text(errors="replace")


def only(code, what):
    """A step that tests nothing: it counts only if it fails."""
    return Count() if code == 0 else Count(failed=1, why=f"{what} failed (exit {code})")


def venv(where):
    wanted = where.root / "tests/support/requirements.txt"

    def step(log):
        stamp = where.venv / "requirements.txt"
        if stamp.exists() and stamp.read_bytes() == wanted.read_bytes():
            return Count()
        shutil.rmtree(where.venv, ignore_errors=True)
        code = log.run([sys.executable, "-m", "venv", where.venv], where.root)
        code = code or log.run(
            [where.python, "-m", "pip", "install", "-q", "--disable-pip-version-check", "-r", wanted], where.root
        )
        if code == 0:
            shutil.copyfile(wanted, stamp)
        return only(code, "making build/venv")

    return step


def build(where, preset, targets=()):
    def step(log):
        jobs = str(os.cpu_count() or 2)
        code = log.run(["cmake", "--preset", preset], where.root)
        chosen = ["--target", *targets] if targets else []
        code = code or log.run(["nice", "cmake", "--build", "--preset", preset, "-j", jobs, *chosen], where.root)
        return only(code, f"building preset {preset}")

    return step


def quiet_addresses(preset):
    """ThreadSanitizer of gcc 12 cannot map its shadow where newer kernels put programs."""
    return ["setarch", "-R"] if preset == "tsan" else []


def ctest(where, preset, name):
    def step(log):
        reports = where.out / f"{name}.gtest"
        shutil.rmtree(reports, ignore_errors=True)
        reports.mkdir(parents=True)
        summary = where.out / f"{name}.ctest.xml"
        summary.unlink(missing_ok=True)
        env = {**SANITIZERS, "GTEST_OUTPUT": f"xml:{reports}/", "GTEST_BRIEF": "1"}
        code = log.run(
            [
                *quiet_addresses(preset),
                "ctest",
                "--test-dir",
                where.preset(preset),
                "-j",
                "2",
                "--output-on-failure",
                "--timeout",
                "600",
                "--label-exclude",
                LEAVE_OUT,
                "--output-junit",
                summary,
            ],
            where.root,
            env,
        )
        return count_ctest(code, reports, summary)

    return step


def count_ctest(code, reports, summary):
    """Cases of all programs; a program that died before its report counts as one failure."""
    total, reported_failures = Count(), set()
    for report in sorted(reports.glob("*.xml")):
        cases, failed, skipped = gtest_cases(report)
        total.passed += cases - failed - skipped
        total.failed += failed + skipped
        if failed + skipped:
            reported_failures.add(report.stem)
    programs = list(xml.parse(summary).getroot().iter("testcase")) if summary.exists() else []
    dead = [
        case.get("name")
        for case in programs
        if case.get("status") != "run" and case.get("name") not in reported_failures
    ]
    total.failed += len(dead)
    names = sorted(reported_failures) + dead
    if not programs:
        return Count(failed=1, why="ctest ran no test")
    if code != 0 and total.failed == 0:
        total.failed, names = 1, [f"ctest (exit {code})"]
    total.why = "failed: " + ", ".join(names) if names else ""
    return total


def gtest_cases(report):
    try:
        suite = xml.parse(report).getroot()
    except xml.ParseError:
        return 0, 0, 0
    number = lambda key: int(suite.get(key, 0))
    skipped = number("disabled") + sum(1 for case in suite.iter("testcase") if case.get("result") == "skipped")
    return number("tests"), number("failures") + number("errors"), skipped


def sim(where, preset, seeds):
    def step(log):
        program = where.preset(preset) / "tests/sim/sim_test"
        code = log.run([*quiet_addresses(preset), program, "--seeds", seeds], where.root, SANITIZERS)
        tallies = TALLY.findall(log.text())
        if not tallies:
            return Count(failed=1, why=f"no tally from {program.relative_to(where.root)} (exit {code})")
        passed, failed = map(int, tallies[-1])
        if passed + failed < seeds:
            failed += 1
        return Count(passed, failed or int(code != 0), f"exit {code}" if code else "")

    return step


def pytest(where, folder, preset, marks):
    def step(log):
        if not (where.root / folder).is_dir():
            return Count(failed=1, why=f"{folder} does not exist")
        report = log.path.with_suffix(".xml")
        report.unlink(missing_ok=True)
        env = {
            **SANITIZERS,
            "SPARSE_BUILD": str(where.preset(preset)),
            "PATH": f"{where.venv}/bin:{os.environ['PATH']}",
        }
        code = log.run(
            [
                where.python,
                "-m",
                "pytest",
                "-q",
                "-p",
                "no:cacheprovider",
                "--strict-markers",
                f"--junitxml={report}",
                *marks,
                folder,
            ],
            where.root,
            env,
        )
        return count_pytest(code, report, folder)

    return step


def count_pytest(code, report, folder):
    try:
        suites = list(xml.parse(report).getroot().iter("testsuite"))
    except (OSError, xml.ParseError):
        return Count(failed=1, why=f"pytest died in {folder} (exit {code})")
    number = lambda key: sum(int(suite.get(key, 0)) for suite in suites)
    failed = number("failures") + number("errors") + number("skipped")
    passed = number("tests") - failed
    if code == 5 or passed + failed == 0:
        return Count(failed=1, why=f"{folder} has no tests")
    names = [
        case.get("name")
        for suite in suites
        for case in suite.iter("testcase")
        if len(case) and case[0].tag != "system-out"
    ]
    return Count(passed, failed or int(code != 0), "failed: " + ", ".join(names[:8]) if names else "")


def fuzz(where, target, seconds):
    def step(log):
        corpus = where.root / "tests/fuzz/corpus" / target.removesuffix("_fuzz")
        if not corpus.is_dir():
            return Count(failed=1, why=f"{corpus.relative_to(where.root)} does not exist")
        found = where.out / "fuzz" / target
        found.mkdir(parents=True, exist_ok=True)
        program = where.preset("fuzz") / "tests/fuzz" / target
        code = log.run(
            [
                program,
                f"-max_total_time={seconds}",
                "-timeout=10",
                "-rss_limit_mb=2048",
                "-print_final_stats=1",
                f"-artifact_prefix={found}-",
                found,
                corpus,
            ],
            where.root,
        )
        return (
            Count(passed=1)
            if code == 0
            else Count(failed=1, why=f"exit {code}; the input is beside build/tests/fuzz/{target}")
        )

    return step


def clang_tidy(where, folders):
    def step(log):
        files = f"^{re.escape(str(where.root))}/(?:" + "|".join(folders) + ")/"
        # GCC's flags, deprecated names inside its own <algorithm>, and librdkafka's macros are no business of clang's.
        left_out = ("unknown-warning-option", "deprecated-declarations", "gnu-statement-expression-from-macro-expansion")
        for_clang = [f"-extra-arg=-Wno-{warning}" for warning in left_out]
        argv = ["run-clang-tidy-19", "-quiet", *for_clang, "-p", where.preset("release"), "-j", "2", files]
        code = log.run(["nice", *argv], where.root)
        if code == 0:
            return Count(passed=1)
        found = sorted({line for line in log.text().splitlines() if ": error: " in line})
        log.say("\n".join(["", "all that was found:", *found]))
        return Count(failed=1, why=f"exit {code}: {len(found)} findings")

    return step
