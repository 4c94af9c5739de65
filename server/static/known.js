// What the robot knows of itself: each number with its band, what was expected beside what was seen, changes.

import { attempt, h, say, text, toast } from "./dom.js";
import { get, model, on, post } from "./connection.js";

const SPACE = "http://www.w3.org/2000/svg";
const WIDE = 240, HIGH = 72, SLICES = 42;
const parts = {};
let known = null;
let adapting = false;

export function start() {
  parts.words = h("ul", { class: "plainlist" });
  parts.note = h("p", { class: "lead", role: "status" });
  parts.why = h("p", { class: "seen" });
  parts.fault = h("div", { class: "finding told", "data-level": "fault", role: "status", hidden: true },
    h("span", { class: "level-word" }, "It does not do what it is told"), parts.why);
  parts.bands = h("div", { class: "bands" });
  parts.way = h("figure", { class: "band way" });
  const act = (label, style, work) => {
    const button = h("button", { type: "button", class: style, onclick: () => attempt(button, () => work(button)) }, label);
    return button;
  };
  parts.drive = act("Drive by what it knows", "plain", async () => { await post("/drive/start", { known: true }); });
  parts.adapt = act("Adapt the policy to it", "primary", async () => { await post("/robot/adapt"); });
  parts.revert = act("Return to the one before", "plain", async () => {
    await post("/robot/revert");
    toast("The policy before the adapted one is back.");
  });
  parts.more = h("details", {}, h("summary", {}, "How it became known"), parts.bands, parts.way,
    h("p", { class: "hint" }, "Each line is an estimate after each move, in its band of two standard deviations; a dotted line is the moment a change was noticed. Below: what was seen (filled) and what was expected (outlined) after the last moves."));
  on("known", (message) => { known = message; draw(); });
  on("state", enable);
  get("/robot").then((message) => { if (!known) { known = message; draw(); } }).catch(() => {});
  const card = h("section", { class: "card stack known", "aria-labelledby": "h-known" },
    h("h3", { id: "h-known" }, "What the robot knows of itself"), parts.note, parts.fault, parts.words,
    h("div", { class: "row" }, parts.drive, parts.adapt, parts.revert), parts.more);
  parts.more.addEventListener("toggle", draw);
  draw();
  enable();
  return card;
}

function enable() {
  const state = model.state;
  if (state) {
    const { under_way: underWay, words, promoted } = state.adaptation;
    if (adapting && !underWay) {
      toast(words, { seconds: 12, level: promoted === null ? "error" : "info" });
      say(words);
    }
    adapting = underWay;
    text(parts.adapt, adapting ? "Adapting …" : "Adapt the policy to it");
  }
  const may = state?.can?.control !== false;
  parts.drive.disabled = !may || !state || state.halt?.halted || state.activity !== "idle";
  parts.adapt.disabled = !may || !known?.moves || Boolean(state?.adaptation.under_way);
  parts.revert.disabled = !may;
}

function draw() {
  const moves = known?.moves ?? 0;
  let note = moves ? `From ${moves} moves of the robot.`
    : known?.parameters.length ? "Nothing yet: it learns from every move of a single robot, driven or trained."
      : "Not read from the store yet; it comes when the trainer has started.";
  const last = known?.changes?.at(-1);
  if (last && !known.fault) note += ` After move ${last.move} it was noticed that ${last.words}.`;
  if (known?.doubt > 0.3 && !known.fault) note += ` It may be another robot now (${Math.round(100 * known.doubt)} %), so its moves are short.`;
  text(parts.note, note);
  text(parts.why, known?.fault ?? "");
  parts.fault.hidden = !known?.fault;
  const words = known?.words ?? [];
  while (parts.words.children.length > words.length) parts.words.lastChild.remove();
  words.forEach((sentence, index) => text(parts.words.children[index] ?? parts.words.appendChild(h("li")), sentence));
  parts.more.hidden = !known?.at?.length;
  enable();
  if (!parts.more.open || parts.more.hidden) return;
  parts.bands.replaceChildren(...known.parameters.map((parameter) => band(parameter, known.at, known.changes)));
  parts.way.replaceChildren(h("figcaption", {}, "Slices of the target, expected and seen"), way(known.expected.slice(-40), known.seen.slice(-40)));
}

function shape(name, attributes) {
  const element = document.createElementNS(SPACE, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  return element;
}

function sheet(label, ...children) {
  const svg = shape("svg", { viewBox: `0 0 ${WIDE} ${HIGH}`, role: "img", "aria-label": label, preserveAspectRatio: "none" });
  svg.append(...children);
  return svg;
}

function band({ label, mean, deviation, prior }, at, changes) {
  const low = prior[0] - 2.5 * prior[1], high = prior[0] + 2.5 * prior[1];
  const from = at[0], to = Math.max(at.at(-1), from + 1);
  const x = (move) => ((move - from) / (to - from) * WIDE).toFixed(1);
  const y = (value) => (HIGH * (1 - (Math.min(Math.max(value, low), high) - low) / (high - low))).toFixed(1);
  const line = (sign) => at.map((move, i) => `${x(move)},${y(mean[i] + sign * 2 * deviation[i])}`);
  const digits = prior[1] < 1 ? 2 : prior[1] < 3 ? 1 : 0;
  const now = `${mean.at(-1).toFixed(digits).replace(/^-(?=[0.]+$)/, "")} ± ${deviation.at(-1).toFixed(digits)}`;
  return h("figure", { class: "band" }, h("figcaption", {}, label, h("b", {}, now)),
    sheet(`${label}: ${now}`,
      shape("line", { class: "prior", x1: 0, x2: WIDE, y1: y(prior[0]), y2: y(prior[0]) }),
      shape("polygon", { points: [...line(1), ...line(-1).reverse()].join(" ") }),
      shape("polyline", { points: line(0).join(" ") }),
      ...changes.filter((c) => c.move >= from).map((c) => shape("line", { class: "change", x1: x(c.move), x2: x(c.move), y1: 0, y2: HIGH }))));
}

function way(expected, seen) {
  const step = WIDE / Math.max(seen.length, 1);
  const y = (slice) => HIGH * Math.min(Math.max(slice / SLICES, 0), 1);
  const bar = (kind, index, first, last) => shape("rect", {
    class: kind, x: (index * step + 0.15 * step).toFixed(1), width: (0.7 * step).toFixed(1),
    y: y(first).toFixed(1), height: Math.max(y(last) - y(first), 0.5).toFixed(1),
  });
  return sheet("What was seen after the last moves, and what was expected",
    ...seen.map((ends, i) => ends && bar("seen", i, ends[0], ends[1] + 1)).filter(Boolean),
    ...expected.map((ends, i) => ends && bar("expected", i, ends[0], ends[1])).filter(Boolean));
}
