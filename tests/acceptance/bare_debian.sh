#!/usr/bin/env bash
# Proof that ./zgc serve and ./zgc test work on a Debian 12 with nothing but sh and Python.
#
#   sudo tests/acceptance/bare_debian.sh [serve|sudo|test|all]      (default: all)
#
# Needs root, debootstrap and 6 GB; takes a quarter of an hour; not part of CI. The committed state
# (git HEAD) is tested, with this machine's configuration of apt, pip and npm. All mounts and
# processes live in namespaces of their own and are gone when the script ends, however it ends.
set -euo pipefail

if [ -z "${IN_NAMESPACE-}" ]; then
    IN_NAMESPACE=1 exec unshare --mount --propagation private --pid --mount-proc --fork --kill-child -- \
        "$0" "$@"
fi

suite=bookworm
project=$(cd "$(dirname "$0")/../.." && pwd)
tree=$(mktemp -d "${TMPDIR:-/var/tmp}/bare-debian.XXXXXX")
chmod 755 "$tree" # ordinary users must get in
output=$tree.output
times=$tree.times
port=$(python3 -c 'import socket; s = socket.create_server(("127.0.0.1", 0)); print(s.getsockname()[1])')

finish() {
    for part in proc sys dev/pts dev/shm dev; do
        umount "$tree/$part" 2>/dev/null || true
    done
    rm -rf --one-file-system "$tree" "$output" "$times" "$tree.first"
}
trap finish EXIT

fail() {
    echo "FAILED: $*" >&2
    tail -n 60 "$output" >&2 || true
    cp "$output" "${tree%/*}/bare-debian.failed"
    echo "all of the output: ${tree%/*}/bare-debian.failed" >&2
    exit 1
}

timed() { # NAME COMMAND...
    local name=$1 start=$EPOCHREALTIME
    shift
    "$@"
    printf '%-58s %7.1f s\n' "$name" "$(bc_minus "$EPOCHREALTIME" "$start")" | tee -a "$times"
}

bc_minus() { awk -v a="$1" -v b="$2" 'BEGIN { print a - b }'; }

# --- the bare tree ----------------------------------------------------------------------------

make_tree() {
    local mirror
    # shellcheck disable=SC2016 # apt fills this in
    mirror=$(apt-get indextargets --format '$(REPO_URI)' "Codename: $suite" | head -n 1)
    debootstrap --variant=minbase --include=python3 "$suite" "$tree" "$mirror" >"$output" 2>&1 ||
        fail debootstrap
    mount -t proc proc "$tree/proc"
    mount -t sysfs -o ro sysfs "$tree/sys"
    make_devices
    configure
}

make_devices() {
    mount -t tmpfs -o mode=755 tmpfs "$tree/dev"
    local name
    for name in null zero full random urandom tty; do
        cp -a "/dev/$name" "$tree/dev/$name"
    done
    ln -s /proc/self/fd "$tree/dev/fd"
    mkdir "$tree/dev/shm" "$tree/dev/pts"
    mount -t tmpfs -o mode=1777 tmpfs "$tree/dev/shm"
    mount -t devpts -o newinstance,ptmxmode=0666 devpts "$tree/dev/pts"
    ln -s pts/ptmx "$tree/dev/ptmx"
}

configure() { # this machine's way to its registries
    cp -a /etc/resolv.conf /etc/hosts "$tree/etc/"
    rm -f "$tree/etc/apt/sources.list"
    copy /etc/apt/sources.list /etc/apt/sources.list.d /etc/apt/keyrings /etc/apt/trusted.gpg.d
    grep -lsr '^ *Acquire' /etc/apt/apt.conf.d | while read -r file; do copy "$file"; done
    copy /etc/ssl/certs /usr/local/share/ca-certificates /usr/share/ca-certificates
    copy /etc/pip.conf /etc/xdg/pip
    cat ~/.npmrc "$(npm config get globalconfig 2>/dev/null)" >"$tree/root/.npmrc" 2>/dev/null || true
}

copy() {
    local path
    for path; do
        [ ! -e "$path" ] || (cd / && cp -a --parents "${path#/}" "$tree/")
    done
}

kept_environment() { # proxies, certificates, pip and npm
    env | grep -E '^((http|https|no|all)_proxy|(HTTP|HTTPS|NO|ALL)_PROXY|PIP_.*|(npm|NPM)_.*|[A-Z_]*(SSL|CA)_[A-Z_]*|NODE_EXTRA_CA_CERTS)=' || true
}

