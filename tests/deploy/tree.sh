#!/usr/bin/env bash
# Run a command in a throw-away copy of this Debian: everything is real there (apt's database, users, venvs,
# the server), and nothing of it is left. Its own network has only a loopback.
#   tree.sh VENV COMMAND...    VENV has the packages that pip would fetch
set -euo pipefail
venv=$(realpath "$1")
shift
if [[ -z ${IN_NAMESPACE:-} ]]; then
  IN_NAMESPACE=1 exec unshare --mount --net --pid --fork --kill-child "$0" "$venv" "$@"
fi
mount --make-rprivate /
work=$(mktemp -d)
mount -t tmpfs tmpfs "$work"
mkdir "$work/upper" "$work/work" "$work/root"
mount -t overlay overlay -o "lowerdir=/,upperdir=$work/upper,workdir=$work/work" "$work/root"
root=$work/root
mount -t proc proc "$root/proc"
mount --rbind /dev "$root/dev"
mount -t tmpfs tmpfs "$root/run"
ip link set lo up 2>/dev/null || python3 -c '
import fcntl, socket, struct
with socket.socket() as s:
    fcntl.ioctl(s, 0x8914, struct.pack("16sH14s", b"lo", 0x41, b""))'
# What is below a folder of root's own can be read by the service's user too; only in this copy.
for place in "$venv" "$PWD"; do
  while [[ $place != / ]]; do chmod a+rx "$root$place" 2>/dev/null || true; place=$(dirname "$place"); done
done
mkdir -p "$root/run/systemd/system" "$root/usr/lib/python3/dist-packages"
version=$("$venv/bin/python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
echo "$venv/lib/python$version/site-packages" >"$root/usr/lib/python3/dist-packages/zz-venv.pth"
cp "$(dirname "$0")/systemctl" "$root/usr/local/bin/systemctl"
rm -rf "$root/opt/robot-agent" "$root/var/lib/robot-agent"
exec chroot "$root" /usr/bin/env -u PYTHONPATH -C "$PWD" PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
  PIP_NO_INDEX=1 PIP_FIND_LINKS= HOME=/root "$@"
