#!/usr/bin/env bash
# The service under a true systemd as process 1, on this machine's own processor: it is installed, starts at boot, and
# is killed and hung while it trains. No Raspberry Pi: the robot is the simulated one, its pins only pretend.
#   sudo deploy/emulation/systemd.sh FOLDER WHEEL
# FOLDER takes a plain Trixie (some 900 MB); WHEEL is what `pip wheel --no-deps .` makes. It needs debootstrap and
# a kernel with cgroup v2, and runs apart from this machine: its own processes, network and mounts.
set -euo pipefail

if [[ $# -ne 2 ]]; then
  sed -n '2,7s/^# //p' "$0"
  exit 2
fi
folder=$(realpath -m "$1") wheel=$(realpath "$2")
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
tree=$folder/tree
export LC_ALL=C DEBIAN_FRONTEND=noninteractive
packages=systemd-sysv,dbus,udev,python3-venv,python3-numpy,curl,gpiod,ca-certificates,procps,iproute2

mkdir -p "$folder"
if [[ ! -e $folder/tree.made ]]; then
  echo "== debootstrap: a plain Trixie"
  begun=$SECONDS
  debootstrap --variant=minbase --include=$packages trixie "$tree" >"$folder/debootstrap.log"
  : >"$folder/tree.made"
  echo "   $((SECONDS - begun)) s"
fi
echo "== what pip will need, for a machine without network"
rm -rf "$tree/root/deploy" "$tree/opt/robot-agent" "$tree/var/lib/robot-agent"
rm -f "$tree"/etc/systemd/system/{,multi-user.target.wants/}robot-agent.service
mkdir -p "$tree/root/deploy" "$tree/root/wheels" "$tree/var/log/journal"
cp "$here/../install.sh" "$here/../robot-agent.service" "$here/../README.md" "$wheel" "$tree/root/deploy/"
broken=$(python3 -B -c 'import sys; sys.path.insert(0, sys.argv[1])
from pathlib import Path; from wheels import altered
print(altered(Path(sys.argv[2]), "9.2.0", broken=True))' "$here/../../tests/deploy" "$tree/root/deploy/$(basename "$wheel")")
mv "$broken" "$tree/root/"
broken=$(basename "$broken")
cp -L /etc/resolv.conf /etc/hosts "$tree/etc/"
echo robot >"$tree/etc/hostname"
cp /etc/ssl/certs/ca-certificates.crt "$tree/etc/ssl/certs/"
chroot "$tree" python3 - "/root/deploy/$(basename "$wheel")" >"$tree/root/requirements.txt" <<'END'
import re, sys, zipfile
wheel = zipfile.ZipFile(sys.argv[1])
text = wheel.read(next(n for n in wheel.namelist() if n.endswith(".dist-info/METADATA"))).decode()
for line in re.findall(r"^Requires-Dist: (.*)$", text, re.M):
    if "extra ==" not in line and not re.match(r"torch\b", line):
        print(line)
END
chroot "$tree" python3 -m venv /root/pip
chroot "$tree" env PIP_FIND_LINKS= /root/pip/bin/pip download -q --disable-pip-version-check --prefer-binary --find-links /root/wheels \
  -d /root/wheels -r /root/requirements.txt

# A group of processes of its own, below whatever this one is in.
groups=$(findmnt -n -t cgroup2 -o TARGET | head -n 1)
[[ -n $groups ]] || { echo "There is no cgroup2 mounted here." >&2; exit 1; }
group=$groups/robot-agent-systemd-$$

boot() {
  mkdir -p "$group"
  # shellcheck disable=SC2016
  sh -c 'echo $$ >"$1/cgroup.procs"; shift; exec "$@"' - "$group" \
    unshare --mount --pid --net --uts --ipc --cgroup --fork --kill-child bash -euc '
    tree=$1
    mount --make-rprivate /
    mount --bind "$tree" "$tree"
    cd "$tree"
    mount -t proc proc proc
    mount -t sysfs -o ro sysfs sys
    mount -t cgroup2 cgroup2 sys/fs/cgroup
    mount -t tmpfs -o mode=755 tmpfs run
    mount -t tmpfs -o mode=755 tmpfs dev
    mkdir dev/pts dev/shm
    mount -t devpts -o newinstance,ptmxmode=0666,mode=620,gid=5 devpts dev/pts
    mount -t tmpfs tmpfs dev/shm
    ln -s pts/ptmx dev/ptmx
    for name in null zero full random urandom tty; do touch "dev/$name"; mount --bind "/dev/$name" "dev/$name"; done
    touch dev/console
    mount --bind "$2" dev/console
    ln -s /proc/self/fd dev/fd
    mount --bind proc/sys proc/sys
    mount -o remount,bind,ro proc/sys
    pivot_root . mnt
    umount -l mnt
    exec env -i container=robot-agent PATH=/usr/sbin:/usr/bin:/sbin:/bin /sbin/init
  ' - "$tree" "$folder/console" &
  outside=$!
  for _ in $(seq 100); do
    init=$(pgrep -P "$outside" || true)
    if [[ -n $init && $(cat "/proc/$init/comm" 2>/dev/null) == systemd ]]; then break; fi
    sleep 0.1
  done
  for _ in $(seq 300); do
    case $(inside systemctl is-system-running 2>/dev/null) in running | degraded) break ;; esac
    sleep 0.2
  done
}
inside() { nsenter -t "$init" -m -p -n -u -i -C -r -w env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin HOME=/root "$@"; }
power_cut() { kill -KILL "$outside" 2>/dev/null || true; wait "$outside" 2>/dev/null || true; }
cleanup() {
  power_cut
  for _ in $(seq 50); do
    find "$group" -depth -type d -exec rmdir {} + 2>/dev/null && break
    sleep 0.1
  done
}
trap cleanup EXIT
trap 'exit 130' INT TERM
: >"$folder/console"


failures=0
since_begin() { awk '{print $1}' /proc/uptime; }
saw() {  # saw WORDS COMMAND...: whether the command succeeds
  local words=$1
  shift
  if "$@"; then echo "   seen: $words"; else
    echo "   NOT SEEN: $words"
    failures=$((failures + 1))
  fi
}
within() {  # within SECONDS WORDS COMMAND...: until the command succeeds
  local begun words=$2 most=$1
  begun=$(since_begin)
  shift 2
  for _ in $(seq $((most * 4))); do
    if "$@" >/dev/null 2>&1; then
      echo "   seen: $words, after $(awk -v a="$begun" '{printf "%.1f", $1 - a}' /proc/uptime) s"
      return
    fi
    sleep 0.25
  done
  echo "   NOT SEEN within $most s: $words"
  failures=$((failures + 1))
}
shown() { inside systemctl show -P "$1" robot-agent; }
is() { [[ $(shown "$1") == "$2" ]]; }
main() { shown MainPID; }
another_main() { [[ $(main) != "$1" && $(main) != 0 ]] && healthy; }
processes() { inside pgrep -u robot-agent -f -- "$1" || true; }
test_state() { [[ $(state state) == "$1" ]]; }
two_guards() { [[ $(guards | wc -l) -eq 2 ]] && healthy; }
guards() { processes '-m robot_agent\.guard '; }
worker() { processes '-m server\.worker'; }
api() { inside curl -fsS --max-time 20 -b /root/jar -c /root/jar -H 'Content-Type: application/json' "$@"; }
at=http://127.0.0.1:8080/api/v1
healthy() { inside curl -fsS --max-time 5 -o /dev/null http://127.0.0.1:8080/healthz; }
state() { api $at/status | inside python3 -c 'import json, sys; print(json.load(sys.stdin)[sys.argv[1]])' "$1"; }
kept() {  # what the store has of the run: its episodes
  inside python3 -c '
import sqlite3
with sqlite3.connect("file:/var/lib/robot-agent/runs.db?mode=ro", uri=True) as store:
    print(store.execute("SELECT count(*) FROM episodes WHERE run = (SELECT max(id) FROM runs)").fetchone()[0])'
}
more_than() { [[ $(kept) -gt $1 && $(state state) == training ]]; }
goes_on() { within 90 "the run goes on (it had $1 episodes)" more_than "$1"; }
resumed() {  # after a good end, a lost guard and a halt it stands until a person goes on
  within 60 "it is healthy" healthy
  api -o /dev/null -d '{}' $at/training/resume
  goes_on "$1"
}
made_low() {  # how often the pins were made low: after each end and before each start
  inside journalctl -u robot-agent -o cat --no-pager | grep -cE 'pins .* low|no pins' || true
}
again() { [[ $(made_low) -ge $(($1 + $2)) ]]; }
can_give() { (($((16#$(inside sed -n 's/^CapBnd:\s*//p' /proc/1/status))) >> 24 & 1)); }  # CAP_SYS_RESOURCE
real_time() { local one; for one in $(guards); do inside chrt -p "$one" | grep -q "SCHED_RR" || return 1; done; [[ -n $(guards) ]]; }

echo "== first boot: install.sh --unattended"
begun=$SECONDS
boot
echo "   process 1 is $(inside cat /proc/1/comm), $(inside systemctl --version | head -n 1)"
saw "install.sh, and a service that is healthy" inside env PIP_NO_INDEX=1 PIP_FIND_LINKS=/root/wheels INSTALL_NO_APT=1 \
  /root/deploy/install.sh --unattended --robot sim --backend numpy
echo "   took $((SECONDS - begun)) s"
inside sync

echo "== everything is killed at once, and the machine starts anew"
power_cut
boot
within 60 "the service is there by itself" healthy
saw "Type=notify has told that it is ready" is SubState running
priority() {
  if can_give; then saw "the guard's two processes have real-time priority" real_time; else
    echo "   not to be seen here: this machine lets no process raise a limit, so LimitRTPRIO= counts for nothing"
  fi
}
priority
mapfile -t filters < <(sed -nE 's/^((SystemCall|Restrict|Lock|NoNew|Protect)[A-Za-z]*=.*)/--property=\1/p' "$here/../robot-agent.service")
saw "nothing that the unit forbids keeps a process from real-time priority" \
  inside systemd-run --quiet --pipe --wait "${filters[@]}" chrt --rr 10 true
echo "   NoNewPrivs, Seccomp of the server: $(inside sed -n 's/^\(NoNewPrivs\|Seccomp\):\s*/\1 /p' "/proc/$(main)/status" | tr '\n' ' ')"
code=$(inside journalctl -b -u robot-agent -o cat --no-pager | sed -n 's/.*with the code \([^ ]*\).*/\1/p' | tail -n 1)
api -o /dev/null -d "{\"code\": \"$code\"}" $at/pair
saw "a browser pairs with the code in the journal" api -o /dev/null $at/tokens

echo "== a training of one robot, in its own time"
api -d '{"robot": "robot", "moves": 1000000}' $at/training/start
echo
within 90 "it learns" more_than 1

echo "== kill -9 of the trainer"
before=$(kept) post=$(made_low)
server=$(main)
inside kill -KILL "$(worker)"
sleep 1
goes_on "$before"
saw "the server is the same" test "$(main)" = "$server"

for which in 1 2; do
  echo "== kill -9 of the guard, process $which of 2"
  before=$(kept)
  inside kill -KILL "$(guards | sed -n ${which}p)"
  within 20 "the training stands still" test_state idle
  within 20 "there is a guard again" two_guards
  resumed "$before"
done
saw "the server is the same" test "$(main)" = "$server"
priority

echo "== kill -9 of the server"
before=$(kept) post=$(made_low) server=$(main)
inside kill -KILL "$server"
within 60 "it is there again" another_main "$server"
within 5 "ExecStopPost and ExecStartPre have run" again "$post" 2
goes_on "$before"

echo "== kill -9 of all of it at once"
before=$(kept) post=$(made_low) server=$(main)
mapfile -t all < <(inside pgrep -u robot-agent)
inside kill -KILL "${all[@]}"
within 60 "it is there again" another_main "$server"
within 5 "ExecStopPost and ExecStartPre have run" again "$post" 2
goes_on "$before"

echo "== systemctl kill -s KILL"
before=$(kept) post=$(made_low) server=$(main)
inside systemctl kill -s KILL robot-agent
within 60 "it is there again" another_main "$server"
within 5 "ExecStopPost or at least ExecStartPre has run" again "$post" 1
again "$post" 2 || echo "   (ExecStopPost was killed too)"
goes_on "$before"
inside systemctl reset-failed robot-agent

echo "== the server hangs (SIGSTOP); WatchdogSec is 30"
before=$(kept) post=$(made_low) server=$(main)
inside kill -STOP "$server"
within 60 "systemd has ended it, and it is there again" another_main "$server"
saw "for the watchdog's sake" inside sh -c 'journalctl -u robot-agent -o cat | grep -q "Watchdog timeout"'
within 5 "ExecStopPost and ExecStartPre have run" again "$post" 2
goes_on "$before"

echo "== a halt"
api -X POST $at/halt >/dev/null
server=$(main)
inside systemctl kill -s KILL robot-agent
within 60 "kill -9 of all of it, and it is there again" another_main "$server"
saw "it is still halted" test "$(state state)" = halted
server=$(main)
inside systemctl reset-failed robot-agent  # five starts in five minutes are the limit
inside systemctl restart robot-agent
within 60 "systemctl restart" another_main "$server"
saw "it is still halted" test "$(state state)" = halted
api -o /dev/null -d '{"confirm": true}' $at/halt/reset
saw "a person resets it: $(state state)" test "$(state state)" != halted
resumed "$(kept)"

echo "== systemctl stop, while it trains"
begun=$(since_begin)
inside systemctl stop robot-agent
echo "   took $(awk -v a="$begun" '{printf "%.1f", $1 - a}' /proc/uptime) s: $(shown ActiveState), $(shown Result)"
saw "it ended well" is Result success
saw "no process is left" test -z "$(inside pgrep -u robot-agent || true)"
inside systemctl reset-failed robot-agent 2>/dev/null || true
before=$(kept)
inside systemctl start robot-agent
resumed "$before"

echo "== an upgrade whose server ends at once"
inside systemctl reset-failed robot-agent
old=$(readlink "$tree/opt/robot-agent/current")
upgraded() {
  inside env PIP_NO_INDEX=1 PIP_FIND_LINKS=/root/wheels INSTALL_NO_APT=1 \
    /root/deploy/install.sh --unattended --robot sim --backend numpy --wheel "/root/$broken" >"$folder/upgrade" 2>&1
}
begun=$SECONDS
if upgraded; then saw "install.sh says that it failed" false; fi
sed 's/^/   install.sh: /' "$folder/upgrade" | tail -n 3
echo "   took $((SECONDS - begun)) s"
saw "the last version is back" test "$(readlink "$tree/opt/robot-agent/current")" = "$old"
within 60 "and healthy" healthy
resumed "$before"

echo "== everything is killed at once while it trains, and the machine starts anew"
before=$(kept)
power_cut
boot
within 60 "the service is there by itself" healthy
goes_on "$before"

echo "== it fails again and again"
inside systemctl reset-failed robot-agent
for _ in 1 2 3 4 5 6; do
  server=$(main)
  [[ $server != 0 ]] || break
  inside kill -KILL "$server" || true
  for _ in $(seq 120); do
    if is ActiveState failed || { is ActiveState active && [[ $(main) != "$server" ]]; }; then break; fi
    sleep 0.25
  done
done
saw "it stays down" is ActiveState failed
saw "no process is left" test -z "$(inside pgrep -u robot-agent || true)"
inside journalctl -b -u robot-agent --no-pager >"$folder/journal"
echo "== $SECONDS s in all, $failures not seen; the last journal is in $folder/journal"
[[ $failures -eq 0 ]]