inside() { # USER FOLDER COMMAND...: replaces this process, so that its id is the command's
    local user=$1 folder=$2 home=/root
    shift 2
    [ "$user" = root ] || home=/home/$user
    local variables
    mapfile -t variables < <(kept_environment)
    # shellcheck disable=SC2016 # for the inner shell
    exec env -i "${variables[@]}" HOME="$home" LANG=C.UTF-8 PATH=/usr/sbin:/usr/bin:/sbin:/bin \
        chroot --userspec="$user:$user" "$tree" /bin/sh -c 'cd "$1" && shift && exec "$@"' sh "$folder" "$@"
}

copy_project() { # USER FOLDER
    mkdir -p "$tree$2"
    git -c safe.directory="$project" -C "$project" archive HEAD | tar -x -C "$tree$2"
    chroot "$tree" chown -R "$1:$1" "$2"
}

# --- the service ------------------------------------------------------------------------------

start() { # USER FOLDER
    : >"$output"
    (inside "$1" "$2" ./zgc serve --port "$port") >"$output" 2>&1 &
    service=$!
    until grep -q "^ready: http://127.0.0.1:$port$" "$output"; do
        kill -0 "$service" 2>/dev/null || fail "the service ended before it was ready"
        sleep 0.05
    done
}

fetch() {
    for path in / /map /ogc/collections; do
        python3 -c 'import sys, urllib.request; assert urllib.request.urlopen(sys.argv[1]).status == 200' \
            "http://127.0.0.1:$port$path" || fail "GET $path"
    done
}

stop() {
    kill -TERM "$service"
    local code=0
    wait "$service" || code=$?
    [ "$code" -eq 0 ] || fail "the service stopped with exit code $code"
    ! pgrep -x postgres >/dev/null || fail "PostgreSQL still runs"
}

refused_without_packages() { # an ordinary user without sudo is told the command to run
    local code=0
    (inside planner /home/planner/zgc ./zgc serve --port "$port") >"$output" 2>&1 || code=$?
    [ "$code" -eq 1 ] || fail "exit code $code instead of 1"
    grep -q 'sudo apt-get install python3.11-venv' "$output" || fail "no command was named"
}

prove_serve() {
    chroot "$tree" useradd --create-home planner
    copy_project planner /home/planner/zgc
    refused_without_packages
    copy_project root /srv/zgc
    timed "first ./zgc serve as root, until ready" start root /srv/zgc
    cp "$output" "$tree.first"
    fetch
    [ ! -d "$tree/var/lib/postgresql/15/main" ] || fail "Debian made a cluster of its own"
    timed "stop by SIGTERM" stop
    timed "second start" start root /srv/zgc
    kill -KILL "$service"
    wait "$service" || true
    timed "start after kill -9" start root /srv/zgc
    fetch
    stop
    timed "first ./zgc serve as an ordinary user (packages there)" start planner /home/planner/zgc
    fetch
    stop
    timed "second start as an ordinary user" start planner /home/planner/zgc
    stop
}

prove_sudo() { # an ordinary user who may become root without a password
    (inside root / apt-get update) >"$output" 2>&1 || fail "apt-get update"
    (inside root / apt-get install -y --no-install-recommends sudo) >"$output" 2>&1 || fail sudo
    chroot "$tree" useradd --create-home surveyor
    echo 'surveyor ALL=(ALL) NOPASSWD: ALL' >"$tree/etc/sudoers.d/surveyor"
    copy_project surveyor /home/surveyor/zgc
    timed "first ./zgc serve as a user with sudo, until ready" start surveyor /home/surveyor/zgc
    fetch
    [ ! -d "$tree/var/lib/postgresql/15/main" ] || fail "Debian made a cluster of its own"
    stop
}

run_tests() {
    (inside root /srv/zgc ./zgc test) >"$output" 2>&1 || fail "./zgc test"
    tail -n 12 "$output"
}

sizes() { # MB; what ./zgc announces should cover them
    (cd "$tree" && du -smc srv/zgc/.venv srv/zgc/service/web/static/vendor srv/zgc/.data usr var/cache/apt root/.cache root/.npm 2>/dev/null) || true
}

what=${1:-all}
timed "debootstrap and configuration" make_tree
case $what in
serve | all) prove_serve ;;
sudo) prove_sudo ;;
esac
case $what in test | all)
    [ -d "$tree/srv/zgc" ] || copy_project root /srv/zgc
    timed "first ./zgc test as root" run_tests
    ;;
esac
echo "--- all passed; the first start said:"
cat "$tree.first" 2>/dev/null || true
sizes
cat "$times"
