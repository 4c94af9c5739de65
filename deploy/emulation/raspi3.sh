#!/usr/bin/env bash
# The service on an emulated Raspberry Pi 3 (QEMU's raspi3b: Debian's arm64 kernel, the true pinctrl-bcm2835, systemd as
# process 1): it starts at boot, is killed and hung while wheels turn, and loses its power. The levels of the pins are
# read outside of the machine, in QEMU's memory.
#   sudo deploy/emulation/raspi3.sh FOLDER WHEEL [STEP...]
# FOLDER takes the tree and the card (some 5 GB); WHEEL is what `pip wheel --no-deps .` makes. A STEP is one of
# boot, kills, hangs, watchdog, cuts, real; all of them if none is given. CUTS=20 is how often the power is cut.
# It needs debootstrap, qemu-user-static, qemu-system-arm, device-tree-compiler, e2fsprogs, cpio, kmod, python3, and a
# kernel with binfmt_misc, and is run as root. The machine is far slower than a Pi 3, and so are the times it shows.
set -euo pipefail

if [[ $# -lt 2 ]]; then
  sed -n '2,10s/^# //p' "$0"
  exit 2
fi
folder=$(realpath -m "$1") wheel=$(realpath "$2")
shift 2
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
tree=$folder/tree
# The default model of QEMU is slower, and its SVE makes OpenBLAS compute NaN.
export QEMU_CPU=cortex-a72 LC_ALL=C DEBIAN_FRONTEND=noninteractive
packages=ca-certificates,systemd-sysv,dbus,udev,kmod,python3,python3-venv,python3-numpy,curl,gpiod,procps,busybox-static

begun=$SECONDS
took() { printf '   %d s\n' $((SECONDS - begun)); begun=$SECONDS; }
inside() { chroot "$tree" "$@"; }

mountpoint -q /proc/sys/fs/binfmt_misc || mount -t binfmt_misc none /proc/sys/fs/binfmt_misc
[[ -e /proc/sys/fs/binfmt_misc/qemu-aarch64 ]] ||
  cat /usr/lib/binfmt.d/qemu-aarch64.conf >/proc/sys/fs/binfmt_misc/register

leave() {
  local place
  for place in proc dev/pts dev; do
    if mountpoint -q "$tree/$place"; then umount "$tree/$place" || umount -l "$tree/$place"; fi
  done
}
enter() {
  cp -L /etc/resolv.conf /etc/hosts "$tree/etc/"
  cp /etc/ssl/certs/ca-certificates.crt "$tree/etc/ssl/certs/"
  mount -t proc proc "$tree/proc"
  mount -t devtmpfs dev "$tree/dev"
  mount -t devpts devpts "$tree/dev/pts"
}
trap leave EXIT

mkdir -p "$folder"
if [[ ! -e $folder/tree.made ]]; then
  echo "== debootstrap: a plain arm64 Trixie, and a kernel"
  debootstrap --arch=arm64 --variant=minbase --include=$packages trixie "$tree" >"$folder/debootstrap.log"
  : >"$folder/tree.made"
  took
fi
if [[ ! -e $folder/kernel.made ]]; then
  enter
  # Only unpacked: what its package does beside that (an initramfs) takes many minutes here, and is made below.
  inside apt-get update -q >"$folder/kernel.log"
  kernel=$(inside apt-cache depends linux-image-arm64 | sed -n 's/.*Depends: \(linux-image-[0-9].*\)/\1/p' | head -n 1)
  [[ -n $kernel ]] || { echo "There is no linux-image-arm64." >&2; exit 1; }
  # shellcheck disable=SC2016
  inside sh -ec 'cd /var/tmp && rm -f -- *.deb && apt-get download -q "$1"' - "$kernel" >>"$folder/kernel.log" 2>&1
  rm -rf "$folder/kernel"
  dpkg-deb -x "$tree"/var/tmp/linux-image-*.deb "$folder/kernel"
  rm -f "$tree"/var/tmp/*.deb
  depmod -b "$folder/kernel/usr" "$(ls "$folder/kernel/usr/lib/modules")"
  leave
  : >"$folder/kernel.made"
  took
fi
if [[ ! -e $folder/lgpio.made ]]; then
  echo "== lgpio: Raspberry Pi OS has it as python3-lgpio, Debian has not"
  enter
  inside apt-get install -q -y --no-install-recommends gcc libc6-dev swig python3-dev >"$folder/lgpio.log" 2>&1
  inside python3 -m venv /root/build
  inside env PYPI=1 /root/build/bin/pip wheel -q --no-deps --no-binary lgpio -w /root/lgpio lgpio >>"$folder/lgpio.log" 2>&1
  inside rm -rf /root/build
  leave
  : >"$folder/lgpio.made"
  took
fi

card=$folder/card.img
if [[ ! -e $folder/installed.made || $wheel -nt $folder/installed.made ]]; then
  echo "== install.sh --unattended --robot pi --board drv8833 --backend numpy"
  rm -rf "$tree/root/deploy" "$tree/opt/robot-agent" "$tree/var/lib/robot-agent"
  mkdir -p "$tree/root/deploy"
  cp "$here/../install.sh" "$here/../robot-agent.service" "$here/../README.md" "$wheel" "$tree/root/deploy/"
  enter
  inside env INSTALL_NO_APT=1 /root/deploy/install.sh --unattended --robot pi --board drv8833 --backend numpy \
    >"$folder/install.log" 2>&1
  inside sh -c 'python3 -m zipfile -e /root/lgpio/*.whl /usr/lib/python3/dist-packages'
  inside python3 -m compileall -q /usr/lib/python3 /opt/robot-agent >/dev/null || true
  inside systemctl enable -q robot-agent.service
  leave
  cp -p "$tree/var/lib/robot-agent/robot.toml" "$folder/installed.toml"
  : >"$folder/installed.made"
  took
fi
if [[ ! -e $folder/card.made || $folder/installed.made -nt $folder/card.made ]]; then
  echo "== the card, the kernel's first files, the device tree"
  # What robot.toml has: first the simulated robot whose wheels are the true pins; the real one is for the step "real".
  settings=$tree/var/lib/robot-agent/robot.toml
  mkdir -p "$tree/var/lib/robot-agent/pictures"
  sed 's|^source = "pi"|source = "/var/lib/robot-agent/pictures"|' "$folder/installed.toml" >"$tree/root/pi.toml"
  sed -e 's/^robot = .*/robot = "sim"/' -e '/^start = /d' "$folder/installed.toml" >"$folder/sim.toml"
  # The simulator opens no pins; here, where the pins are emulated, its guard takes them for the mock ones.
  mkdir -p "$tree/opt/true-pins" "$tree/etc/systemd/system/robot-agent.service.d"
  cat >"$tree/opt/true-pins/sitecustomize.py" <<'PINS'
import sys

if "robot_agent.guard" in sys.orig_argv:
    from robot_agent.motors import pin_factory

    open_factory = pin_factory.open_factory
    pin_factory.open_factory = lambda name: open_factory("lgpio")
PINS
  printf '[Service]\nEnvironment=PYTHONPATH=/opt/true-pins\n' >"$tree/etc/systemd/system/robot-agent.service.d/pins.conf"
  cat "$folder/sim.toml" >"$settings"
  cp "$here/raspi3_inside.py" "$tree/root/"
  python3 - "$tree/root/target.png" <<'PNG'
import struct, sys, zlib
# What the camera of the real robot sees: something red, before something grey.
row = b"\0" + b"\x80\x80\x80" * 140 + b"\xe0\x20\x20" * 50 + b"\x80\x80\x80" * 130
parts = [(b"IHDR", struct.pack(">IIBBBBB", 320, 240, 8, 2, 0, 0, 0)), (b"IDAT", zlib.compress(row * 240)), (b"IEND", b"")]
with open(sys.argv[1], "wb") as file:
    file.write(b"\x89PNG\r\n\x1a\n")
    for kind, data in parts:
        file.write(struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)))
