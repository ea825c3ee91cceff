"""From a bare machine to a screening: what is checked before, and what the wheel holds."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from scripts import check_machine
from tests.conftest import CASES, ROOT
from tests.test_dependencies import LOCKS

SCRIPTS = ROOT / "scripts"
BASE_CASE = CASES / "base_case.yaml"


def run(*words, **more):
    """Run a command; what it prints is kept."""
    return subprocess.run(
        list(map(str, words)), capture_output=True, text=True, check=False, timeout=600, **more
    )


def two_lines(done):
    """Give the lines of a refusal."""
    assert done.returncode == 1
    assert done.stdout == ""
    lines = done.stderr.splitlines()
    assert len(lines) == 2
    return lines


def refused_version(version):
    code = f"import check_machine; check_machine.main({version})"
    return two_lines(run(sys.executable, "-c", code, cwd=SCRIPTS, env={**os.environ, "CC": ""}))


def executable(path, script):
    """Write a shell script that can be run."""
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """The wheel, built from the source distribution, so that both are complete."""
    folder = tmp_path_factory.mktemp("dist")
    done = run(sys.executable, "-m", "build", "--no-isolation", "--outdir", folder, ROOT)
    assert done.returncode == 0, done.stdout + done.stderr
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory):
    """The folder of the commands of an environment that holds nothing but the wheel."""
    folder = tmp_path_factory.mktemp("installed") / "venv"
    subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
    python = folder / "bin" / "python"
    env = {**os.environ, "CPPFLAGS": check_machine.flags(sys.version_info)}
    done = run(python, "-m", "pip", "install", "--quiet", "--use-pep517", wheel, env=env)
    assert done.returncode == 0, done.stderr
    return folder / "bin"


@pytest.fixture
def elsewhere(tmp_path):
    """A folder outside the checkout, and an environment that does not lead back to it."""
    return {
        "cwd": tmp_path,
        "env": {name: value for name, value in os.environ.items() if name != "PYTHONPATH"},
    }


# -- the wheel ---------------------------------------------------------------------------------


@pytest.mark.whole
def test_the_wheel_holds_every_rule_and_no_test(wheel):
    names = set(zipfile.ZipFile(wheel).namelist())
    rules = {
        f"screening/rules/{p.relative_to(ROOT / 'rules')}" for p in (ROOT / "rules").rglob("*.*")
    }
    assert rules <= names
    assert not any(name.startswith(("tests/", "rules/", "cases/", "scripts/")) for name in names)


@pytest.mark.whole
def test_the_installed_command_screens_a_case_with_the_rules_of_the_wheel(installed, elsewhere):
    done = run(installed / "screening", "screen", BASE_CASE, **elsewhere)
    assert done.returncode == 0, done.stderr
    assert "calf-related movement pattern" in done.stdout
    code = "import screening.rulebase.base as b; print(b.default_rules())"
    used = Path(run(installed / "python", "-c", code, **elsewhere).stdout.strip())
    assert used.is_relative_to(installed.parent)


@pytest.mark.whole
def test_the_installed_command_gives_the_screening_of_the_checkout(installed, elsewhere, command):
    words = ("screen", str(BASE_CASE), "--format", "json")
    there = json.loads(run(installed / "screening", *words, **elsewhere).stdout)
    assert there == json.loads(command(*words).stdout)


@pytest.mark.whole
def test_the_installed_command_writes_the_page_of_the_checkout(installed, elsewhere, command):
    words = ("screen", str(BASE_CASE), "--format", "html")
    there = run(installed / "screening", *words, **elsewhere)
    assert there.returncode == 0, there.stderr
    assert there.stdout == command(*words).stdout


# -- the check before anything is installed -----------------------------------------------------


def settings(version, **env):
    """Give what a shell knows after the settings for a Python were evaluated."""
    code = f"import check_machine; check_machine.main({version})"
    script = f'eval "$({shlex.quote(sys.executable)} -c {shlex.quote(code)})"; echo "$CC"'
    done = run("sh", "-c", f'{script}; echo "$CPPFLAGS"', cwd=SCRIPTS, env={**os.environ, **env})
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def test_a_machine_that_has_everything_is_told_what_to_build_with():
    compiler, _ = settings(sys.version_info[:3], CC="", CPPFLAGS="")
    assert shutil.which(compiler)


@pytest.mark.parametrize("given", ["", "-I/opt/include -DA=1"], ids=["none", "given"])
@pytest.mark.parametrize("minor", [11, 12, 13, 14])
def test_the_flag_is_added_to_those_of_the_user_from_python_3_13_on(minor, given):
    _, flags = settings((3, minor, 1), CC="true", CPPFLAGS=given)
    needed = ["-DPyEval_CallObject=PyObject_CallObject"] if minor >= 13 else []
    assert flags.split() == ["-O2", "-fwrapv", "-fno-strict-aliasing", *given.split(), *needed]


@pytest.mark.parametrize("version", [(3, 6, 15), (3, 10, 13), (3, 15, 0)], ids=str)
def test_a_python_that_is_too_old_or_too_new_is_refused_in_two_lines(version):
    what, todo = refused_version(version)
    assert what.startswith("Python 3.11 to 3.14 is missing")
    assert ".".join(map(str, version)) in what
    assert "make screen PYTHON=" in todo


def test_a_machine_without_a_compiler_is_refused_in_two_lines(tmp_path):
    env = {"PATH": str(tmp_path)}
    what, todo = two_lines(run(sys.executable, SCRIPTS / "check_machine.py", env=env))
    assert what.startswith("A C compiler is missing")
    assert "apt install build-essential" in todo


def test_a_compiler_that_is_there_and_does_not_work_counts_as_missing(tmp_path):
    for name in ("cc", "gcc", "clang"):
        executable(tmp_path / name, "exit 1")
    what, _ = two_lines(
        run(sys.executable, SCRIPTS / "check_machine.py", env={"PATH": str(tmp_path)})
    )
    assert what.startswith("A C compiler is missing")


def test_the_compiler_that_was_asked_for_is_the_only_one_tried():
    env = {**os.environ, "CC": "no-such-compiler -O2"}
    what, _ = two_lines(run(sys.executable, SCRIPTS / "check_machine.py", env=env))
    assert "CC=no-such-compiler -O2" in what


def test_missing_headers_of_python_are_told_from_a_missing_compiler(tmp_path):
    executable(tmp_path / "cc", 'for word; do case "$word" in -I*) exit 1;; esac; done')
    what, todo = two_lines(
        run(sys.executable, SCRIPTS / "check_machine.py", env={"PATH": str(tmp_path)})
    )
    assert "Python.h" in what
    assert "-dev" in todo


# -- the search for a Python --------------------------------------------------------------------


def test_a_shim_that_does_not_run_is_passed_over(tmp_path):
    for minor in (11, 12, 13, 14):
        executable(tmp_path / f"python3.{minor}", "exit 127")
    executable(tmp_path / "python3", f'exec "{sys.executable}" "$@"')
    env = {**os.environ, "PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}", "PYTHON": ""}
    done = run("sh", SCRIPTS / "find_python.sh", env=env)
    assert done.stdout == "python3\n", done.stderr


def test_a_machine_without_python_is_refused_in_two_lines(tmp_path):
    env = {"PATH": str(tmp_path)}
    what, _ = two_lines(run(shutil.which("sh"), SCRIPTS / "find_python.sh", env=env))
    assert what.startswith("Python 3.11 to 3.14 is missing")


def test_the_python_that_was_asked_for_is_the_only_one_tried():
    env = {**os.environ, "PYTHON": "/no/such/python"}
    what, _ = two_lines(run("sh", SCRIPTS / "find_python.sh", env=env))
    assert "/no/such/python" in what


# -- make ----------------------------------------------------------------------------------------


@pytest.fixture
def checkout(tmp_path):
    """A bare copy of what ``make`` reads, in a folder with a space in its name."""
    folder = tmp_path / "a clone"
    shutil.copytree(SCRIPTS, folder / "scripts")
    for name in ("Makefile", "pyproject.toml", *LOCKS):
        shutil.copy(ROOT / name, folder)
    return folder


def make(folder, *words, **env):
    outer = ("MAKEFLAGS", "MAKELEVEL", "MFLAGS", "MAKEOVERRIDES")
    kept = {name: value for name, value in os.environ.items() if name not in outer}
    return run("make", *words, cwd=folder, env={**kept, **env})


def test_make_screen_stops_before_anything_is_made_when_the_compiler_is_missing(checkout):
    done = make(checkout, "screen", PYTHON=sys.executable, CC="/no/such/cc")
    said = [line for line in done.stderr.splitlines() if not line.startswith("make:")]
    assert done.returncode != 0
    assert len(said) == 2
    assert said[0].startswith("A C compiler is missing")
    assert not (checkout / ".venv").exists()


CHECK = "scripts/check_machine.py"


@pytest.mark.parametrize("changed", ["pyproject.toml", "constraints.txt", CHECK])
def test_the_environment_is_made_anew_only_when_what_is_to_be_in_it_changes(checkout, changed):
    (checkout / ".venv" / "bin").mkdir(parents=True)
    (checkout / ".venv" / "bin" / "python").symlink_to(sys.executable)
    made = ("pyproject.toml", "constraints.txt", CHECK, ".venv/.made", ".venv/.screening")
    for age, name in enumerate(made):
        (checkout / name).touch()
        os.utime(checkout / name, (1_000_000 + age, 1_000_000 + age))
    assert "pip" not in make(checkout, "-n", "screen").stdout
    (checkout / changed).touch()
    assert "venv --clear" in make(checkout, "-n", "screen").stdout


def test_an_environment_whose_python_is_gone_is_made_anew(checkout):
    (checkout / ".venv" / "bin").mkdir(parents=True)
    (checkout / ".venv" / "bin" / "python").symlink_to("/no/such/python")
    for name in (".venv/.made", ".venv/.screening"):
        (checkout / name).touch()
    assert "venv --clear" in make(checkout, "-n", "screen").stdout


def test_make_wheels_builds_both_from_the_lock_for_the_python_of_the_environment(checkout):
    said = make(checkout, "-n", "wheels").stdout
    engine = next(line for line in said.splitlines() if line.strip().startswith("sed "))
    (checkout / ".venv").mkdir(exist_ok=True)
    assert run("sh", "-c", engine, cwd=checkout).returncode == 0
    written = (checkout / ".venv" / "engine.txt").read_text()
    assert re.findall(r"^\S+==\S+", written, re.MULTILINE) == ["durable-rules==2.0.28"]
    assert "--hash=sha256:" in written
    assert "--require-hashes --no-cache-dir --requirement .venv/engine.txt" in said


# -- the rule engine ------------------------------------------------------------------------------


BASE_SCREENED = ("-m", "screening", "screen", BASE_CASE)


@pytest.mark.whole
def test_an_engine_that_cannot_be_loaded_is_said_in_two_lines(elsewhere):
    (elsewhere["cwd"] / "durable_rules_engine.py").write_text(
        'raise ImportError("undefined symbol: PyEval_CallObject")\n'
    )
    paths = os.pathsep.join((str(elsewhere["cwd"]), str(ROOT)))
    elsewhere["env"]["PYTHONPATH"] = paths
    done = run(sys.executable, *BASE_SCREENED, **elsewhere)
    assert done.stdout == ""
    what, todo = done.stderr.splitlines()
    assert "durable-rules cannot be loaded (undefined symbol: PyEval_CallObject)" in what
    assert '-DPyEval_CallObject=PyObject_CallObject" python -m pip install' in todo
    assert done.returncode == 1


def test_functions_are_looked_up_late_only_while_the_engine_is_loaded():
    code = (
        "import sys; before = sys.getdlopenflags(); from screening.inference import native;"
        "native.load(); assert sys.getdlopenflags() == before;"
        "import durable.engine, time; assert durable.engine._unix_now is time.time"
    )
    done = run(sys.executable, "-W", "error", "-c", code, cwd=ROOT)
    assert done.returncode == 0, done.stderr


# By default a warning is an error in every test that screens in its own process.
@pytest.mark.whole
def test_screening_warns_of_nothing():
    done = run(sys.executable, "-W", "error", *BASE_SCREENED, cwd=ROOT)
    assert (done.returncode, done.stderr) == (0, "")
