// The bar that is always in view: HALT, the state in one word, the age of the data, and the reset.
// It is the page's first script and needs nothing of the views: HALT works before they are there, and without them.

import { $, STATES, attempt, clock, say, text } from "./dom.js";
import { BASE, connect, emit, model, on, post, send } from "./connection.js";

const PATIENCE = 300; // milliseconds until a missing confirmation is said loudly

let asked = null; // time at which HALT was pressed, until it is confirmed
let pins = "";

/** Stop everything, by WebSocket and by request at once, until one of them confirms. */
export function halt() {
  emit("halting");
  if (asked === null) {
    asked = performance.now();
    $("halt").classList.add("waiting");
    text($("alarm"), "");
  }
  order();
  setTimeout(unconfirmed, PATIENCE);
}

function order() {
  send({ type: "halt" });
  fetch(`${BASE}/halt`, { method: "POST", headers: { "Content-Type": "application/json" }, body: "{}", keepalive: true })
    .then((answer) => (answer.ok ? answer.json() : null))
    .then((answer) => { if (answer?.stopped) confirmed(answer.milliseconds); })
    .catch(() => {}); // `unconfirmed` reports a missing answer
}

function confirmed(milliseconds) {
  const took = typeof milliseconds === "number" ? `, ${milliseconds < 10 ? milliseconds.toFixed(1) : Math.round(milliseconds)} ms after the server heard it` : "";
  pins = `Confirmed: the wheels are stopped, the pins are low${took}.`;
  if (asked !== null) {
    asked = null;
    $("halt").classList.remove("waiting");
    text($("alarm"), "");
    document.body.classList.remove("unconfirmed");
  }
  show();
}

function unconfirmed() {
  if (asked === null) return;
  const seconds = (performance.now() - asked) / 1000;
  document.body.classList.add("unconfirmed");
  if (!$("alarm").textContent) $("alarm").dataset.after = seconds.toFixed(2);
  text($("alarm"), "The stop is NOT confirmed. Switch off the robot's motors or lift it off the ground.");
  if (seconds < 120) {
    order();
    setTimeout(unconfirmed, 500);
  }
}

function show() {
  const state = model.state;
  const word = state ? STATES[state.state] ?? state.state : "Connecting";
  text($("state-word"), model.connected || !state ? word : "Offline");
  document.body.dataset.state = model.connected ? state?.state ?? "" : "offline";
  const halted = Boolean(state?.halt?.halted);
  const panel = $("halted");
  if (panel.hidden === halted) {
    panel.hidden = !halted;
    two(false);
    if (!halted) pins = "";
  }
  if (halted) {
    const { what, why, at } = state.halt;
    text($("halted-words"), [what && sentence(what), why && sentence(why), at && `At ${clock(at)}.`].filter(Boolean).join(" "));
    text($("halted-pins"), pins);
  }
  const notice = $("notice");
  let words = "";
  if (!model.connected && state) words = "The connection is lost; what you see is old. The page connects again. HALT still tries to reach the robot.";
  else if (state?.state === "failed") words = state.reason || "The trainer has died; it is being restarted.";
  else if (state && state.can?.control === false) words = "This device may only watch. To control the robot, pair it with the code in the terminal. HALT works for everyone.";
  else if (state?.state === "paused" && state.reason && state.reason !== "paused") words = sentence(state.reason);
  if (words !== notice.dataset.words) {
    notice.dataset.words = words;
    notice.replaceChildren(words);
    if (words && model.connected && state.can?.control === false && !state.guest) {
      const button = document.createElement("button");
      Object.assign(button, { type: "button", className: "plain", textContent: "Pair" });
      button.addEventListener("click", () => emit("pairing", null));
      notice.append(button);
    }
    notice.hidden = !words;
  }
}

const sentence = (words) => `${words[0].toUpperCase()}${words.slice(1)}${/[.!?]$/.test(words) ? "" : "."}`;

/** The second step of the reset. */
function two(open) {
  $("reset").hidden = open;
  $("reset-sure").hidden = !open;
  if (open) $("reset-yes").focus();
}

function age() {
  const seconds = (performance.now() - model.heard) / 1000;
  let words = "no data yet", level = "old";
  if (model.heard) {
    level = !model.connected || seconds > 3 ? "old" : seconds > 1.5 ? "ageing" : "fresh";
    const ago = seconds < 10 ? seconds.toFixed(1) : Math.round(seconds);
    words = model.connected ? `live · ${ago} s` : `lost · ${ago} s old`;
    if (model.connected && level !== "fresh") words = `${ago} s old`;
  }
  text($("age"), words);
  document.body.dataset.age = level;
}

let pressed = -1e9;
$("halt").addEventListener("pointerdown", () => { pressed = performance.now(); halt(); }); // a finger that slips off has pressed it all the same
$("halt").addEventListener("click", () => { if (performance.now() - pressed > 1000) halt(); }); // keys, screen readers
addEventListener("keydown", (event) => { if (event.key === "Escape") halt(); }, true);
$("reset").addEventListener("click", () => two(true));
$("reset-no").addEventListener("click", () => { two(false); $("reset").focus(); });
$("reset-yes").addEventListener("click", () => attempt($("reset-yes"), async () => {
  await post("/halt/reset", { confirm: true });
  two(false);
  say("The halt is reset; the robot may move again.");
  $("main").focus({ preventScroll: true });
}));
on("halted", (message) => confirmed(message.milliseconds));
on("state", (state) => {
  if (state.halt?.halted && asked !== null) confirmed(null); // the guard has confirmed it
  show();
});
on("connection", show);
setInterval(age, 200);
show();
connect();
