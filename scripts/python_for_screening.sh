#!/bin/sh
# Print the first Python that runs and that durable-rules builds for; any other one if there is none,
# so that scripts/check_machine.py can say what is wrong with it.
fallback=
for python in "${PYTHON:-}" python3.12 python3.11 python3 python; do
    [ -n "$python" ] || continue
    version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null) || continue
    case $version in
        3.11 | 3.12) echo "$python"; exit 0 ;;
        *) [ -n "$fallback" ] || fallback=$python ;;
    esac
done
if [ -z "$fallback" ]; then
    echo "Python is missing: screening needs Python 3.11 or 3.12." >&2
    echo "Install one of them, or name it: make screen PYTHON=/path/to/python3.12" >&2
    exit 1
fi
echo "$fallback"
