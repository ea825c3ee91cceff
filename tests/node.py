"""What is written by others and runs on node or in a browser; skipped where it is absent."""

from __future__ import annotations

import base64
import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import tarfile
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from screening.exchange.cql.elm import TRANSLATE
from tests.browser import MUST_RUN

FOLDER = Path(__file__).parent / "cql"
Parameters = dict[str, Any]


def must_or_skip(reason: str) -> None:
    """End a test that cannot have what it needs: it is skipped or, if it must run, fails."""
    if "node" in os.environ.get(MUST_RUN, "").split():
        pytest.fail(reason)
    pytest.skip(reason)


@contextmanager
def alone() -> Iterator[None]:
    """Let one process at a time fetch what all of them need: the next one finds it there."""
    at = os.open(FOLDER, os.O_RDONLY)
    try:
        fcntl.flock(at, fcntl.LOCK_EX)
        yield
    finally:
        os.close(at)


@cache
@alone()
def _installed(folder: Path) -> str:
    """Install the packages of a lock file once; give the reason why that cannot be."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        return "node and npm are not installed (Debian: apt-get install nodejs npm)"
    lock, made = folder / "package-lock.json", folder / "node_modules" / ".made"
    if made.exists() and made.read_bytes() == lock.read_bytes():
        return ""
    command = ["npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        return f"the packages of {folder.name} could not be installed: {done.stderr[-300:]}"
    made.write_bytes(lock.read_bytes())
    return ""


def modules(folder: Path = FOLDER) -> Path:
    """Give the folder of the installed packages."""
    reason = _installed(folder)
    if reason:
        must_or_skip(reason)
    return folder / "node_modules"


@cache
@alone()
def unpacked(package: str, version: str, digest: str) -> Path:
    """Give the folder of one package without those that it names: a page needs none of them.

    ``digest`` is the SHA-512 of its archive, as registries give it.
    """
    folder = FOLDER.parent / "fhir" / "unpacked" / f"{package}-{version}"
    if folder.is_dir():
        return folder / "package"
    if shutil.which("npm") is None:
        must_or_skip("npm is not installed (Debian: apt-get install nodejs npm)")
    with tempfile.TemporaryDirectory() as place:
        command = ["npm", "pack", "--silent", f"{package}@{version}"]
        done = subprocess.run(command, cwd=place, capture_output=True, text=True, check=False)
        if done.returncode:
            must_or_skip(f"{package} could not be fetched: {done.stderr[-300:]}")
        (archive,) = Path(place).glob("*.tgz")
        found = base64.b64encode(hashlib.sha512(archive.read_bytes()).digest()).decode()
        assert found == digest, f"{package} {version} is not what it was"
        folder.parent.mkdir(parents=True, exist_ok=True)
        with (
            tempfile.TemporaryDirectory(dir=folder.parent) as fresh,
            tarfile.open(archive) as whole,
        ):
            whole.extractall(fresh, filter="data")
            Path(fresh).rename(folder)
            Path(fresh).mkdir()
    return folder / "package"


def _lines(command: Sequence[str], given: str = "") -> list[Any]:
    done = subprocess.run(command, input=given, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    return [json.loads(line) for line in done.stdout.splitlines()]


def translate(files: Iterable[Path]) -> list[dict[str, Any]]:
    """Translate libraries to ELM beside them; give every error and warning."""
    found = _lines(["node", str(TRANSLATE), str(modules()), *map(str, files)])
    return [problem for each in found for problem in each["problems"]]


class Request(NamedTuple):
    """A library in ELM, and the cases that it is run with; no names ask for every define."""

    library: Path
    cases: list[Parameters]
    names: list[str] | None = None
    fresh: bool = True
    """Whether every case gets an environment of its own, as it must."""


def run(requests: Iterable[Request]) -> list[list[dict[str, Any]]]:
    """Run libraries; give the values of every case by the name of the define."""
    modules()
    given = "".join(
        json.dumps({**each._asdict(), "library": str(each.library)}) + "\n" for each in requests
    )
    found = _lines(["node", str(FOLDER / "run.mjs")], given)
    return [
        [dict(zip(each["names"], row, strict=True)) for row in each["values"]] for each in found
    ]
