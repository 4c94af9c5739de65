// HALT ALL, always in view, and who has not confirmed it. It is the page's first script and needs nothing else.

import { $, text } from "./dom.js";
import { BASE, connect, on, send } from "./connection.js";

const PATIENCE = 400; // milliseconds until a missing confirmation is said loudly

let asked = null; // time at which HALT ALL was pressed, until the hub has answered
const unconfirmed = new Map(); // id -> name and address of robots that have not confirmed

/** Stop all robots, by WebSocket and by request at once, until the hub says how it went. */
function haltAll() {
  if (asked === null) {
    asked = performance.now();
    $("halt").classList.add("waiting");
  }
  order();
  setTimeout(late, PATIENCE);
}

function order() {
  send({ type: "halt" });
  fetch(`${BASE}/halt`, { method: "POST", headers: { "Content-Type": "application/json" }, body: "{}", keepalive: true })
    .then((answer) => (answer.ok ? answer.json() : null))
    .then((answer) => { if (answer) answered(); })
    .catch(() => {}); // `late` reports a missing answer
}

/** Stop one robot. */
export function halt(id) {
  send({ type: "halt robots", robots: [id] });
  fetch(`${BASE}/halt?robot=${encodeURIComponent(id)}`, { method: "POST", keepalive: true }).catch(() => {});
}

function answered() {
  asked = null;
  $("halt").classList.remove("waiting");
  show();
}

function late() {
  if (asked === null) return;
  show();
  if (performance.now() - asked < 120_000) {
    if (performance.now() - asked > 3000) order(); // the hub itself needs two seconds for a robot that is away
    setTimeout(late, 1000);
  }
}

function show() {
  const names = [...unconfirmed.values()];
  let words = "";
  if (asked !== null && performance.now() - asked > 3000) {
    words = "The stop is NOT confirmed: this page does not reach the hub. Switch off the robots' motors or lift them off the ground.";
  } else if (names.length) {
    const which = names.length > 6 ? `${names.slice(0, 5).join(", ")} and ${names.length - 5} more` : names.join(", ");
    const them = names.length > 1 ? "them" : "it";
    words = `The stop is NOT confirmed by ${which}. Switch off ${names.length > 1 ? "their" : "its"} motors or lift ${them} off the ground.`;
  }
  document.body.classList.toggle("unconfirmed", Boolean(words));
  text($("alarm"), words);
}

/** The newest of the room and of each robot, for what is loaded after this. */
export const known = { room: null, views: new Map() };

const pending = new Map(); // a halt that is under way is said to be unconfirmed only after a moment
on("robot", (view) => {
  const { id, name, address, halting } = view;
  known.views.set(id, view);
  clearTimeout(pending.get(id));
  pending.delete(id);
  if (!halting) {
    if (unconfirmed.delete(id)) show();
  } else if (!unconfirmed.has(id)) {
    pending.set(id, setTimeout(() => { unconfirmed.set(id, `${name}${address ? ` (${address.replace(/^https?:\/\//, "")})` : ""}`); show(); }, PATIENCE));
  }
});
on("room", (room) => {
  const { robots } = room;
  known.room = room;
  for (const id of known.views.keys()) if (!robots.includes(id)) known.views.delete(id);
  for (const id of [...unconfirmed.keys(), ...pending.keys()]) {
    if (robots.includes(id)) continue;
    unconfirmed.delete(id);
    clearTimeout(pending.get(id));
    pending.delete(id);
  }
  show();
});
on("stopped", answered);

let pressed = -1e9;
$("halt").addEventListener("pointerdown", () => { pressed = performance.now(); haltAll(); }); // a finger that slips off has pressed it all the same
$("halt").addEventListener("click", () => { if (performance.now() - pressed > 1000) haltAll(); }); // keys, screen readers
addEventListener("keydown", (event) => { if (event.key === "Escape") haltAll(); }, true);
connect();
