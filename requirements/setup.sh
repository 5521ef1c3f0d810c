# Read by ./run and ./test, at the root of the checkout: lays the virtual environment and fills it, once.
# POSIX shell; works without a terminal and without standard input.

say() { printf '%s\n' "$*" >&2; }
die() { say "$*"; exit 1; }

# set_up run|test: after it, .venv holds that lock and this checkout's `crm`.
set_up() {
    make_venv
    install_lock "$1"
    install_project
}

make_venv() {
    if .venv/bin/python -c 'import pip, sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then return; fi
    find_python || install_debian python3 python3-venv && find_python ||
        die "Python 3.11 or newer is needed, and none was found on PATH (looked for python3.13, 3.12, 3.11, 3.14, python3)." \
            "Install it, or name one: PYTHON=/path/to/python3 $0"
    if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
        install_debian "$("$python" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])')" ||
            install_debian python3-venv ||
            die "$python cannot make virtual environments: its ensurepip is missing. On Debian or Ubuntu: sudo apt-get install python3-venv"
    fi
    say "Making .venv with $("$python" --version 2>&1) ..."
    "$python" -m venv --clear .venv
}

# A name that is found may still not run (a pyenv shim for a version that is not chosen), so each is tried.
find_python() {
    for python in ${PYTHON:-} python3.13 python3.12 python3.11 python3.14 python3 python; do
        if "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then return 0; fi
    done
    return 1
}

# install_debian PACKAGE...: false where it cannot be done (not Debian's kind, not root, no such package).
install_debian() {
    [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1 || return 1
    say "Installing $* (apt-get) ..."
    DEBIAN_FRONTEND=noninteractive
    export DEBIAN_FRONTEND
    { apt-get -qq update && apt-get -qq install -y --no-install-recommends "$@"; } </dev/null >/dev/null
}

install_lock() {
    if fresh "$1" "requirements/$1.txt"; then return; fi
    say "Installing the packages of requirements/$1.txt ..."
    pip_install --requirement "requirements/$1.txt"
    mark "$1" "requirements/$1.txt"
}

# Editable; its build also makes the style sheets, scripts and icons, so stale sources of those build it again.
install_project() {
    if fresh project pyproject.toml hatch_build.py && .venv/bin/python engine/web/assets --check; then return; fi
    say "Installing this checkout and building its assets ..."
    pip_install --no-deps --editable .
    mark project pyproject.toml hatch_build.py
}

pip_install() {
    .venv/bin/python -m pip --disable-pip-version-check install -qq "$@" </dev/null ||
        die "pip could not install (see above). Without a network, or behind a proxy, set pip's own settings and run this again."
}

# The path is part of the mark: a checkout that was moved has scripts that point to where it was.
fingerprint() { { pwd; cat "$@"; } | cksum; }
fresh() { name=$1; shift; [ "$(cat ".venv/.installed-$name" 2>/dev/null)" = "$(fingerprint "$@")" ]; }
mark() { name=$1; shift; fingerprint "$@" >".venv/.installed-$name"; }
