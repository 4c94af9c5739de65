// The room: a tile for each robot, which of them are chosen, and what is done with those.

import { $, attempt, h, say, text, toast } from "./dom.js";
import { model, on, pictures, post, send } from "./connection.js";
import { known } from "./fleet_halt.js";
import { pairing } from "./pairing.js";
import { Tile } from "./fleet_tile.js";
import { start as startCompare } from "./fleet_compare.js";
import { start as startSend } from "./fleet_send.js";

const tiles = new Map(); // id -> Tile, in the order in which they are shown
const { views } = known;
let room = { control: false, looking: false };

const chosen = () => [...tiles.values()].filter((tile) => tile.chosen);

on("room", shown);
function shown(message) {
  room = message;
  for (const [id, tile] of tiles) {
    if (message.robots.includes(id)) continue;
    seen.unobserve(tile.element);
    tiles.delete(id);
  }
  const order = message.robots.map((id) => {
    const tile = tiles.get(id) ?? new Tile(id, choosing);
    if (!tiles.has(id)) seen.observe(tile.element);
    tiles.delete(id);
    tiles.set(id, tile); // the map keeps the order
    if (views.has(id)) tile.show(views.get(id), room.control);
    return tile.element;
  });
  const list = $("robots");
  if (order.length !== list.children.length || order.some((element, index) => list.children[index] !== element)) list.replaceChildren(...order);
  $("tools").hidden = !room.control;
  $("empty").hidden = order.length > 0;
  text($("empty-words"), room.looking ? "Robots of this network that announce themselves appear here by themselves; others are added by their address." : "Add one by its address.");
  choosing();
}

on("robot", (view) => {
  tiles.get(view.id)?.show(view, room.control);
  counts();
});

function counts() {
  const all = [...tiles.keys()].map((id) => views.get(id)).filter(Boolean);
  const open = all.filter((view) => view.link === "connected");
  const moving = open.filter((view) => ["driving", "training", "lent", "hand"].includes(view.state)).length;
  const halted = open.filter((view) => view.halted).length;
  text($("count"), model.connected ? `${open.length} of ${tiles.size} connected` : "Offline");
  text($("more"), model.connected ? [moving && `${moving} under way`, halted && `${halted} halted`].filter(Boolean).join(" · ") || "all at rest" : "what you see is old");
  $("reset").disabled = !chosen().some((tile) => tile.view?.halted);
}

// Which are chosen

function choosing() {
  const some = chosen().length;
  const all = tiles.size > 0 && some === tiles.size;
  $("choose").setAttribute("aria-pressed", String(all));
  text($("choose"), all ? "Choose none" : some ? `Choose all (${some} chosen)` : "Choose all");
  $("send").disabled = some < 1;
  $("compare").disabled = some < 1;
  counts();
}
$("choose").addEventListener("click", () => {
  const all = chosen().length < tiles.size;
  for (const tile of tiles.values()) tile.box.checked = all;
  choosing();
});

// Pictures: only of those robots that can be seen on this page

const seen = new IntersectionObserver((entries) => {
  for (const { target, isIntersecting } of entries) {
    const tile = tiles.get(target.dataset.id);
    if (tile) tile.visible = isIntersecting;
  }
  watch();
});
let asked = 0;
function watch() {
  clearTimeout(asked);
  asked = setTimeout(() => {
    const robots = document.hidden ? [] : [...tiles.values()].filter((tile) => tile.visible).map((tile) => tile.id);
    send({ type: "watch robots", robots });
  }, 100);
}
document.addEventListener("visibilitychange", watch);
pictures((bytes) => {
  try {
    const size = new DataView(bytes).getUint32(0);
    const header = JSON.parse(new TextDecoder().decode(new Uint8Array(bytes, 4, size)));
    tiles.get(header.robot)?.take(header, new Uint8Array(bytes, 4 + size));
  } catch {
    // it is no picture
  }
});

// The connection to the hub

on("connection", (connected) => {
  if (connected) watch();
  $("notice").hidden = connected;
  if (!connected) text($("notice"), "The connection to the hub is lost; what you see is old. The page connects again. HALT ALL still tries to reach it.");
  document.body.dataset.age = connected ? "fresh" : "old";
  counts();
});
on("notice", ({ text: words, level }) => toast(words, { level: level === "error" ? "error" : "info" }));

// Letting them move again: two steps, as it is deliberate

function sure(open) {
  $("reset").hidden = open;
  $("reset-sure").hidden = !open;
  if (!open) return $("reset").focus();
  const names = chosen().filter((tile) => tile.view?.halted).map((tile) => tile.view.name);
  text($("reset-words"), `Nobody and nothing is in the way of ${names.join(", ")}?`);
  return $("reset-yes").focus();
}
$("reset").addEventListener("click", () => sure(true));
$("reset-no").addEventListener("click", () => sure(false));
$("reset-yes").addEventListener("click", () => attempt($("reset-yes"), async () => {
  const robots = chosen().filter((tile) => tile.view?.halted).map((tile) => tile.id);
  const results = robots.length ? await post("/halt/reset", { robots, confirm: true }) : [];
  for (const { done, words } of results) if (!done) toast(words, { level: "error" });
  say(`${results.filter(({ done }) => done).length} robots may move again.`);
  sure(false);
}));

// A robot by its address

$("add").addEventListener("click", () => { $("adding").show(); $("address").focus(); });
$("adding-close").addEventListener("click", () => { $("adding").close(); $("add").focus(); });
$("adding-form").addEventListener("submit", async (event) => {
  event.preventDefault();
  text($("adding-error"), "");
  try {
    await post("/robots", { address: $("address").value });
    $("address").value = "";
    $("adding").close();
    $("add").focus();
  } catch (error) {
    text($("adding-error"), error.message);
  }
});

startSend(chosen, () => [...tiles.values()]);
startCompare(chosen);
if (known.room) shown(known.room);
pairing();