PNG
  cat >"$tree/etc/systemd/system/inside.service" <<'UNIT'
[Unit]
Description=does what is said from outside of the emulated machine
DefaultDependencies=no
After=systemd-remount-fs.service systemd-udevd.service systemd-tmpfiles-setup.service
[Service]
Environment=LG_WD=/run
ExecStart=/usr/bin/python3 -u /root/raspi3_inside.py
Restart=always
[Install]
WantedBy=sysinit.target
UNIT
  mkdir -p "$tree/var/log/journal" "$tree/etc/systemd/system.conf.d"
  enter
  inside systemctl enable -q inside.service
  inside systemctl mask -q systemd-firstboot.service serial-getty@ttyS1.service getty@tty1.service \
    apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer e2scrub_all.timer e2scrub_reap.service fstrim.timer \
    systemd-hwdb-update.service ldconfig.service systemd-journal-catalog-update.service
  leave
  echo robot >"$tree/etc/hostname"
  echo 0123456789abcdef0123456789abcdef >"$tree/etc/machine-id"
  printf '/dev/mmcblk0 / ext4 defaults,noatime 0 1\n' >"$tree/etc/fstab"
  rm -f "$tree"/var/cache/apt/archives/*.deb

  version=$(ls "$folder/kernel/usr/lib/modules")
  modules=(mmc_block bcm2835 sdhci-iproc ext4 crc32c_generic)
  later=(bcm2835_wdt softdog bcm2835-rng autofs4)
  rm -rf "$folder/first" "$tree/usr/lib/modules"
  mkdir -p "$folder/first"/{bin,modules,dev,proc,sys,root} "$tree/usr/lib/modules/$version"
  cp "$tree/usr/bin/busybox" "$folder/first/bin/"
  needs() { modprobe -d "$folder/kernel/usr" -S "$version" --show-depends -a "$@" | awk '$1 == "insmod" && !had[$2]++ {print $2}'; }
  needs "${modules[@]}" | while read -r one; do
    xz -dc "$one" >"$folder/first/modules/$(basename "$one" .xz)"
    basename "$one" .xz
  done >"$folder/first/modules/order"
  needs "${modules[@]}" "${later[@]}" | while read -r one; do
    install -D -m 0644 "$one" "$tree/usr/lib/modules/$version/${one#*/"$version"/}"
  done
  cp "$folder"/kernel/usr/lib/modules/"$version"/modules.{order,builtin,builtin.modinfo} "$tree/usr/lib/modules/$version/"
  mkdir -p "$folder/base"
  ln -sfn "$tree/usr/lib" "$folder/base/lib"
  depmod -b "$folder/base" "$version"
  cat >"$folder/first/init" <<'INIT'
