"""The peer: Apache Storm from its published jars (bench/peers/storm), in one JVM, at the better of its candidate settings."""

import hashlib
import json
import os
import re
import shutil
import subprocess
import tempfile
import zipfile

import kafka
import places
from figures import Wrong
from sparse import command

NAME = "Apache Storm"
WARM_SECONDS = 10
WARM_SECONDS_OF = {"slow-bolt": 2, "idle": 5}  # nothing there for a compiler to warm to
SELECT_SECONDS = 4
STORM_PY_JAR = "multilang-python-1.2.3"  # the newest one published; its protocol is today's
JVM = ("-Xmx4g", "-XX:+UseParallelGC", "-Djava.net.preferIPv4Stack=true")
LOGGING = """<Configuration><Appenders>
<Console name="c" target="SYSTEM_ERR"><PatternLayout pattern="%d %p %c{1} %m%n"/></Console></Appenders>
<Loggers><Root level="warn"><AppenderRef ref="c"/></Root></Loggers></Configuration>
"""


def version():
    return re.search(r"<storm.version>(.*?)</storm.version>", (places.STORM_SOURCES / "pom.xml").read_text()).group(1)


def prepare(talk):
    sources = sorted(places.STORM_SOURCES.glob("*.java"))
    digest = hashlib.sha256(
        b"".join(path.read_bytes() for path in [*sources, places.STORM_SOURCES / "pom.xml"])
    ).hexdigest()
    stamp = places.STORM / "stamp"
    if stamp.exists() and stamp.read_text() == digest:
        return
    for tool in ("mvn", "javac"):
        if not shutil.which(tool):
            raise SystemExit(f"bench/run: {tool} is missing; deploy/setup installs it")
    talk(f"fetching Apache Storm {version()} with Maven and building its side (once)")
    libraries, classes = places.STORM / "lib", places.STORM / "classes"
    for folder in (libraries, classes, places.STORM_PY):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
    maven = ["mvn", "-q", "-B", "-ntp", "-Dstyle.color=never", "-f", places.STORM_SOURCES / "pom.xml"]
    command(*maven, "dependency:copy-dependencies", "-DincludeScope=runtime", f"-DoutputDirectory={libraries}")
    artifact = "org.apache.storm:" + ":".join(STORM_PY_JAR.rsplit("-", 1))
    command(*maven, "dependency:copy", f"-Dartifact={artifact}", f"-DoutputDirectory={places.STORM}")
    with zipfile.ZipFile(places.STORM / f"{STORM_PY_JAR}.jar") as jar:
        (places.STORM_PY / "storm.py").write_bytes(jar.read("resources/storm.py"))
    command("javac", "-nowarn", "-Xlint:none", "-cp", f"{libraries}/*", "-d", classes, *sources)
    (classes / "resources").mkdir()  # ShellBolt looks for it
    (places.STORM / "log4j2.xml").write_text(LOGGING)
    stamp.write_text(digest)


def measure(settings, seconds):
    """What StormBench prints."""
    warm = WARM_SECONDS_OF.get(settings["topology"], WARM_SECONDS)
    words = [
        f"{name}={value}" for name, value in {**settings, "text": places.TEXT, "warm": warm, "seconds": seconds}.items()
    ]
    with tempfile.TemporaryDirectory(dir=places.STORM) as folder, open(places.STORM / "last.log", "wb") as log:
        properties = [
            f"-Djava.io.tmpdir={folder}",
            "-Dpython=python3",
            f"-Dsplit={places.SPLIT_PY}",
            f"-Dlog4j2.configurationFile={places.STORM}/log4j2.xml",
        ]
        classpath = f"{places.STORM}/classes:{places.STORM}/lib/*"
        try:
            done = subprocess.run(
                ["java", *JVM, *properties, "-cp", classpath, "sparse.bench.StormBench", *words],
                cwd=folder,
                env={**os.environ, "PYTHONPATH": str(places.STORM_PY)},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=log,
                timeout=warm + seconds + 120,
            )
        except subprocess.TimeoutExpired:
            raise Wrong(f"Storm did not end in time with {settings}; see {log.name}") from None
    lines = [line for line in done.stdout.decode().splitlines() if line.startswith('{"sink_per_s"')]
    if done.returncode or not lines:
        raise Wrong(f"Storm ended with {done.returncode} and no result for {settings}; see {log.name}")
    return json.loads(lines[-1])


def attempt(case, settings, seconds):
    with kafka.for_peer(case) as (more, check):
        result = measure({**settings, **more}, seconds)
    check(result)
    return result


def run(case, settings, seconds):
    try:
        result = attempt(case, settings, seconds)
    except Wrong:  # once more, before the runs of a whole group of cases are lost
        result = attempt(case, settings, seconds)
    metrics = {name.replace("p999", "p99.9"): value for name, value in result.items()}
    metrics["throughput"] = result["acks_per_s" if case.counts == "acks" else "sink_per_s"]
    return {"metrics": metrics, "cores": result["cores"]}


def score(case, result):
    """What the best settings have most of: the rate, or for a latency as little of its p99 as can be."""
    return -result["metrics"]["p99"] if case.rate else result["metrics"]["throughput"]


def best_settings(case, options, talk):
    """The candidate that does best on this machine; kept in the cache."""
    if len(case.storm) == 1:
        return case.storm[0]
    cache = places.STORM / "choices.json"
    choices = json.loads(cache.read_text()) if cache.exists() else {}
    key = hashlib.sha256(json.dumps([version(), case.counts, case.storm]).encode()).hexdigest()[:16]
    if options.reselect or key not in choices:
        scores = []
        for settings in case.storm:
            result = run(case, settings, SELECT_SECONDS)
            scores.append(score(case, result))
            talk(f"{case.name}: Storm with {short(settings)}: {abs(scores[-1]):,.0f}")
        choices[key] = case.storm[scores.index(max(scores))]
        cache.write_text(json.dumps(choices, indent=1))
    return choices[key]


def short(settings):
    """Without what is the same in all runs of a case."""
    return " ".join(f"{name}={value}" for name, value in settings.items() if name not in ("topology", "rate", "backlog"))


def title(settings):
    return f"{NAME} {version()} ({short(settings)})"
