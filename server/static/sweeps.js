// Sweeps beside this server: how far each is, the best so far, and the curve of its figure.

import { Chart, Group } from "./chart.js";
import { count, h, percent, text } from "./dom.js";
import { get } from "./connection.js";

const OFTEN = 2000, SELDOM = 10000; // milliseconds between two looks, while one runs and else
const STATES = { running: "under way", stopped: "stopped", finished: "finished" };
const shown = new Map(); // name -> the parts of its card
let card, running = false, looked = -Infinity;

export function start() {
  card = h("section", { class: "card stack sweeps", "aria-labelledby": "h-sweeps", hidden: true }, h("h3", { id: "h-sweeps" }, "Sweeps"));
  setInterval(() => {
    const wait = running ? OFTEN : SELDOM;
    if (!document.hidden && !card.closest("[id^=view-][hidden]") && performance.now() - looked > wait) look();
  }, 500);
  look();
  return card;
}

async function look() {
  looked = performance.now();
  let all;
  try {
    all = await get("/sweeps");
  } catch {
    return; // no answer: the bar says so
  }
  running = all.some((sweep) => sweep.state === "running");
  card.hidden = all.length === 0;
  for (const [name, parts] of shown) {
    if (!all.some((sweep) => sweep.sweep === name)) {
      parts.place.remove();
      shown.delete(name);
    }
  }
  for (const sweep of all) draw(sweep);
}

function make(sweep) {
  const parts = { bar: h("i"), words: h("p", { class: "lead" }), best: h("p"), settings: h("dl", { class: "figures" }) };
  const format = (v) => (sweep.more_is_better ? percent(v) : count(Math.round(v)));
  const figure = h("figure");
  parts.format = format;
  parts.track = h("div", { class: "bartrack", role: "progressbar", "aria-label": `Trials of ${sweep.sweep}`, "aria-valuemin": 0, "aria-valuemax": 100 }, parts.bar);
  parts.place = h("div", { class: "stack" }, h("h4", {}, sweep.sweep), parts.track, parts.words, parts.best, parts.settings, figure);
  card.append(parts.place);
  parts.chart = new Chart(figure, { title: sweep.figure_words[0].toUpperCase() + sweep.figure_words.slice(1), format, group: new Group(), unit: "trials" });
  shown.set(sweep.sweep, parts);
  return parts;
}

function best({ best: one }, format) {
  if (!one) return "No trial is complete yet.";
  if (one.final === null) return `The best so far is trial ${one.number}: ${format(one.value)}.`;
  return `The best is trial ${one.number}: ${format(one.final)} on new seeds, by which the finalists were compared; ${format(one.value)} on those of the search.`;
}

function draw(sweep) {
  const parts = shown.get(sweep.sweep) ?? make(sweep);
  const done = sweep.complete + sweep.pruned + sweep.failed;
  const share = Math.round((100 * done) / Math.max(sweep.wanted, 1));
  parts.bar.style.transform = `scaleX(${share / 100})`;
  parts.track.setAttribute("aria-valuenow", share);
  const failed = sweep.failed ? `, ${sweep.failed} failed` : "";
  text(parts.words, `${STATES[sweep.state]}: ${done} of ${sweep.wanted} trials; ${sweep.pruned} ended early${failed}.`);
  text(parts.best, best(sweep, parts.format));
  const settings = Object.entries(sweep.best?.settings ?? {});
  const word = (v) => (typeof v === "number" ? String(+v.toPrecision(4)) : Array.isArray(v) ? v.join(", ") : String(v));
  const key = JSON.stringify(settings);
  if (key !== parts.key) {
    parts.key = key;
    parts.settings.replaceChildren(...settings.map(([name, value]) => h("div", {}, h("dt", {}, name), h("dd", {}, word(value)))));
  }
  parts.chart.show([
    { name: "best so far", points: sweep.curve.filter((row) => row[2] !== null).map((row) => [row[0], row[2]]), ink: 0 },
    { name: "each trial", points: sweep.curve.filter((row) => row[1] !== null).map((row) => [row[0], row[1]]), ink: 1 },
  ]);
}
