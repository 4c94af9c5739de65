#!/usr/bin/env bash
# Put robot-agent on a Raspberry Pi: packages, a venv, settings, the service. Run it as often as you like;
# with a newer wheel it updates, and goes back by itself when the new version is not healthy within a minute.
set -euo pipefail

usage() {
  cat <<'END'
Usage: sudo ./install.sh [OPTION]...
  --wheel FILE      the robot_agent-*.whl to install; the only one beside this script if not given
  --board NAME      motor board, see the table in README.md; asked for if not given
  --backend NAME    torch or numpy; torch if not given, numpy on boards with 512 MB or less
  --robot NAME      pi, or sim to run without motors and camera; pi if not given
  --unattended      ask nothing
  --dry-run         say what would be done, and do nothing
  --uninstall       take the program and the service away; what was learned and robot.toml stay
  --help            this
END
}

NAME='robot-agent'
ROOT=${INSTALL_ROOT:-}                # of another tree, for tests and images
HOME_OF_PROGRAM=/opt/$NAME
STATE=/var/lib/$NAME
UNIT=/etc/systemd/system/$NAME.service
COMMAND_FOLDER=/usr/local/bin
HEALTHY_SECONDS=${INSTALL_HEALTHY_SECONDS:-60}
PORT=8080

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
wheel="" board="" backend="" robot=pi
unattended=false dry=false uninstall=false

say() { printf '%s\n' "$*"; }
fail() { printf 'Error: %s\n' "$*" >&2; exit 1; }

run() {  # do it, or only say it
  if $dry; then say "would run: $*"; else "$@"; fi
}

needs_value() { [[ $# -ge 2 && -n $2 ]] || fail "$1 needs a value; see --help."; }

while [[ $# -gt 0 ]]; do
  case $1 in
    --wheel) needs_value "$@"; wheel=$2; shift ;;
    --board) needs_value "$@"; board=$2; shift ;;
    --backend) needs_value "$@"; backend=$2; shift ;;
    --robot) needs_value "$@"; robot=$2; shift ;;
    --unattended) unattended=true ;;
    --dry-run) dry=true ;;
    --uninstall) uninstall=true ;;
    -h | --help) usage; exit 0 ;;
    *) fail "There is no option $1; see --help." ;;
  esac
  shift
done

[[ $robot == pi || $robot == sim ]] || fail "--robot is '$robot'; give pi or sim."
[[ -z $backend || $backend == torch || $backend == numpy ]] || fail "--backend is '$backend'; give torch or numpy."
$dry || [[ $(id -u) -eq 0 ]] || fail "This changes the system; run it with sudo."

has_systemd() { [[ -d /run/systemd/system ]] && [[ -z $ROOT ]]; }

systemctl_if() {  # without systemd as process 1, as in a chroot, do nothing
  if $dry; then say "would run: systemctl $*"; elif has_systemd; then systemctl "$@"; fi
}

take_away() {
  systemctl_if disable --now $NAME.service 2>/dev/null || true
  run rm -f "$ROOT$UNIT" "$ROOT/etc/udev/rules.d/60-$NAME.rules" "$ROOT/etc/avahi/services/$NAME.service"
  run rm -f "$ROOT$COMMAND_FOLDER/robot-agent" "$ROOT$COMMAND_FOLDER/robot-server"
  run rm -rf "$ROOT$HOME_OF_PROGRAM"
  systemctl_if daemon-reload
  if $dry; then say "Nothing was done."; return; fi
  say "robot-agent is taken away. What was learned and robot.toml stay in $STATE; 'sudo rm -r $STATE' deletes them."
}

if $uninstall; then
  take_away
  exit 0
fi

# What cannot work is refused before anything is changed.

[[ -r $ROOT/etc/os-release ]] || fail "This Linux has no /etc/os-release; use Raspberry Pi OS."
# shellcheck disable=SC1091
system=$(. "$ROOT/etc/os-release" && echo "${VERSION_CODENAME:-unknown}")
architecture=${INSTALL_ARCHITECTURE:-$(dpkg --print-architecture)}  # of the system, not of the kernel
memory_kb=${INSTALL_MEMORY_KB:-$(awk '/^MemTotal:/ {print $2}' /proc/meminfo)}
case $system in
  bookworm | trixie) ;;
  *) fail "This system is '$system'; robot-agent is made for Raspberry Pi OS Bookworm and Trixie." ;;
