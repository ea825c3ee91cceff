#!/bin/sh
# Prints the first Python of this machine that can build the program: the one named by $PYTHON, or
# the newest of 3.14 to 3.11 or python3. If none can, says in two lines what is missing and what to do.

here=${0%/*}
if [ -n "$PYTHON" ]; then
    set -- "$PYTHON"
else
    set -- python3.14 python3.13 python3.12 python3.11 python3
fi

said=
for python in "$@"; do
    # A name in the PATH may be a shim of a version manager that does not run.
    "$python" -c 'import sys; sys.exit(sys.version_info < (3, 6))' 2>/dev/null || continue
    if lines=$("$python" "$here/check_machine.py" 2>&1); then
        echo "$python"
        exit 0
    fi
    said=${said:-$lines}
done

if [ -z "$said" ]; then
    said="Python 3.11 to 3.14 is missing: none of these runs: $*
Install Python 3.13 and try again; if it is not in the PATH, name it: make screen PYTHON=/path/to/python3.13"
fi
echo "$said" >&2
exit 1
