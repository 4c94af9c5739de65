// Learn: start, pause and stop a training, and watch how it goes, beside earlier runs.

import { Chart, Group, SUCCESS, lines } from "./chart.js";
import { attempt, count, fixed, h, percent, runName, say, span, text, toast } from "./dom.js";
import { get, model, on, post, withFacts } from "./connection.js";
import * as runs from "./runs.js";

const group = new Group();
const charts = {};
let all = [], shown = null, compared = new Set(), root, parts = {};

export function start(section) {
  root = section;
  parts.running = h("section", { class: "card stack", "aria-labelledby": "h-now" });
  parts.form = form();
  parts.zoom = h("button", { type: "button", class: "plain", hidden: true, onclick: () => group.zoom(null) }, "Show all moves");
  parts.scale = h("input", { type: "checkbox", id: "log-scale", onchange: () => { group.log = parts.scale.checked; parts.scale.dataset.chosen = "1"; group.zoom(null); } });
  parts.legend = h("div", { class: "legend", role: "group", "aria-label": "Runs shown in the charts" });
  group.changed = () => { parts.zoom.hidden = group.range === null; };
  const figure = () => h("figure");
  const figures = [figure(), figure(), figure(), figure()];
  charts.success = new Chart(figures[0], { ...SUCCESS, group });
  charts.moves = new Chart(figures[1], { title: "Moves of an episode", format: (v) => v.toFixed(1), low: 0, group });
  charts.return = new Chart(figures[2], { title: "Return", format: (v) => fixed(v), group });
  charts.entropy = new Chart(figures[3], { title: "Entropy, nats", format: (v) => fixed(v), group });
  parts.charts = h("section", { class: "card stack", "aria-labelledby": "h-curves" },
    h("div", { class: "row" }, h("h3", { id: "h-curves" }, "Curves over the moves made"),
      h("label", { class: "row hint", for: "log-scale" }, parts.scale, "Stretch the beginning"), parts.zoom),
    parts.legend,
    h("div", { class: "charts" }, figures),
    h("p", { class: "hint" }, "Point to read values; draw over a chart to look closer, double click to see all again."));
  parts.empty = h("section", { class: "card" }, h("div", { class: "empty" },
    h("p", {}, h("strong", {}, "No run yet. "), "Start one, and the learning curves appear here. A fleet in the simulator needs a few seconds.")));
  section.append(h("div", { class: "learning" }, parts.running, h("div", { class: "stack wide" }, parts.charts, parts.empty), parts.form));
  import("./known.js").then((known) => section.append(known.start())).catch(() => {}); // the rest goes without
  import("./sweeps.js").then((sweeps) => section.append(sweeps.start())).catch(() => {});
  on("state", running);
  on("runs", refresh);
  on("curve", (id) => { if (shown?.id === id) draw(); else if (model.state?.run === id) refresh(); });
  running();
  refresh();
}

export const show = () => { if (shown) draw(); };

// What is under way