esac
settings=$ROOT$STATE/robot.toml
if [[ -z $backend ]] && grep -qs '^backend *= *"numpy"' "$settings"; then backend=numpy; fi
if [[ -z $backend ]]; then
  backend=torch
  if [[ $memory_kb -lt 700000 || $architecture == armhf ]]; then
    backend=numpy
    say "This board has $((memory_kb / 1024)) MB and a system of architecture $architecture: PyTorch does not fit, so NumPy learns."
  fi
fi
case $architecture in
  arm64 | amd64) ;;
  armhf)
    [[ $backend == numpy ]] || fail \
      "PyTorch has no 32-bit packages; use --backend numpy, or put the 64-bit Raspberry Pi OS on the card."
    ;;
  *) fail "The architecture $architecture is not known here; use a 64-bit Raspberry Pi OS." ;;
esac
if [[ -z $wheel ]]; then
  shopt -s nullglob
  found=("$here"/robot_agent-*.whl)
  shopt -u nullglob
  [[ ${#found[@]} -eq 1 ]] || fail \
    "There are ${#found[@]} wheels beside this script; put exactly one there, or name it with --wheel."
  wheel=${found[0]}
fi
[[ -r $here/$NAME.service ]] || fail "The unit $NAME.service is not beside this script; copy the whole folder deploy."
[[ -r $wheel ]] || fail "The wheel $wheel cannot be read; give the path of a robot_agent-*.whl."
file=$(basename "$wheel")
[[ $file =~ ^robot_agent-([0-9][0-9A-Za-z.+!]*)-.*\.whl$ ]] || fail "$file is no wheel of robot-agent."
# A version that is built anew is another one: two wheels of one number do not share a folder.
version=${BASH_REMATCH[1]}-$(sha256sum "$wheel" | cut -c1-8)-$backend
boards=$(PYTHONPATH=$wheel python3 -c 'from robot_agent.motors.boards import BOARDS; print(*BOARDS)') || fail \
  "The motor boards cannot be read from $file; build the wheel anew."
known_board() { [[ " $boards " == *" $1 "* ]] || fail "There is no board '$1'; the boards are: $boards."; }
[[ -z $board ]] || known_board "$board"

free_kb=$(df -Pk "${ROOT:-/}" | awk 'NR == 2 {print $4}')
needed_kb=1500000
[[ $backend == torch || $architecture == armhf ]] || needed_kb=700000
[[ $free_kb -ge ${INSTALL_NEEDED_KB:-$needed_kb} ]] || fail \
  "Only $((free_kb / 1024)) MB are free on the card, and $((needed_kb / 1024)) MB are needed; free some, or use a larger card."

if [[ ! -e $settings && $robot == pi && -z $board ]]; then
  if $unattended || [[ ! -t 0 ]]; then
    fail "Without a terminal (ssh -t gives one) the motor board must be named: --board NAME, one of: $boards."
  fi
  say "Motor boards: $boards"
  read -rp "Which one is yours? " board
  known_board "$board"
fi

# Packages. Without recommendations, so that no desktop comes along.

packages=(python3-venv python3-numpy avahi-daemon gpiod curl)
[[ $robot == sim ]] || packages+=(python3-picamera2 python3-lgpio)
# PyPI has no 32-bit NumPy and OpenCV; apt's are older than what the wheel asks for, and they do.
from_apt=()
if [[ $architecture == armhf ]]; then
  packages+=(python3-opencv)
  from_apt=(numpy opencv-python-headless)
fi
install_packages() {
  local missing=() one
  for one in "${packages[@]}"; do
    dpkg-query -W -f '${Status}' "$one" 2>/dev/null | grep -q "install ok installed" || missing+=("$one")
  done
  if [[ ${#missing[@]} -eq 0 ]]; then
    say "All packages are there."
    return
  fi
  run env DEBIAN_FRONTEND=noninteractive apt-get update -q
  if [[ $robot == pi ]] && ! $dry && ! apt-cache show python3-picamera2 >/dev/null 2>&1; then
    fail "There is no python3-picamera2 here, which only Raspberry Pi OS has; without a camera stack use --robot sim."
  fi
  run env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "${missing[@]}"
}
if [[ -n ${INSTALL_NO_APT:-} ]]; then say "Packages are left alone."; else install_packages; fi

# The user, its groups, its folder.

make_user() {
  local group
  for group in gpio video; do
    getent group $group >/dev/null || run groupadd --system $group
  done
  if ! getent passwd $NAME >/dev/null; then
    run useradd --system --user-group --home-dir $STATE --no-create-home --shell /usr/sbin/nologin $NAME
  fi
  run usermod --append --groups gpio,video $NAME
  run install -d -o $NAME -g $NAME -m 0750 "$ROOT$STATE"
}
make_user

# Raspberry Pi OS has this rule; a plain Debian does not.
rule='SUBSYSTEM=="gpio", KERNEL=="gpiochip*", GROUP="gpio", MODE="0660"'
if ! grep -qs 'GROUP="gpio"' "$ROOT"/etc/udev/rules.d/*.rules "$ROOT"/usr/lib/udev/rules.d/*.rules; then
  if $dry; then say "would write: $ROOT/etc/udev/rules.d/60-$NAME.rules"; else
    install -d "$ROOT/etc/udev/rules.d"
    printf '%s\n' "$rule" >"$ROOT/etc/udev/rules.d/60-$NAME.rules"
    if has_systemd && command -v udevadm >/dev/null; then
      udevadm control --reload 2>/dev/null || true
      udevadm trigger --subsystem-match=gpio 2>/dev/null || true
    fi
  fi
fi

# The version, in a folder of its own; it becomes the current one only when it is whole.

versions=$ROOT$HOME_OF_PROGRAM/versions
current=$ROOT$HOME_OF_PROGRAM/current
before=""
[[ ! -L $current ]] || before=$(basename "$(readlink "$current")")

make_version() {
  local new=$versions/$version
  if [[ -e $new/complete ]]; then
    say "Version $version is there already."
    return
  fi
  say "Installing $version; that takes some minutes without any message."
  run rm -rf "$new"
  run install -d "$versions"
  run python3 -m venv --system-site-packages "$new"
  local extras=""
  # The slice network, where the wheel has it.
  if [[ $(unzip_metadata) == *"Provides-Extra: tflite"* ]]; then extras="[tflite]"; fi
  if [[ $backend == numpy ]]; then
    # All that it needs but torch.
    if $dry; then say "would run: pip install $file without torch"; else
      unzip_metadata | python3 -c '
import re, sys
for line in sys.stdin:
    if line.startswith("Requires-Dist: ") and "extra ==" not in line:
        what = line.removeprefix("Requires-Dist: ").strip()
        if re.match(r"[\w-]+", what)[0] not in ["torch", *sys.argv[1:]]:
            print(what)
' "${from_apt[@]}" >"$new/requirements.txt"
      "$new/bin/pip" install --quiet --disable-pip-version-check --prefer-binary -r "$new/requirements.txt"
      "$new/bin/pip" install --quiet --disable-pip-version-check --no-deps "$wheel"
    fi
  else
    run "$new/bin/pip" install --quiet --disable-pip-version-check --prefer-binary "$wheel$extras"
  fi
  if ! $dry; then
    "$new/bin/python" -P -c 'import cv2, robot_agent, server' || fail \
      "Version $version cannot be imported; the old one stays."
    mend_simplejpeg
    install -d "$new/share/$NAME"
    [[ ! -e $here/README.md ]] || install -m 0644 "$here/README.md" "$new/share/$NAME/"
    install -m 0644 "$here/$NAME.service" "$new/share/$NAME/"
    : >"$new/complete"
  fi
}

mend_simplejpeg() {  # picamera2 needs it, and Bookworm's is made for a NumPy older than the one that is here now
  local load='import importlib.util
if importlib.util.find_spec("simplejpeg"):
    import simplejpeg'
  if "$new/bin/python" -P -c "$load" 2>/dev/null; then return; fi
  say "The system's simplejpeg does not fit this NumPy, so one that does comes along for the Pi's camera."
  if ! "$new/bin/pip" install --quiet --disable-pip-version-check --prefer-binary --no-deps --ignore-installed \
    'simplejpeg>=1.8.1' || ! "$new/bin/python" -P -c "$load"; then
    fail "No simplejpeg that fits could be had, and the Pi's camera needs one; run this again with a network."
  fi
}

unzip_metadata() {
  python3 -c '
import sys, zipfile
with zipfile.ZipFile(sys.argv[1]) as wheel:
    name = next(n for n in wheel.namelist() if n.endswith(".dist-info/METADATA"))
    print(wheel.read(name).decode().split("\n\n", 1)[0])
' "$wheel"
}

point_to() {  # in one step, so that there is always a current version
  if $dry; then say "would point: $current to $1"; return; fi
  ln -sfn "versions/$1" "$current.new"
  mv -T "$current.new" "$current"
  local unit=$current/share/$NAME/$NAME.service
  install -d "$(dirname "$ROOT$UNIT")"
  install -m 0644 "$unit" "$ROOT$UNIT"
}

write_settings() {
  if [[ -e $settings ]]; then
    say "The settings in $STATE/robot.toml stay as they are; robot, board and backend are changed there."
    return
  fi
  if $dry; then say "would write: $settings"; return; fi
  local made
  made=$(mktemp)
  {
    echo "# Settings of this robot; 'robot-agent config' lists all of them. A change counts from the next"
    echo "# 'sudo systemctl restart robot-agent' on."
    echo "robot = \"$robot\""
    echo "store = \"$STATE/runs.db\""
    if [[ $backend == numpy ]]; then printf "\n[learner]\nbackend = \"numpy\"\n"; fi
    if [[ $robot == pi ]]; then
      echo
      "$current/bin/python" -P -m robot_agent.settings.template "$board"
    fi
  } >"$made"
  install -o $NAME -g $NAME -m 0640 "$made" "$settings"
  rm -f "$made"
}

write_commands() {
  local program
  for program in robot-agent robot-server; do
    if $dry; then say "would write: $ROOT$COMMAND_FOLDER/$program"; continue; fi
    install -d "$ROOT$COMMAND_FOLDER"
    {
      echo '#!/bin/sh'
      echo "# Made by robot-agent's install.sh: the program as the service's user, with the service's settings."
      echo "cd $STATE 2>/dev/null || { echo 'Error: run this with sudo, or as a member of the group $NAME.' >&2; exit 1; }"
      # shellcheck disable=SC2016
      echo 'if [ "$(id -u)" = 0 ]; then'
      # Not runuser, which kills what it runs 2 s after a signal, before a training has kept all it learned.
      echo "  exec setpriv --reuid $NAME --regid $NAME --init-groups env HOME=$STATE $HOME_OF_PROGRAM/current/bin/$program \"\$@\""
      echo 'fi'
      echo "exec $HOME_OF_PROGRAM/current/bin/$program \"\$@\""
    } >"$ROOT$COMMAND_FOLDER/$program"
    chmod 0755 "$ROOT$COMMAND_FOLDER/$program"
  done
}

announce() {  # a version, by mDNS, beside the machine's own name; a hub looks for the second type
  if $dry; then say "would write: $ROOT/etc/avahi/services/$NAME.service"; return; fi
  install -d "$ROOT/etc/avahi/services"
  local store id
  store=$(store_file)
  # The robot's number is made by whoever asks first, and kept beside its store; here it is only announced.
  id=$(setpriv --reuid $NAME --regid $NAME --init-groups "$current/bin/python" -P -m server.service.identity \
    "${store:-$STATE/robot-agent.db}" 2>/dev/null) || id=""
  cat >"$ROOT/etc/avahi/services/$NAME.service" <<END
<?xml version="1.0" standalone='no'?>
<!DOCTYPE service-group SYSTEM "avahi-service.dtd">
<service-group>
  <name replace-wildcards="yes">robot-agent on %h</name>
  <service><type>_http._tcp</type><port>$PORT</port></service>
  <service>
    <type>_robot-agent._tcp</type><port>$PORT</port>
    <txt-record>id=$id</txt-record>
    <txt-record>name=$(hostname)</txt-record>
    <txt-record>version=${1%%-*}</txt-record>
    <txt-record>path=/</txt-record>
  </service>
</service-group>
END
}

healthy() {  # the service runs, and guard and trainer are there, as its server says
  local until=$((SECONDS + HEALTHY_SECONDS))
  while [[ $SECONDS -lt $until ]]; do
    if systemctl is-failed --quiet $NAME.service; then return 1; fi  # it has given up
    # Whoever answers may be another one, as the last version that has not yet ended.
    if systemctl is-active --quiet $NAME.service &&
      curl -fsS --max-time 5 -o /dev/null "http://127.0.0.1:$PORT/healthz" 2>/dev/null; then return 0; fi
    sleep 1
  done
  return 1
}

start_service() {
  systemctl_if daemon-reload
  systemctl_if enable $NAME.service
  # Five starts in five minutes are the unit's limit; a new version's failures are not the old one's.
  systemctl_if reset-failed $NAME.service 2>/dev/null || true
  systemctl_if restart $NAME.service || true
  if $dry || ! has_systemd; then return 0; fi
  healthy
}

# A newer version may bring the store up to date, and then the one before it can no longer read it.
kept_store=$ROOT$STATE/before-update

store_file() {  # as the settings name it
  local store=""
  [[ ! -e $settings ]] || store=$(sed -n "s/^store *= *[\"']\(.*\)[\"'].*/\1/p" "$settings")
  [[ -z $store || $store == /* ]] || store=$STATE/$store
  echo "$store"
}

keep_store() {
  local store
  store=$(store_file)
  [[ -n $before && $before != "$version" && -n $store && -e $ROOT$store ]] || return 0
  systemctl_if stop $NAME.service  # nobody writes to it meanwhile
  run rm -rf "$kept_store"
  run install -d -m 0700 "$kept_store"
  local one
  for one in "$ROOT$store" "$ROOT$store-wal"; do
    [[ ! -e $one ]] || run cp -a "$one" "$kept_store/" || {
      rm -rf "$kept_store"
      systemctl_if start $NAME.service
      fail "There is no space for a copy of $store, which an update needs to be able to go back; free some."
    }
  done
}

put_store_back() {
  [[ -d $kept_store ]] || return 0
  systemctl_if stop $NAME.service
  local store
  store=$(store_file)
  rm -f "$ROOT$store" "$ROOT$store-wal" "$ROOT$store-shm"
  cp -a "$kept_store"/* "$(dirname "$ROOT$store")/"
}

forget_old_versions() {  # the current one and the one before it stay
  local one
  for one in "$versions"/*; do
    case $(basename "$one") in
      "$version" | "$before") ;;
      *) run rm -rf "$one" ;;
    esac
  done
}

make_version
keep_store
point_to "$version"
write_settings
write_commands
announce "$version"
if start_service; then
  $dry || [[ -z $before || $before == "$version" ]] || say "Updated from $before to $version."
  $dry || forget_old_versions
  run rm -rf "$kept_store"
else
  if [[ -z $before || $before == "$version" ]]; then
    fail "The service is not healthy within $HEALTHY_SECONDS s; 'journalctl -u $NAME -n 50' says why."
  fi
  say "Version $version is not healthy within $HEALTHY_SECONDS s, so $before comes back." >&2
  put_store_back
  point_to "$before"
  announce "$before"
  broken=$versions/$version
  start_service || fail "Neither is $before; 'journalctl -u $NAME -n 50' says why."
  rm -rf "$broken" "$kept_store"
  fail "Version $version was taken back, $before runs again; 'journalctl -u $NAME -n 100' says why."
fi
if $dry; then
  say "Nothing was done."
  exit 0
fi
say "robot-agent $version is installed."
if has_systemd; then
  journalctl -u $NAME -n 40 -o cat --no-pager 2>/dev/null | grep -iE "dashboard|code" | tail -n 2 || true
fi
say "The dashboard is at http://$(hostname).local:$PORT; the code that pairs a phone, for ten minutes from when its page is opened:"
say "  sudo journalctl -u $NAME -o cat | grep 'the code' | tail -n 1"
