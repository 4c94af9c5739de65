#!/usr/bin/env bats
# The installer on a plain Debian, as root, in a throw-away copy of it (see tree.sh): real users, venvs and servers.
# WHEEL is a wheel of this tree; BROKEN the same with a higher version and a server that ends at once. With WHOLE
# set, all of it is tried.

setup_file() {
  export DEPLOY=$BATS_TEST_DIRNAME/../../deploy
  export HOME_OF_PROGRAM=/opt/robot-agent STATE=/var/lib/robot-agent
  export INSTALL_NO_APT=1 INSTALL_NEEDED_KB=1000 INSTALL_HEALTHY_SECONDS=40
}

install_it() { "$DEPLOY/install.sh" --unattended --robot sim --backend numpy --wheel "$WHEEL" "$@"; }
same_tree() { find "$HOME_OF_PROGRAM" "$STATE" /etc/systemd/system -name '*.pyc' -prune -o -printf '%p %y %u %m\n' 2>/dev/null | grep -v 'runs.db\|__pycache__' | sort; }
dashboard() { curl -fsS http://127.0.0.1:8080/ | grep -i "<title>"; }

@test "dry run says what it would do and does nothing" {
  run install_it --dry-run
  echo "$output"
  [ "$status" -eq 0 ]
  [[ $output == *"would run: useradd"* && $output == *"would run: systemctl restart"* ]]
  [ ! -e $HOME_OF_PROGRAM ] && [ ! -e $STATE ]
  ! getent passwd robot-agent
}

@test "what cannot work is refused with the reason, and nothing is changed" {
  INSTALL_ARCHITECTURE=armhf run install_it --backend torch
  [ "$status" -eq 1 ] && [[ $output == *"no 32-bit packages; use --backend numpy"* ]]
  INSTALL_ARCHITECTURE=riscv64 run install_it --backend numpy
  [ "$status" -eq 1 ] && [[ $output == *"riscv64 is not known"* ]]
  run install_it --board l299
  [ "$status" -eq 1 ] && [[ $output == *"no board 'l299'; the boards are: l298n"* ]]
  run "$DEPLOY/install.sh" --unattended --wheel "$WHEEL"
  [ "$status" -eq 1 ] && [[ $output == *"must be named: --board"* ]]
  run install_it --fast
  [ "$status" -eq 1 ] && [[ $output == *"no option --fast"* ]]
  INSTALL_NEEDED_KB=999999999999 run install_it
  [ "$status" -eq 1 ] && [[ $output == *"are free on the card"* ]]
  run "$DEPLOY/install.sh" --robot sim --wheel /nowhere/robot_agent-1-py3-none-any.whl
  [ "$status" -eq 1 ] && [[ $output == *"cannot be read"* ]]
  [ ! -e $HOME_OF_PROGRAM ] && [ ! -e $STATE ]
}

@test "on a 32-bit system NumPy learns, and OpenCV is apt's" {
  unset INSTALL_NO_APT
  INSTALL_ARCHITECTURE=armhf run "$DEPLOY/install.sh" --dry-run --unattended --robot sim --wheel "$WHEEL"
  echo "$output"
  [ "$status" -eq 0 ]
  [[ $output == *"so NumPy learns"* && $output == *"python3-opencv"* ]]
  run install_it --dry-run
  [[ $output != *"python3-opencv"* ]]
}

@test "without the camera stack a real robot is refused" {
  unset INSTALL_NO_APT
  # No network here: apt's lists are what they are, and a plain Debian has no picamera2.
  printf '#!/bin/sh\nexit 0\n' >/usr/local/bin/apt-get && chmod +x /usr/local/bin/apt-get
  run "$DEPLOY/install.sh" --unattended --board l298n --wheel "$WHEEL"
  rm /usr/local/bin/apt-get
  echo "$output"
  [ "$status" -eq 1 ] && [[ $output == *"only Raspberry Pi OS has"* && $output == *"--robot sim"* ]]
}

@test "install: the service runs as its own user, healthy, with the dashboard" {
  run install_it
  echo "$output"
  [ "$status" -eq 0 ]
  dashboard
  [ "$(ps -o user= -p "$(cat /run/robot-agent.pid)")" = "robot-a+" ] || [ "$(ps -o user:20= -p "$(cat /run/robot-agent.pid)" | tr -d ' ')" = robot-agent ]
  id -nG robot-agent | grep -qw gpio && id -nG robot-agent | grep -qw video
  [ "$(stat -c '%U %a' $STATE)" = "robot-agent 750" ]
  [ "$(stat -c '%U %a' $STATE/robot.toml)" = "robot-agent 640" ]
  grep -q "enable robot-agent.service" /run/systemctl.log
  grep -q "Pair a browser with the code" /run/robot-agent.log
  robot-agent runs >/dev/null
  # It announces itself as the robot that it says it is.
  announced=$(sed -n 's/.*<txt-record>id=\([0-9a-f]\{12\}\)<.*/\1/p' /etc/avahi/services/robot-agent.service)
  grep -q "<type>_robot-agent._tcp</type><port>8080</port>" /etc/avahi/services/robot-agent.service
  [ -n "$announced" ] && curl -fsS http://127.0.0.1:8080/api/v1/identity | grep -q "\"id\":\"$announced\""
  [ "$(stat -c '%U' $STATE/runs.db.id)" = robot-agent ]
}

@test "install again: nothing changes, the settings stay" {
  echo "# mine" >>$STATE/robot.toml
  before=$(same_tree)
  run install_it
  [ "$status" -eq 0 ] && [[ $output == *"is there already"* && $output == *"stay as they are"* ]]
  [ "$before" = "$(same_tree)" ]
  grep -q "# mine" $STATE/robot.toml
  dashboard
}

@test "an upgrade that is not healthy takes itself back" {
  old=$(readlink $HOME_OF_PROGRAM/current)
  learned=$(robot-agent train --moves 3000 --set train.evaluation_episodes=20 >/dev/null && robot-agent runs)
  INSTALL_HEALTHY_SECONDS=15 WHEEL=$BROKEN run install_it
  echo "$output"
  [ "$status" -eq 1 ]
  [[ $output == *"was taken back"* && $output == *"runs again"* ]]
  [ "$(readlink $HOME_OF_PROGRAM/current)" = "$old" ]
  [ "$(ls $HOME_OF_PROGRAM/versions | wc -l)" -eq 1 ]
  dashboard
  [ "$(robot-agent runs)" = "$learned" ]  # though the broken version had brought the store up to date
  [ ! -e $STATE/before-update ]
}

@test "an upgrade that is healthy becomes the current one, and the one before stays" {
  [ -n "${WHOLE:-}" ] || skip "this takes long: make test-slow"
  old=$(readlink $HOME_OF_PROGRAM/current)
  WHEEL=$NEWER run install_it
  echo "$output"
  [ "$status" -eq 0 ] && [[ $output == *"Updated from"* ]]
  [ "$(readlink $HOME_OF_PROGRAM/current)" != "$old" ]
  [ "$(ls $HOME_OF_PROGRAM/versions | wc -l)" -eq 2 ]
  dashboard
  robot-agent runs | grep -q finished
  [ ! -e $STATE/before-update ]
}

@test "uninstall leaves what was learned and the settings" {
  run "$DEPLOY/install.sh" --uninstall
  echo "$output"
  [ "$status" -eq 0 ]
  [ ! -e $HOME_OF_PROGRAM ] && [ ! -e /etc/systemd/system/robot-agent.service ]
  [ ! -e /usr/local/bin/robot-agent ]
  [ -s $STATE/runs.db ] && grep -q "# mine" $STATE/robot.toml
  ! dashboard
  run "$DEPLOY/install.sh" --uninstall
  [ "$status" -eq 0 ]
}

fake_simplejpeg() {  # the wheel of a module that does nothing
  python3 - "$1" <<'END'
import sys, zipfile
with zipfile.ZipFile(f"{sys.argv[1]}/simplejpeg-1.9.0-py3-none-any.whl", "w") as wheel:
    wheel.writestr("simplejpeg.py", "")
    info = "simplejpeg-1.9.0.dist-info"
    wheel.writestr(f"{info}/METADATA", "Metadata-Version: 2.1\nName: simplejpeg\nVersion: 1.9.0\n")
    wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
    wheel.writestr(f"{info}/RECORD", "")
END
}

@test "a 32-bit system asks pip for no NumPy and OpenCV; a simplejpeg of the system that does not fit is replaced" {
  [ -n "${WHOLE:-}" ] || skip "this takes long: make test-slow"
  # As Bookworm's, which is compiled for NumPy 1 and which picamera2 cannot do without.
  echo 'raise ValueError("numpy.dtype size changed")' >/usr/lib/python3/dist-packages/simplejpeg.py
  INSTALL_ARCHITECTURE=armhf run install_it
  echo "$output"
  [ "$status" -eq 1 ] && [[ $output == *"No simplejpeg that fits"* ]]
  [ ! -e $HOME_OF_PROGRAM/current ]
  links=$(mktemp -d) && fake_simplejpeg "$links"
  INSTALL_ARCHITECTURE=armhf PIP_FIND_LINKS=$links run install_it
  rm /usr/lib/python3/dist-packages/simplejpeg.py
  echo "$output"
  [ "$status" -eq 0 ] && [[ $output == *"one that does comes along"* ]]
  $HOME_OF_PROGRAM/current/bin/python -P -c "import simplejpeg"
  grep -q "^pydantic" $HOME_OF_PROGRAM/current/requirements.txt
  [ -z "$(grep -E "^(numpy|opencv|torch)" $HOME_OF_PROGRAM/current/requirements.txt)" ]
  dashboard
  "$DEPLOY/install.sh" --uninstall
}
