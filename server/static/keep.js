// Keep: the runs and their checkpoints: mark, name, compare, drive again, download, upload, delete with undo.

import { access } from "./access.js";
import { Chart, Group, SUCCESS, lines } from "./chart.js";
import { attempt, count, day, fixed, h, icon, percent, runName, say, toast } from "./dom.js";
import { BASE, ask, emit, get, model, on, post } from "./connection.js";
import * as runs from "./runs.js";

let parts = {}, all = [], opened = null, typed = null; // typed: a name that is not sent yet; it survives a redraw
let drawn = ""; // what the list shows
const chosen = new Set();
const group = new Group();
let charts = [];

export function start(section) {
  parts.list = h("ul", { class: "items" });
  parts.file = h("input", { type: "file", id: "upload", accept: ".safetensors", class: "sr", tabIndex: -1, "aria-hidden": "true", onchange: upload });
  parts.upload = h("button", { type: "button", class: "plain", onclick: () => parts.file.click() }, "Upload a policy");
  parts.hint = h("p", { class: "hint" });
  parts.empty = h("div", { class: "empty" }, h("p", {}, h("strong", {}, "Nothing is kept yet. "), "Runs and their checkpoints appear here as soon as a training begins; or upload a policy file."), h("a", { class: "primary button", href: "#learn" }, "Start a training"));
  parts.empty.hidden = true;
  const figures = [h("figure"), h("figure")];
  charts = [new Chart(figures[0], { ...SUCCESS, group }), new Chart(figures[1], { title: "Moves to the goal", format: (v) => v.toFixed(1), low: 0, group })];
  parts.settings = h("div");
  parts.compare = h("section", { class: "card stack", "aria-labelledby": "h-compare", hidden: true },
    h("h3", { id: "h-compare" }, "Compared"), h("div", { class: "charts" }, figures), parts.settings);
  parts.access = access();
  section.append(h("div", { class: "stack" },
    h("div", { class: "row" }, parts.upload, parts.file, parts.hint),
    h("section", { class: "card", "aria-label": "Runs" }, parts.empty, parts.list), parts.compare, parts.access.card));
  on("runs", refresh);
  on("state", (state) => { const now = `${state.can?.control}`; if (parts.may !== now) { parts.may = now; draw(); } });
  refresh();
}

export function show() {
  refresh();
  parts.access.refresh();
}
const may = () => model.state?.can?.control !== false;
const usual = () => model.facts?.presets.find((preset) => preset.usual)?.name;

async function refresh() {
  try {
    all = (await runs.list()).filter((run) => !run.deleted);
  } catch {
    return;
  }
  draw();
}

function draw() {
  parts.empty.hidden = all.length > 0;
  parts.upload.disabled = !may();
  parts.hint.textContent = all.length > 1 ? "Tick two or more runs to compare them." : "";
  const focus = document.activeElement?.dataset?.key;
  const order = [...all].sort((a, b) => Number(b.marked) - Number(a.marked) || b.id - a.id);
  // What has not changed stays: a button that is replaced while it is pressed does nothing.
  const now = JSON.stringify([order, opened, may(), Boolean(model.state?.halt?.halted), usual()]);
  if (now !== drawn) {
    drawn = now;
    parts.list.replaceChildren(...order.map(item));
    if (focus) parts.list.querySelector(`[data-key="${focus}"]`)?.focus({ preventScroll: true });
  }
  compare();
}

function keyed(element, key) {
  element.dataset.key = key;
  return element;
}

function item(run) {
  const name = runName(run);
  const box = keyed(h("input", { type: "checkbox", checked: chosen.has(run.id), "aria-label": `Compare ${name}`, onchange: () => {
    if (box.checked) chosen.add(run.id); else chosen.delete(run.id);
    compare();
  } }), `box-${run.id}`);
  const star = keyed(h("button", { type: "button", class: "star", disabled: !may(), "aria-pressed": String(Boolean(run.marked)), "aria-label": `Mark ${name}`,
    onclick: () => change(run, { marked: !run.marked }) }, icon("star")), `star-${run.id}`);
  const value = (words, under, first) => h("div", { class: `value${first ? " first" : ""}` }, h("b", {}, words), h("small", {}, under));
  const more = keyed(h("button", { type: "button", class: "plain", "aria-expanded": String(opened === run.id), "aria-label": `${opened === run.id ? "Close" : "Open"} ${name}`,
    onclick: () => { opened = opened === run.id ? null : run.id; typed = null; draw(); } }, opened === run.id ? "Close" : "Open"), `open-${run.id}`);
  const where = [run.status, run.preset !== usual() ? run.preset : null, run.action === "wheels" ? "two wheels" : null, run.robot && run.robot !== "sim" ? "on the robot" : null, day(run.created)].filter(Boolean).join(" · ");
  return h("li", {},
    h("div", { class: "item" }, box, star, h("div", { class: "title" }, name, h("small", {}, where)),
      value(percent(run.success_rate), "reach the goal", true), value(fixed(run.moves_mean, 1), "moves to it"), value(count(run.moves), "moves made"), more),
    opened === run.id ? details(run) : null);
}

