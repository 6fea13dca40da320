"""The parts of the suite, in the order in which they are tried: what fails soonest comes first. A new part is one entry here."""

import dataclasses
import pathlib

import steps

SEEDS, SEEDS_ALL, SEEDS_SANITIZED = 200, 1000, 200
FUZZ_SECONDS = 60
TIDY_FOLDERS = ("core", "worker", "multilang/cpp")


@dataclasses.dataclass
class Part:
    name: str
    title: str
    run: object  # callable(log: steps.Log) -> steps.Count
    needs: tuple = ()
    cores: int = 1  # how many of the machine's cores it fills
    only_all: bool = False
    limit: int = 2400  # seconds: a build with sanitizers on a slow machine


def suite(root, every):
    """All parts, those of --all included. `every` asks them for their slow tests, too."""
    where = steps.Where(root)
    return plain(where, every) + address(where) + thread(where) + fuzz(where) + clang_tidy(where)


def build(where, preset, name, only_all=True, targets=()):
    return Part(name, f"build preset {preset}", steps.build(where, preset, targets), cores=2, only_all=only_all)


def pytest(where, folder, every, needs=("venv", "build"), preset="release", **more):
    marks = () if every else ("-m", "not slow")
    name = more.pop("name", folder.split("/")[-1])
    return Part(name, f"pytest {folder} ({preset})", steps.pytest(where, folder, preset, marks), needs=needs, **more)


def unit(where, preset, name, needs, only_all=True):
    return Part(name, f"ctest ({preset})", steps.ctest(where, preset, name), needs=needs, only_all=only_all)


def sim(where, preset, name, seeds, needs, only_all=True):
    return Part(
        name, f"{seeds} simulation seeds ({preset})", steps.sim(where, preset, seeds), needs=needs, only_all=only_all
    )


def plain(where, every):
    venv = Part("venv", "virtual environment of the Python tests", steps.venv(where), limit=300)
    return [
        venv,
        pytest(where, "tests/tidy", every, needs=("venv",)),
        pytest(where, "tests/bench", every, needs=("venv",)),
        build(where, "release", "build", only_all=False),
        unit(where, "release", "unit", ("build",), only_all=False),
        pytest(where, "multilang/python/tests", every, name="python"),
        pytest(where, "tests/conformance", every),
        sim(where, "release", "sim", SEEDS_ALL if every else SEEDS, ("build",), only_all=False),
        pytest(where, "tests/e2e", every, cores=2),
        pytest(where, "tests/integration", every, cores=2, only_all=True),
    ]


def address(where):
    # The slow tests wait for time limits, which sanitizers do not make more telling.
    needs, more, every = ("venv", "build-asan"), {"preset": "asan", "only_all": True}, False
    return [
        build(where, "asan", "build-asan"),
        unit(where, "asan", "asan-unit", ("build-asan",)),
        sim(where, "asan", "asan-sim", SEEDS_SANITIZED, ("build-asan",)),
        pytest(where, "tests/conformance", every, needs, name="asan-conformance", **more),
        pytest(where, "tests/e2e", every, needs, name="asan-e2e", **more),
    ]


def thread(where):
    return [
        build(where, "tsan", "build-tsan"),
        unit(where, "tsan", "tsan-unit", ("build-tsan",)),
        sim(where, "tsan", "tsan-sim", SEEDS_SANITIZED, ("build-tsan",)),
    ]


def fuzz(where):
    targets = [path.stem for path in sorted(pathlib.Path(where.root, "tests/fuzz").glob("*_fuzz.cc"))]
    title = f"libFuzzer for {FUZZ_SECONDS} s"
    return [build(where, "fuzz", "build-fuzz", targets=targets)] + [
        Part(
            name.replace("_", "-"), title, steps.fuzz(where, name, FUZZ_SECONDS), needs=("build-fuzz",), only_all=True
        )
        for name in targets
    ]


def clang_tidy(where):
    title = "clang-tidy-19 over " + ", ".join(TIDY_FOLDERS)
    return [
        Part("clang-tidy", title, steps.clang_tidy(where, TIDY_FOLDERS), needs=("build",), cores=2, only_all=True)
    ]
