#!/usr/bin/env bash
# Makes .venv: a Python that is new enough, the locked packages with their hashes, the project itself, bytecode.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
unset PYTHONDONTWRITEBYTECODE PYTHONHOME
log="$(mktemp)"
trap 'rm -f "$log"' EXIT

fail() { # what, way out
    echo "set-up: $1" >&2
    echo "        $2" >&2
    exit 1
}

new_enough() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; }

find_python() {
    local name
    for name in ${PYTHON:-} python3 python3.11 python3.12 python3.13; do
        if command -v "$name" >/dev/null && new_enough "$name"; then
            echo "$name"
            return
        fi
    done
    return 1
}

step() { # text, command...
    local text="$1" from=$SECONDS
    shift
    printf '  %-52s' "$text"
    if "$@" >"$log" 2>&1; then
        printf '%4d s\n' $((SECONDS - from))
    else
        echo " failed"
        tail -n 15 "$log" >&2
        return 1
    fi
}

if ! new_enough .venv/bin/python; then
    python="$(find_python)" || fail "no Python 3.11 or later found (looked for python3, python3.11, python3.12, python3.13)" \
        "Install one (Debian, Ubuntu: apt install python3.11 python3.11-venv), or say where it is: make setup PYTHON=/path/to/python"
    "$python" -c 'import ensurepip, venv' 2>/dev/null || fail "$("$python" --version) has no venv module" \
        "Install it (Debian, Ubuntu: apt install python3-venv), then run again"
    rm -rf .venv
    step "environment .venv with $("$python" --version)" "$python" -m venv .venv || fail "the environment could not be made" "See above"
fi
step "packages of requirements.lock, hashes checked" \
    .venv/bin/python -m pip install --require-hashes --no-deps --no-input --progress-bar off -r requirements.lock ||
    fail "the packages could not be installed" "Is a package index reachable (pip's own settings apply: PIP_INDEX_URL, PIP_PROXY)? Then run again"
step "the project itself" \
    .venv/bin/python -m pip install --no-deps --no-build-isolation --no-input --progress-bar off -e . ||
    fail "the project could not be installed" "See above"
# Files that do not compile are templates for other versions of Python; they are never imported.
step "bytecode" bash -c '.venv/bin/python -m compileall -q -j 0 .venv/lib || true'
touch .venv/.ready
