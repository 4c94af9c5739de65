// Drive by hand. The right to drive is a lease of some tenths of a second: it is renewed ten times a second while
// somebody holds the control, and whatever ends the holding stops the sending at once.

import { attempt, h, text } from "./dom.js";
import { model, on, post, send, serverClock } from "./connection.js";
import { live } from "./picture.js";

const EVERY = 100; // milliseconds
const KEYS = { w: "up", ArrowUp: "up", s: "down", ArrowDown: "down", a: "left", ArrowLeft: "left", d: "right", ArrowRight: "right" };

let polling = 0, parts = {}, timer = 0, wish = [0, 0], held = null, heard = 0, granted = false, sequence = 0;
const pressed = new Set();

export function start(section) {
  parts.canvas = h("canvas", { role: "img", "aria-label": "Live picture of the robot's camera" });
  parts.knob = h("span", { class: "knob", "aria-hidden": "true" }, "drive");
  parts.stick = h("div", { class: "stick", tabIndex: 0, role: "application", "aria-label": "Joystick. Hold W A S D or the arrow keys to drive; let go to stop.", id: "stick" }, parts.knob);
  parts.lease = h("p", { class: "lease", role: "status", "aria-live": "assertive", id: "lease" });
  parts.back = h("button", { type: "button", class: "primary", hidden: true, id: "give-back", onclick: () => attempt(parts.back, () => post("/training/resume")) }, "Give the wheel back");
  parts.speed = h("input", { type: "range", id: "speed", min: 10, max: 100, value: 50, step: 5, oninput: () => text(parts.speedOut, `${parts.speed.value} %`) });
  parts.speedOut = h("output", { for: "speed" }, "50 %");
  const level = () => { const bar = h("i"); return [h("div", { class: "level", "aria-hidden": "true" }, bar), bar]; };
  const [left, leftBar] = level(), [right, rightBar] = level();
  Object.assign(parts, { leftBar, rightBar, leftOut: h("span", { class: "num" }, "0 %"), rightOut: h("span", { class: "num" }, "0 %") });
  section.append(h("div", { class: "driving" },
    h("figure", { class: "card picture" }, h("div", { class: "glass ratio43" }, parts.canvas)),
    h("section", { class: "card stack", "aria-label": "Control" },
      parts.lease, parts.back, parts.stick,
      h("div", { class: "keys" }, "Hold", ["W", "A", "S", "D"].map((key) => h("kbd", {}, key)), "or the arrow keys, or drag the knob, or take a gamepad."),
      h("div", { class: "field" }, h("div", { class: "row" }, h("label", { for: "speed" }, "At most"), parts.speedOut, h("span", { class: "hint" }, "of full speed")), parts.speed),
      h("div", { class: "wheels" }, "Left", left, parts.leftOut, "Right", right, parts.rightOut))));
  live(parts.canvas);
  set(0, 0);

  const { stick } = parts;
  stick.addEventListener("pointerdown", (event) => {
    if (held || event.button) return;
    stick.setPointerCapture(event.pointerId);
    if (begin(`pointer ${event.pointerId}`)) pull(event);
  });
  stick.addEventListener("pointermove", (event) => { if (held === `pointer ${event.pointerId}`) pull(event); });
  for (const type of ["pointerup", "pointercancel", "lostpointercapture"]) {
    stick.addEventListener(type, (event) => { if (held === `pointer ${event.pointerId}`) end("You let go: stopped."); });
  }
  stick.addEventListener("contextmenu", (event) => event.preventDefault());
  addEventListener("keydown", (event) => {
    const way = KEYS[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (!way || !visible() || event.ctrlKey || event.metaKey || event.altKey) return;
    if (/^(INPUT|SELECT|TEXTAREA)$/.test(document.activeElement?.tagName ?? "") || document.querySelector("dialog[open]")) return;
    event.preventDefault();
    if (event.repeat) return;
    if (held && held !== "keys") return;
    if (!held && !begin("keys")) return;
    pressed.add(way);
    steer();
  });
  addEventListener("keyup", (event) => {
    const way = KEYS[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (!way || held !== "keys") return;
    pressed.delete(way);
    if (pressed.size) steer();
    else end("You let go: stopped.");
  });
  addEventListener("blur", () => end("Another window has the keyboard now: stopped."));
  addEventListener("pagehide", () => end("This page was left: stopped."));
  document.addEventListener("visibilitychange", () => { if (document.hidden) end("This page was hidden: stopped."); });
  on("connection", (connected) => { if (!connected) end("The connection is lost: the lease runs out and the guard stops the wheels."); ready(); });
  addEventListener("offline", () => end("The network is gone: the lease runs out and the guard stops the wheels."));
  on("halting", () => end("HALT: stopped."));
  on("lease", (message) => {
    if (!held) return;
    if (message.held) {
      heard = performance.now();
      if (!granted) { granted = true; tell("You are driving. Let go to stop."); }
    } else end(message.why || "The right to drive was taken: stopped.");
  });
  addEventListener("gamepadconnected", () => { if (!polling) poll(); });
  addEventListener("gamepaddisconnected", () => { if (held === "gamepad") end("The gamepad is gone: stopped."); });
  for (const type of ["state", "facts"]) on(type, ready);
  ready();
}

/** Follow the left stick of the first gamepad, for as long as there is one. */
function poll() {
  const pad = [...navigator.getGamepads()].find((one) => one?.connected);
  polling = pad ? requestAnimationFrame(poll) : 0;
  if (!pad) return held === "gamepad" ? end("The gamepad is gone: stopped.") : undefined;
  if (!visible() || document.hidden) return undefined;
  const [x, y] = [pad.axes[0], pad.axes[1]].map((value) => (Math.abs(value) < 0.15 ? 0 : value));
  if (!x && !y) return held === "gamepad" ? end("You let go: stopped.") : undefined;
  if (held !== "gamepad" && (held || hindrance() || !begin("gamepad"))) return undefined;
  place(x, y);
  set(-y, x);
  return now();
}

const visible = () => Boolean(parts.stick?.offsetParent);
export const hide = () => end("You left this view: stopped.");
export const show = () => ready();

/** Why driving is impossible now, or an empty text. */
function hindrance() {
  const state = model.state;
  if (!model.connected || !state || !model.facts) return "There is no connection; driving is impossible.";
  if (state.halt?.halted) return "The robot is halted. Reset the halt to drive.";
  if (state.can?.control === false) return "This device may only watch. Pair it to drive.";
  if (state.state === "failed") return "The trainer is being restarted; wait a moment.";
  return "";
}

function ready() {
  const why = hindrance();
  // Whoever has taken the wheel gives it back here: the episode goes on where the robot stands.
  parts.back.hidden = !(model.state?.state === "paused" && model.state.reason.includes("by hand") && model.state.can?.control !== false);
  parts.stick.setAttribute("aria-disabled", why ? "true" : "false");
  if (held) { if (why) end(why); return; }
  if (why !== parts.why) {
    parts.why = why;
    // What has just ended the driving stays to be read.
    if (why && performance.now() - (parts.ended ?? -1e9) > 1000) tell(why);
    if (!why) parts.ended = null;
  }
  if (why || parts.ended) return;
  const taking = { training: "A training is under way; it goes on from where you bring the robot, and learns from what you did.", driving: "The learned policy drives; take the wheel, and give it back when you like.", lent: "It is driven from another machine; take the wheel, and give it back when you like." };
  tell(taking[model.state.state] ?? "Hold the knob to drive. Letting go stops.");
}

function tell(words) {
  text(parts.lease, words);
}

function begin(by) {
  const why = hindrance();
  if (why) { tell(why); return false; }
  held = by;
  granted = false;
  parts.ended = null;
  heard = performance.now();
  parts.stick.classList.add("held");
  tell("Asking for the wheels.");
  clearInterval(timer);
  timer = setInterval(beat, EVERY);
  return true;
}

function beat() {
  if (!held) return;
  if (document.hidden) return end("This page was hidden: stopped.");
  // Nobody has confirmed the lease for as long as it lasts: the wheels stand already.
  if (performance.now() - heard > (granted ? 2 : 12) * 1000 * model.facts.lease_seconds) return end(granted
    ? "The robot no longer answers: the lease has run out and the guard has stopped the wheels."
    : "The robot did not answer, and nothing moved. Try again.");
  if (!send({ type: "drive", left: wish[0], right: wish[1], seq: ++sequence, at: serverClock() })) return end("The connection is lost: stopped.");
  return undefined;
}

function end(why) {
  if (!held) return;
  held = null;
  granted = false;
  clearInterval(timer);
  pressed.clear();
  send({ type: "release" });
  set(0, 0);
  parts.stick.classList.remove("held");
  parts.knob.style.transform = "";
  parts.ended = performance.now();
  tell(why);
}

/** Forward and turn, both in [-1, 1], as wheels. */
function set(forward, turn) {
  const most = Number(parts.speed.value) / 100;
  let left = forward + 0.7 * turn, right = forward - 0.7 * turn;
  const over = Math.max(1, Math.abs(left), Math.abs(right));
  left = Math.round((left / over) * most * 100) / 100;
  right = Math.round((right / over) * most * 100) / 100;
  wish = [left, right];
  for (const [bar, out, value] of [[parts.leftBar, parts.leftOut, left], [parts.rightBar, parts.rightOut, right]]) {
    bar.style.transform = `scaleX(${value})`;
    text(out, `${Math.round(100 * value)} %`.replace("-", "−"));
  }
}

function pull(event) {
  const box = parts.stick.getBoundingClientRect(), radius = box.width * 0.31;
  let x = event.clientX - box.left - box.width / 2, y = event.clientY - box.top - box.height / 2;
  const far = Math.hypot(x, y);
  if (far > radius) [x, y] = [(x * radius) / far, (y * radius) / far];
  place(x / radius, y / radius);
  const dead = (v) => (Math.abs(v) < 0.08 ? 0 : v);
  set(dead(-y / radius), dead(x / radius));
  now();
}

function steer() {
  const forward = Number(pressed.has("up")) - Number(pressed.has("down"));
  const turn = Number(pressed.has("right")) - Number(pressed.has("left"));
  place(turn, -forward);
  set(forward, turn);
  now();
}

function place(x, y) {
  const radius = parts.stick.clientWidth * 0.31;
  parts.knob.style.transform = `translate(${x * radius}px, ${y * radius}px)`;
}

let sent = 0;
/** A change of mind is sent at once, but no more often than twice in a beat. */
function now() {
  if (performance.now() - sent < EVERY / 2) return;
  sent = performance.now();
  beat();
}