#!/bin/busybox sh
/bin/busybox mount -t proc proc /proc
/bin/busybox mount -t devtmpfs dev /dev
while read -r one; do /bin/busybox insmod "/modules/$one"; done </modules/order
n=0
while [ ! -b /dev/mmcblk0 ] && [ $n -lt 600 ]; do n=$((n + 1)); /bin/busybox sleep 0.1; done
/bin/busybox mount -t ext4 -o noatime /dev/mmcblk0 /root || exec /bin/busybox sh
/bin/busybox umount /proc
/bin/busybox mount -o move /dev /root/dev
exec /bin/busybox switch_root /root /sbin/init
INIT
  chmod 0755 "$folder/first/init"
  (cd "$folder/first" && find . | cpio -o -H newc --quiet) >"$folder/first.cpio"
  cp "$folder"/kernel/boot/vmlinuz-* "$folder/kernel.image"
  # The first serial line is free, as there is no Bluetooth; what QEMU has of USB costs much and is not needed.
  cp "$folder"/kernel/usr/lib/linux-image-*/broadcom/bcm2837-rpi-3-b.dtb "$folder/pi3.dtb"
  fdtput -r "$folder/pi3.dtb" /soc/serial@7e201000/bluetooth
  fdtput -t s "$folder/pi3.dtb" /soc/usb@7e980000 status disabled
  # The Pi's firmware writes its revision there, by which gpiozero knows the board; QEMU has no such firmware.
  fdtput -c "$folder/pi3.dtb" /system
  fdtput -t x "$folder/pi3.dtb" /system linux,revision a02082

  rm -f "$card"
  truncate -s 4G "$card"  # QEMU wants a power of two
  mkfs.ext4 -q -F -d "$tree" "$card"
  cp --sparse=always "$card" "$folder/card.new"
  : >"$folder/card.made"
  took
fi
exec python3 "$here/raspi3_outside.py" "$folder" "$@"
