#!/usr/bin/env bash
# From nothing to a trained policy and an answering server on an emulated ARM Debian, without a Raspberry Pi.
#   sudo deploy/emulation/user.sh FOLDER WHEEL
# FOLDER takes the tree (1.4 GB); WHEEL is what `pip wheel --no-deps .` makes. ARCH=armhf is a 32-bit system instead
# of arm64, SUITE=bookworm the older one instead of trixie. It learns with both backends, on armhf with NumPy alone;
# BACKENDS=torch or BACKENDS=numpy (then without the slice network) is one of them alone; PORT is the server's.
# It needs debootstrap, qemu-user-static and a kernel with binfmt_misc, and is run as root.
set -euo pipefail

if [[ $# -lt 2 ]]; then
  sed -n '2,7s/^# //p' "$0"
  exit 2
fi
arch=${ARCH:-arm64} suite=${SUITE:-trixie} port=${PORT:-8097}
# The default models of QEMU are slower, and the 64-bit one's SVE makes OpenBLAS compute NaN.
case $arch in
  arm64) emulator=qemu-aarch64 QEMU_CPU=cortex-a72 backends=${BACKENDS:-numpy torch} ;;
  armhf) emulator=qemu-arm QEMU_CPU=cortex-a15 backends=${BACKENDS:-numpy} ;;
  *) echo "Error: ARCH is '$arch'; give arm64 or armhf." >&2; exit 2 ;;
esac
folder=$(realpath -m "$1") wheel=$(realpath "$2")
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
tree=$folder/tree
export QEMU_CPU LC_ALL=C DEBIAN_FRONTEND=noninteractive

step() { printf '\n== %s\n   On a real Pi: %s\n' "$1" "$2"; begun=$SECONDS; }
took() { printf '   took %d s, the tree has %s\n' $((SECONDS - begun)) "$(du -shx "$tree" | cut -f1)"; }
inside() { nice -n 10 chroot "$tree" "$@"; }

mountpoint -q /proc/sys/fs/binfmt_misc || mount -t binfmt_misc none /proc/sys/fs/binfmt_misc
[[ -e /proc/sys/fs/binfmt_misc/$emulator ]] ||
  cat "/usr/lib/binfmt.d/$emulator.conf" >/proc/sys/fs/binfmt_misc/register

cleanup() {
  local place
  for place in proc dev/pts dev; do
    for _ in $(seq 50); do  # what was stopped may need a moment
      mountpoint -q "$tree/$place" || break
      umount "$tree/$place" 2>/dev/null || sleep 0.2
    done
  done
}
trap cleanup EXIT

if [[ ! -e $tree/etc/os-release ]]; then
  step "debootstrap: a plain $arch $suite" "Raspberry Pi Imager writes the card; there it is Raspberry Pi OS Lite."
  mkdir -p "$folder"
  debootstrap --arch="$arch" --variant=minbase --include=ca-certificates,python3,python3-venv,systemd,udev,adduser \
    "$suite" "$tree" >"$folder/debootstrap.log"
  took
fi
# No /sys: it tells of this machine's processors, and what looks there for ARM ones (LiteRT's cpuinfo) crashes.
mount -t proc proc "$tree/proc"
mount -t devtmpfs dev "$tree/dev"
mount -t devpts devpts "$tree/dev/pts" 2>/dev/null || true
cp -L /etc/resolv.conf /etc/hosts "$tree/etc/"
cp /etc/ssl/certs/ca-certificates.crt "$tree/etc/ssl/certs/"
rm -rf "$tree/root/deploy"
mkdir "$tree/root/deploy"
cp "$here/../install.sh" "$here/../robot-agent.service" "$here/../README.md" "$wheel" "$tree/root/deploy/"

for backend in $backends; do
  step "install.sh --unattended --backend $backend" \
    "the same, with --board and the Pi's camera; no motor, no camera, no systemd as process 1 here."
  inside /root/deploy/install.sh --uninstall >/dev/null
  inside rm -f /var/lib/robot-agent/robot.toml
  inside /root/deploy/install.sh --unattended --robot sim --backend "$backend" >"$folder/install-$backend.log" 2>&1
  took
  step "robot-agent check" "the same, with findings of pins, camera, supply and temperature."
  inside robot-agent check
  took
  step "a short training ($backend)" "the same; a Pi 4 is several times as fast as this emulation."
  inside robot-agent train --moves 40000 --set train.evaluation_episodes=100
  took
done

if [[ $backends == *torch* ]]; then
  step "the slice network finds the target, the policy drives there" "the same, in pictures of the Pi's camera."
  inside robot-agent evaluate --rendered --episodes 5 --no-oracle --set vision.detector=slices
  took
fi

step "robot-server answers, its page is served" "the service does this at each start; then a phone shows it."
if curl -sS -o /dev/null --max-time 5 "http://127.0.0.1:$port/" 2>/dev/null; then
  echo "Error: another server answers on port $port already; end it first." >&2
  exit 1
fi
# With exec, so that the number is the server's own and not that of a shell which leaves it behind when killed.
(exec nice -n 10 chroot "$tree" setpriv --reuid robot-agent --regid robot-agent --init-groups \
  env -C /var/lib/robot-agent /opt/robot-agent/current/bin/robot-server --port "$port") >"$folder/server.log" 2>&1 &
server=$!
for _ in $(seq 180); do
  curl -fsS "http://127.0.0.1:$port/healthz" 2>/dev/null && break
  kill -0 "$server" 2>/dev/null || { cat "$folder/server.log" >&2; exit 1; }
  sleep 1
done
echo
curl -fsS "http://127.0.0.1:$port/" | grep -i '<title>'
curl -fsS "http://127.0.0.1:$port/app.js" | wc -c
curl -fsS "http://127.0.0.1:$port/api/v1/status" | grep -o '"state": *"idle"'
kill "$server"
wait "$server" || true
took
echo
echo "== $SECONDS s in all; the tree has $(du -shx "$tree" | cut -f1)"
