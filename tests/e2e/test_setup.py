"""deploy/setup with a stand-in for apt-get: what it says, and when it installs."""

import os
import shutil
import subprocess

import pytest

DPKG = '#!/bin/sh\nfor last; do :; done\ngrep -qx "$last" "$INSTALLED" && printf installed\n'
APT = '#!/bin/sh\necho "$@" >>"$CALLS"\ncase "$*" in *"$APT_FAILS"*) echo "E: from apt"; exit 100;; esac\n'


@pytest.fixture
def setup(root, tmp_path):
    """Runs deploy/setup where only `installed` packages exist; answers the process and the calls of apt-get."""
    stubs = tmp_path / "bin"
    stubs.mkdir()
    for name, text in {"dpkg-query": DPKG, "apt-get": APT, "sudo": '#!/bin/sh\nexec "$@"\n'}.items():
        (stubs / name).write_text(text)
        (stubs / name).chmod(0o755)

    def run(*arguments, installed=(), apt_fails="nothing", path=None):
        (tmp_path / "installed").write_text("\n".join(installed) + "\n")
        calls = tmp_path / "calls"
        calls.write_text("")
        env = {**os.environ, "PATH": path or f"{stubs}:{os.environ['PATH']}", "INSTALLED": str(tmp_path / "installed")}
        env |= {"CALLS": str(calls), "APT_FAILS": apt_fails}
        argv = [root / "deploy/setup", *arguments]
        done = subprocess.run(argv, env=env, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)
        return done, calls.read_text()

    return run


def packages(setup):
    done, _ = setup("--check")
    return " ".join(done.stdout.split(":\n", 1)[1].split()).split()


def test_it_shows_what_is_missing_and_asks(setup):
    done, calls = setup(installed=[])
    assert "libyaml-cpp-dev" in done.stdout and "clang-format-19" in done.stdout
    assert done.returncode == 1 and "no terminal" in done.stderr and "--yes" in done.stderr
    assert calls == ""


def test_it_installs_only_what_is_missing(setup):
    wanted = packages(setup)
    done, calls = setup("--yes", installed=[name for name in wanted if name != "libfmt-dev"])
    assert done.returncode == 0, done.stderr
    assert calls.splitlines()[-1].endswith("install -y --no-install-recommends libfmt-dev")


def test_it_does_nothing_if_all_is_there(setup):
    done, calls = setup("--yes", installed=packages(setup))
    assert done.returncode == 0 and "nothing to install" in done.stdout and calls == ""


def test_build_only_leaves_the_tools_of_the_tests_out(setup):
    done, _ = setup("--check", "--build-only")
    assert "cmake" in done.stdout and "clang-tidy-19" not in done.stdout


def test_a_real_kafka_needs_java_and_maven_beside_the_build(setup, tmp_path):
    """Where neither is: the programs that the script itself needs, and no others."""
    (tmp_path / "few").mkdir()
    for name in ("bash", "dirname", "fold", "sed", "grep"):
        (tmp_path / "few" / name).symlink_to(shutil.which(name))
    path = f"{tmp_path / 'bin'}:{tmp_path / 'few'}"
    done, _ = setup("--check", "--build-only", "--with-kafka", path=path)
    assert "cmake" in done.stdout and "clang-tidy-19" not in done.stdout
    assert "default-jdk-headless" in done.stdout and "maven" in done.stdout
    done, _ = setup("--check", "--build-only", path=path)
    assert "cmake" in done.stdout and "maven" not in done.stdout


@pytest.mark.parametrize("step", ["update", "install"])
def test_a_failure_of_apt_is_shown_with_what_to_do(setup, step):
    done, _ = setup("--yes", apt_fails=step)
    assert done.returncode == 1
    assert (
        "E: from apt" in done.stderr and f"apt-get {step} failed" in done.stderr and "run this again" in done.stderr
    )


def test_an_unknown_argument_is_refused(setup):
    done, calls = setup("--yess")
    assert done.returncode == 2 and "--yess" in done.stderr and calls == ""
