"""Libraries of others as published, fetched once into the build folder: Storm's multilang jars, Python packages."""

import pathlib
import shutil
import subprocess
import sys
import zipfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
FOLDER = ROOT / "build" / "tests" / "published"
STORM = "1.2.3"  # the newest multilang jars; the protocol has not changed since


def _run(*command):
    done = subprocess.run([str(word) for word in command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    assert done.returncode == 0, f"{command[0]} failed:\n{done.stdout}"


def _once(name, fill):
    """The folder of this name; `fill(folder)` is called if it is not there yet. Half of one is never left."""
    folder = FOLDER / name
    if not folder.is_dir():
        half = FOLDER / f"{name}.part"
        shutil.rmtree(half, ignore_errors=True)
        half.mkdir(parents=True)
        fill(half)
        half.rename(folder)
    return folder


def storm_library(language):
    """The folder with Storm's library for `python`, `ruby` or `javascript`, and nothing else."""

    def fill(folder):
        artifact = f"org.apache.storm:multilang-{language}:{STORM}"
        _run("mvn", "-q", "-B", "-ntp", "dependency:copy", f"-Dartifact={artifact}", f"-DoutputDirectory={folder}")
        jar = folder / f"multilang-{language}-{STORM}.jar"
        with zipfile.ZipFile(jar) as archive:
            for name in archive.namelist():
                if name.startswith("resources/") and not name.endswith("/"):
                    (folder / name.rpartition("/")[2]).write_bytes(archive.read(name))
        jar.unlink()

    return _once(f"storm-{language}-{STORM}", fill)


def python_packages(*wanted):
    """A folder for PYTHONPATH with these packages (`name==version`) and what they need."""

    def fill(folder):
        _run(sys.executable, "-m", "pip", "install", "-q", "--disable-pip-version-check", "--target", folder, *wanted)

    return _once("-".join(wanted).replace("==", "-"), fill)