let shape = "";
function running() {
  const state = model.state;
  if (!state) return;
  const training = ["training", "paused"].includes(state.state) && state.activity !== "lent";
  const may = state.can?.control !== false;
  const halted = state.halt?.halted;
  const now = `${state.state} ${may} ${state.run} ${state.activity} ${state.borrower} ${all.length > 0}`;
  if (now !== shape) {
    shape = now;
    const act = (label, path, style = "plain") => h("button", {
      type: "button", class: style, disabled: !may, onclick: (event) => attempt(event.target, () => post(path)),
    }, label);
    const titles = {
      training: `Run ${state.run} is learning`, paused: state.activity === "lent" ? `${state.borrower} waits` : `Run ${state.run} is paused`, driving: "The learned policy drives",
      lent: `${state.borrower || "Somebody"} drives it from another machine`,
      hand: "Somebody drives by hand", halted: "Halted", failed: "The trainer is being restarted", idle: "Nothing is being learned",
    };
    parts.bar = h("i");
    parts.numbers = h("dl", { class: "figures" });
    parts.why = h("p", { class: "lead" });
    parts.running.replaceChildren(...[
      h("h3", { id: "h-now" }, titles[state.state] ?? state.state),
      training ? h("div", { class: "bartrack", role: "progressbar", "aria-label": "Moves made", "aria-valuemin": 0, "aria-valuemax": 100 }, parts.bar) : null,
      parts.numbers, parts.why,
      h("div", { class: "row" },
        state.state === "training" ? act("Pause", "/training/pause") : null,
        state.state === "paused" ? act("Resume", "/training/resume", "primary") : null,
        training ? act("Stop and keep it", "/training/stop") : null,
        state.state === "driving" ? act("Stop driving", "/drive/stop") : null,
        state.activity === "lent" ? act("Take the robot back", "/lending/stop") : null,
        state.state === "idle" && all.length ? act("Drive what was learned", "/drive/start") : null),
    ].filter((part) => part && (part.className !== "row" || part.children.length)));
    const lent = state.activity === "lent";
    parts.begin.disabled = !may || halted || training || lent;
    parts.beginWhy.textContent = halted ? "Reset the halt first." : training ? "Stop the current run first." : lent ? "Take the robot back first." : "";
  }
  if (training) {
    const share = state.total_moves ? state.moves / state.total_moves : 0;
    parts.bar.style.transform = `scaleX(${Math.min(1, share)})`;
    parts.bar.parentElement.setAttribute("aria-valuenow", Math.round(100 * share));
  }
  const numbers = training || state.success_rate !== null ? [
    [percent(state.success_rate), "reach the goal", "big"], [fixed(state.moves_mean, 1), "moves to it"],
    state.moves && [count(state.moves), state.total_moves ? `of ${count(state.total_moves)} moves` : "moves made"],
    training && state.seconds_left !== null ? [span(state.seconds_left), "left"] : null,
  ].filter(Boolean) : [];
  const key = JSON.stringify(numbers);
  if (parts.numbers.dataset.key !== key) {
    parts.numbers.dataset.key = key;
    parts.numbers.replaceChildren(...numbers.map(([value, name, size]) => h("div", { class: size ?? "" }, h("dt", {}, name), h("dd", {}, value))));
    parts.numbers.hidden = !numbers.length;
  }
  const why = state.reason === "paused" ? "" : state.reason ?? "";
  text(parts.why, why && `${why[0].toUpperCase()}${why.slice(1)}${/[.!?]$/.test(why) ? "" : "."}`);
  parts.why.hidden = !why;
}

// Start

function form() {
  const choice = (name, value, title, words, checked) => h("label", { class: "choice" },
    h("input", { type: "radio", name, value, checked, required: true }), h("span", {}, h("b", {}, title), words));
  parts.from = h("select", { id: "from", name: "from" }, h("option", { value: "" }, "From scratch"));
  parts.begin = h("button", { type: "submit", class: "primary" }, "Start training");
  parts.beginWhy = h("p", { class: "hint" });
  parts.presets = h("fieldset", {}, h("legend", {}, "What learns"));
  parts.actions = h("select", { id: "action", name: "action" });
  const choices = ({ presets, actions }) => {
    if (parts.presets.children.length > 1) return;
    parts.presets.append(...presets.map(({ name, title, sentence, usual }) => choice("preset", name, title, sentence, usual)));
    parts.actions.replaceChildren(...actions.map(({ name, sentence }) => h("option", { value: name, title: sentence }, name)));
  };
  withFacts(choices);
  const field = (id, label, control) => h("div", { class: "field" }, h("label", { for: id }, label), control);
  const body = h("form", { class: "stack", onsubmit: begin },
    parts.presets,
    h("fieldset", {}, h("legend", {}, "Where"),
      choice("robot", "sim", "In the simulator", "Nothing moves on the floor.", true),
      choice("robot", "robot", "On the robot", "Its wheels turn. Give it two metres of free floor, and keep HALT at hand.", false)),
    field("from", "Begin", parts.from),
    h("details", {}, h("summary", {}, "More"),
      h("div", { class: "stack" },
        h("div", { class: "pair" },
          field("moves", "Moves in all", h("input", { id: "moves", name: "moves", type: "number", min: 1, placeholder: "preset" })),
          field("seed", "Seed", h("input", { id: "seed", name: "seed", type: "number", min: 0, placeholder: "any" }))),
        field("action", "Action", parts.actions))),
    h("div", { class: "row" }, parts.begin, parts.beginWhy));
  parts.body = body;
  return h("section", { class: "card stack", "aria-labelledby": "h-start" }, h("h3", { id: "h-start" }, "Start a training"), body);
}