function details(run) {
  const name = keyed(h("input", { id: `name-${run.id}`, value: typed ?? run.name ?? "", maxLength: 60, oninput: () => { typed = name.value; }, placeholder: `Run ${run.id}`, disabled: !may() }), `name-${run.id}`);
  const rename = h("form", { class: "row", onsubmit: (event) => { event.preventDefault(); typed = null; change(run, { name: name.value.trim() }); } },
    h("label", { for: `name-${run.id}` }, "Name"), name, h("button", { type: "submit", class: "plain", disabled: !may() }, "Rename"),
    keyed(h("button", { type: "button", class: "danger", disabled: !may(), onclick: () => remove(run) }, "Delete this run"), `delete-${run.id}`));
  const place = h("ul", { class: "checkpoints" }, h("li", {}, "Looking for its checkpoints."));
  get(`/checkpoints?run=${run.id}`).then((found) => {
    found.sort((a, b) => b.moves - a.moves || b.id - a.id);
    if (!found.length) return place.replaceChildren(h("li", {}, "This run has no checkpoint yet."));
    const marked = found.filter((c) => c.marks?.length), rest = found.filter((c) => !c.marks?.length);
    const rows = (list) => list.map((c) => checkpoint(run, c));
    place.replaceChildren(...rows(marked));
    if (rest.length) {
      const all_ = h("ul", { class: "checkpoints plain-list", tabIndex: 0, "aria-label": "Earlier checkpoints" }, rows(rest));
      place.after(h("details", {}, h("summary", {}, `${rest.length} more checkpoints`), all_));
    }
    return undefined;
  }).catch((error) => {
    place.replaceChildren(h("li", {}, error.message));
    drawn = ""; // the next answer has them looked for again
  });
  return h("div", { class: "open" }, rename, place);
}

function checkpoint(run, c) {
  const halted = model.state?.halt?.halted;
  return h("li", {},
    h("div", {}, h("b", {}, `After ${count(c.moves)} moves`), (c.marks ?? []).map((mark) => h("span", { class: "mark" }, mark))),
    h("span", {}, `${percent(c.success_rate)} reach the goal`),
    h("span", { class: "hint" }, c.moves_mean ? `in ${fixed(c.moves_mean, 1)} moves` : ""),
    h("div", { class: "row" },
      h("button", { type: "button", class: "plain", disabled: !may() || halted, "aria-label": `Restore the checkpoint after ${count(c.moves)} moves`, onclick: (event) => attempt(event.target, async () => {
        await post(`/checkpoints/${c.id}/restore`);
        const words = `Restored: the policy after ${count(c.moves)} moves of ${runName(run)} is the one that drives.`;
        const drives = model.state?.state === "driving";
        toast(words, { seconds: 15, label: "Drive now", act: drives ? null : () => attempt(null, () => post("/drive/start", { checkpoint: c.id })) });
      }) }, "Restore"),
      h("a", { class: "plain button", href: `${BASE}/checkpoints/${c.id}/download`, download: "", "aria-label": `Download the checkpoint after ${count(c.moves)} moves` }, "Download")));
}

async function change(run, what) {
  await attempt(null, () => ask("PATCH", `/runs/${run.id}`, what));
  runs.forget(run.id);
  await refresh();
  if (what.name !== undefined) say("Renamed.");
}

async function remove(run) {
  const done = await attempt(null, () => ask("DELETE", `/runs/${run.id}`).then(() => true));
  if (!done) return;
  opened = null;
  chosen.delete(run.id);
  await refresh();
  emit("runs");
  toast(`${runName(run)} is deleted.`, { seconds: 20, act: async () => {
    await attempt(null, () => post(`/runs/${run.id}/restore`));
    await refresh();
    emit("runs");
    say(`${runName(run)} is back.`);
  } });
}

async function upload() {
  const [file] = parts.file.files;
  parts.file.value = "";
  if (!file) return;
  if (file.size > 2 * 1024 * 1024) return void toast("That file is larger than 2 MB; a policy has some ten kilobytes.", { level: "error" });
  await attempt(parts.upload, async () => {
    await ask("POST", `/checkpoints/upload?name=${encodeURIComponent(file.name)}`, file);
    toast(`${file.name} is kept as a run of its own.`);
    await refresh();
    emit("runs");
  });
}

// Compare

async function compare() {
  const picked = all.filter((run) => chosen.has(run.id)).slice(0, 5);
  parts.compare.hidden = picked.length < 2;
  if (picked.length < 2) return;
  const full = await attempt(null, () => Promise.all(picked.map((run) => runs.run(run.id))));
  if (!full) return;
  group.log = Math.max(...full.map((run) => run.moves)) > 50000;
  for (const [index, name] of ["success", "moves"].entries()) charts[index].show(full.map((run, ink) => ({ name: runName(run), points: lines(run)[name], ink })));
  const flat = full.map((run) => flatten(run.settings ?? {}));
  const names = [...new Set(flat.flatMap((settings) => Object.keys(settings)))].filter((name) => name !== "store" && new Set(flat.map((settings) => settings[name])).size > 1).sort();
  parts.settings.replaceChildren(names.length
    ? h("div", { class: "scroll", tabIndex: 0, role: "region", "aria-label": "Settings that differ" }, h("table", {},
      h("thead", {}, h("tr", {}, h("th", { scope: "col" }, "Settings that differ"), full.map((run) => h("th", { scope: "col" }, runName(run))))),
      h("tbody", {}, names.map((name) => h("tr", {}, h("th", { scope: "row" }, name), flat.map((settings) => h("td", {}, settings[name] ?? "–")))))))
    : h("p", { class: "hint" }, "Their settings are the same."));
}

function flatten(settings, before = "") {
  const found = {};
  for (const [name, value] of Object.entries(settings)) {
    if (value && typeof value === "object" && !Array.isArray(value)) Object.assign(found, flatten(value, `${before}${name}.`));
    else found[before + name] = Array.isArray(value) ? value.join(", ") : value === null ? "–" : String(value);
  }
  return found;
}
