# Sourced by ./try and ./run-tests: installs Debian packages that are missing, and only those.

# What both need: a C compiler for SQLite and ring, the servers, and what a window loads when it opens.
both="gcc libc6-dev pkg-config prosody prosody-modules lua-dbi-sqlite3 ejabberd erlang-p1-sqlite3
      libxkbcommon0 libxkbcommon-x11-0 libx11-xcb1 libxcursor1 libxi6 libxrandr2 libwayland-client0"

is_installed() {
    dpkg-query -W -f '${Status}' "$1" 2>/dev/null | grep -q 'ok installed'
}

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}

# need PACKAGE...
need() {
    command -v dpkg-query >/dev/null || {
        echo "This is not Debian. Install the equivalents of: $*" >&2
        exit 1
    }
    missing=
    for package in "$@"; do
        is_installed "$package" || missing="$missing $package"
    done
    [ -n "$missing" ] || return 0
    if [ "$(id -u)" != 0 ] && ! command -v sudo >/dev/null; then
        echo "Not root and no sudo. As root: apt-get install$missing" >&2
        exit 1
    fi
    echo "Installing$missing"
    install_quietly
}

# Debian starts servers when it installs them. Ours are private processes; the system's stay off. A policy of the
# machine's own is left alone, ours goes in any case.
install_quietly() {
    policy=/usr/sbin/policy-rc.d
    if [ ! -e "$policy" ]; then
        trap 'as_root rm -f "$policy"' EXIT
        trap 'exit 1' INT TERM HUP
        printf '#!/bin/sh\nexit 101\n' | as_root tee "$policy" >/dev/null
        as_root chmod 755 "$policy"
        made_policy=yes
    fi
    as_root env DEBIAN_FRONTEND=noninteractive apt-get update -q </dev/null
    # shellcheck disable=SC2086 # a list of words
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends $missing </dev/null
    for server in prosody ejabberd; do
        case "$missing " in
        *" $server "*) as_root systemctl disable "$server" >/dev/null 2>&1 || true ;; # no systemd: nothing to switch off
        esac
    done
    if [ "${made_policy:-}" = yes ]; then
        as_root rm -f "$policy"
        trap - EXIT INT TERM HUP
    fi
}

# need_cargo: says where Rust comes from; installing a toolchain is not a script's business.
need_cargo() {
    command -v cargo >/dev/null || {
        echo "There is no cargo. Install Rust with rustup; rust-version in Cargo.toml says which one is old enough." >&2
        exit 1
    }
}