async function begin(event) {
  event.preventDefault();
  const data = new FormData(parts.body);
  const wish = { robot: data.get("robot"), preset: data.get("preset") };
  for (const name of ["moves", "seed"]) if (data.get(name)) wish[name] = Number(data.get(name));
  if (data.get("action")) wish.action = data.get("action");
  await attempt(parts.begin, async () => {
    if (data.get("from")) wish.from_checkpoint = await best(data.get("from"));
    await post("/training/start", wish);
    say("The training has started.");
    compared.clear();
    shown = null;
    group.zoom(null);
  });
  parts.begin.disabled = ["training", "paused"].includes(model.state?.state);
}

async function best(run) {
  const found = await get(`/checkpoints?run=${run}`);
  const one = found.find((c) => c.marks.includes("best")) ?? found.at(-1);
  if (!one) throw new Error("That run has no checkpoint; choose another one.");
  return one.id;
}

// Curves

let asking = false, again = false;
async function refresh() {
  if (asking) { again = true; return; }
  asking = true;
  try {
    do {
      again = false;
      all = await runs.list();
      const found = all.find((run) => run.id === model.state?.run) ?? all[0];
      shown = found ? await runs.run(found.id).catch(() => null) : null;
    } while (again);
  } catch {
    return; // no answer: the bar says so
  } finally {
    asking = false;
  }
  options();
  legend();
  draw();
  running();
}

function options() {
  const chosen = parts.from.value;
  const made = all.filter((run) => run.success_rate !== null || run.moves);
  parts.from.replaceChildren(h("option", { value: "" }, "From scratch"));
  for (const run of made) parts.from.append(h("option", { value: run.id }, `From the best of ${runName(run)} (${percent(run.success_rate)})`));
  if ([...parts.from.options].some((o) => o.value === chosen)) parts.from.value = chosen;
}

function legend() {
  if (!shown) return;
  const others = all.filter((run) => run.id !== shown.id).slice(0, 8);
  compared = new Set([...compared].filter((id) => others.some((run) => run.id === id)));
  const key = (name, ink, box) => {
    const swatch = h("i");
    swatch.style.setProperty("--ink-of", ink);
    return h("label", { class: "key" }, box, swatch, name);
  };
  parts.legend.replaceChildren(key(runName(shown), "var(--accent)", null), ...others.map((run) => {
    const box = h("input", { type: "checkbox", checked: compared.has(run.id), onchange: async () => {
      if (box.checked && compared.size >= 4) { box.checked = false; return toast("At most four runs can be compared with this one; remove one first."); }
      if (box.checked) { await attempt(null, () => runs.run(run.id)); compared.add(run.id); } else compared.delete(run.id);
      legend();
      draw();
      return undefined;
    } });
    const ink = [...compared].indexOf(run.id) + 1;
    return key(runName(run), ink ? `var(--c${ink + 1})` : "var(--line)", box);
  }));
}

function draw() {
  const curves = shown ? lines(shown) : null;
  const any = Boolean(curves && (curves.success.length || curves.entropy.length));
  parts.charts.hidden = !any;
  parts.empty.hidden = any;
  if (!any) return;
  if (!parts.scale.dataset.chosen) parts.scale.checked = group.log = (curves.success.at(-1)?.[0] ?? 0) > 50000;
  const others = [...compared].map((id) => runs.cached(id)).filter(Boolean);
  for (const [name, chart] of Object.entries(charts)) {
    chart.show([{ name: runName(shown), points: curves[name], ink: 0 },
      ...others.map((run, index) => ({ name: runName(run), points: lines(run)[name], ink: index + 1 }))]);
  }
}
