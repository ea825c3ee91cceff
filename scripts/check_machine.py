"""Check, before anything is installed, that this machine can build the program.

Prints, for a shell to evaluate, what to build with: the command of the C compiler and the flags
that the rule engine needs. If something is missing, says in two lines on stderr what is missing and
what to do, and ends with 1. It must also run on the Pythons that it refuses, so
it uses nothing newer than Python 3.6 and nothing but the standard library.
"""

import os
import shlex
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from pathlib import Path

VERSIONS = ((3, 11), (3, 12), (3, 13), (3, 14))
# durable-rules names a C function that Python 3.13 dropped; the other one does the same.
FLAG, FLAG_SINCE = "-DPyEval_CallObject=PyObject_CallObject", (3, 13)
# Its setup.py takes CFLAGS for itself, and with them goes every optimisation of Python's own flags.
# Numbers may wrap and memory is read as several types, as where no optimisation could mind.
OPTIMISED = ["-O2", "-fwrapv", "-fno-strict-aliasing"]
COMPILERS = ("cc", "gcc", "clang")

PLAIN = "#include <stdio.h>\nint main(void) { return 0; }\n"
WITH_PYTHON = "#include <Python.h>\nint main(void) { return PY_MAJOR_VERSION; }\n"


class Missing(Exception):
    """Something is missing; ``args`` are the two lines: what, and what to do."""


def check_version(version, where):
    """Refuse a Python on which the rule engine cannot be built or run."""
    if tuple(version[:2]) not in VERSIONS:
        raise Missing(
            "Python 3.11 to 3.14 is missing: {} is Python {}.".format(
                where, ".".join(str(part) for part in version[:3])
            ),
            "Install Python 3.13 and try again; if it is not in the PATH, name it: "
            "make screen PYTHON=/path/to/python3.13",
        )


def check_venv(name):
    """Refuse a Python that cannot make an environment (Debian ships it without)."""
    try:
        import ensurepip  # noqa: F401
        import venv  # noqa: F401
    except ImportError:
        raise Missing(
            f"The venv module of {name} is missing: no environment can be made.",
            f"On Debian or Ubuntu: apt install {name}-venv. Elsewhere: install Python from "
            "python.org.",
        ) from None


def find_compiler(name, headers):
    """Give the first C compiler that works and finds the headers of this Python.

    A compiler named by CC is the only one tried: it is what the user asked for.
    """
    named = os.environ.get("CC", "").strip()
    candidates = [named] if named else list(COMPILERS)
    working = [command for command in candidates if compiles(command, PLAIN, [])]
    if not working:
        raise Missing(
            "A C compiler is missing ({}): the rule engine is built from source.".format(
                f"CC={named} does not compile" if named else "no cc, gcc or clang compiles"
            ),
            "On Debian or Ubuntu: apt install build-essential. On Fedora: dnf install gcc. "
            "On macOS: xcode-select --install",
        )
    for command in working:
        if compiles(command, WITH_PYTHON, headers):
            return command
    raise Missing(
        f"The C headers of {name} are missing (Python.h): the rule engine is built from source.",
        f"On Debian or Ubuntu: apt install {name}-dev. On Fedora: dnf install {name}-devel",
    )


def compiles(command, source, headers):
    """Tell whether a compiler is there and really compiles a source."""
    words = shlex.split(command)
    if not words or shutil.which(words[0]) is None:
        return False
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "trivial.c")
        path.write_text(source)
        includes = ["-I" + header for header in headers]
        done = subprocess.run(
            words + includes + ["-c", str(path), "-o", str(path.with_suffix(".o"))],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        return done.returncode == 0


def flags(version):
    """Give what the user has the compiler told, and what this Python needs told besides."""
    given = os.environ.get("CPPFLAGS", "").split()
    needed = [FLAG] if tuple(version[:2]) >= FLAG_SINCE and FLAG not in given else []
    # The last of two such flags counts: what the user chose stands.
    return " ".join(OPTIMISED + given + needed)


def check(version):
    """Give what to build with, as settings that a shell evaluates.

    Raises:
        Missing: for the first thing that is missing.

    """
    check_version(version, sys.executable)
    name = "python{}.{}".format(*version[:2])
    check_venv(name)
    paths = sysconfig.get_paths()
    compiler = find_compiler(name, [paths["include"], paths["platinclude"]])
    settings = {"CC": compiler, "CPPFLAGS": flags(version)}
    return "\n".join(
        f"export {name}={shlex.quote(value)}" for name, value in settings.items() if value
    )


def main(version=sys.version_info):
    """Print what to build with, or the two lines and end with 1."""
    try:
        print(check(version))
    except Missing as missing:
        for line in missing.args:
            sys.stderr.write(line + "\n")
        sys.exit(1)


if __name__ == "__main__":
    main()
