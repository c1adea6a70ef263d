#!/bin/sh
# Makes .venv with a fitting Python and installs a requirements file into it; does nothing when that was done.
#   sh shared/devserver/bootstrap.sh requirements.txt
set -eu
cd "$(dirname "$0")/../.."
requirements=$1
log=.dev/logs/install.log

refuse() {
    printf '%s\n' "$*" >&2
    exit 1
}

# Sets $python to the first interpreter that will do; otherwise says what to install.
find_python() {
    too_old= without_venv=
    for candidate in ${PYTHON:-python3.13 python3.12 python3.11 python3}; do
        # Asked, not looked up: version managers put commands on the path that only say "not installed".
        version=$("$candidate" -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null) || continue
        if ! "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
            too_old=$version
        elif ! "$candidate" -c 'import venv, ensurepip' 2>/dev/null; then
            without_venv=$version
        else
            python=$candidate
            return
        fi
    done
    if [ -n "$without_venv" ]; then
        package=python$without_venv-venv
        default=$(python3 -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null) || default=
        [ "$default" = "$without_venv" ] && package=python3-venv
        refuse "Python $without_venv lacks its venv module: run \`apt install $package\` (with sudo unless you are root), then try again."
    fi
    [ -z "$too_old" ] ||
        refuse "Trellis needs Python 3.11 or newer and found only $too_old: install python3.11 and python3.11-venv, or name one with PYTHON=/path/to/python3.11."
    [ -z "${PYTHON:-}" ] || refuse "PYTHON=$PYTHON is not a Python that can be run: correct it, or leave it out."
    refuse "Trellis needs Python 3.11 or newer and found none: run \`apt install python3 python3-venv\` (with sudo unless you are root), then try again."
}

mkdir -p .dev/logs 2>/dev/null && [ -w .dev/logs ] ||
    refuse "The folder .dev cannot be written by $(id -un): run make as its owner, or remove it."

# Two makes at once in one checkout: the second waits for the first.
if command -v flock >/dev/null 2>&1; then
    exec 9>.dev/install.lock
    flock 9
fi

stamp=.venv/installed-$requirements
wanted=$(cat requirements.txt requirements-dev.txt constraints.txt | cksum)
usable() { .venv/bin/python -c 'import pip' 2>/dev/null; }
if [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$wanted" ] && .venv/bin/python -c '' 2>/dev/null; then
    exit 0
fi
if ! usable; then # none, or its Python has been removed since
    find_python
    echo "Making the Python environment in .venv with $("$python" -V) ..."
    "$python" -m venv --clear .venv >"$log" 2>&1 ||
        refuse "The Python environment could not be made ($(tail -n 1 "$log")): $log says why."
fi
echo "Installing the packages of $requirements (about a minute the first time) ..."
if ! .venv/bin/python -m pip install --disable-pip-version-check --no-input -r "$requirements" >"$log" 2>&1; then
    reason=$(grep -E '^(ERROR|error)' "$log" | tail -n 1 || true)
    refuse "The packages could not be installed (${reason:-$(tail -n 1 "$log")}): check that pip reaches a package index, then try again; $log has the whole story."
fi
printf '%s\n' "$wanted" >"$stamp"
[ "$requirements" = requirements-dev.txt ] && printf '%s\n' "$wanted" >.venv/installed-requirements.txt
exit 0
