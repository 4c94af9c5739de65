// Understand: the policy over all sights, through the checkpoints of a run; each move of an episode, looked at closely.

import { PolicyMap, legend, way } from "./policy_map.js";
import { attempt, color, count, fit, fixed, h, painter, percent, runName, text } from "./dom.js";
import { BASE, get, model, on } from "./connection.js";
import * as runs from "./runs.js";

const policies = new Map();
let parts = {}, plane, all = [], run = null, checkpoints = [], wanted = null, episodes = [], pinned = false, follow = true, timer = 0, opened = null, turn = 0;

export function start(section) {
  parts.run = h("select", { id: "u-run", onchange: () => { follow = false; choose(Number(parts.run.value)); } });
  parts.slider = h("input", { type: "range", id: "u-slider", min: 0, max: 0, value: 0, oninput: slide, "aria-describedby": "u-at" });
  parts.at = h("p", { class: "hint", id: "u-at" });
  parts.out = h("p", { class: "hint", "aria-live": "polite" });
  parts.canvas = h("canvas", { tabIndex: 0, role: "img", "aria-label": "No policy yet" });
  parts.empty = h("div", { class: "empty" }, h("p", {}, h("strong", {}, "No policy to look at yet. "), "When a training has stored its first checkpoint, its policy for every sight is drawn here."), h("a", { class: "primary button", href: "#learn" }, "Start a training"));
  const key = h("div", { class: "corner" }, legend());
  parts.map = h("figure", { class: "plane" }, h("div", { class: "glass planes" }, parts.canvas, key), parts.out);
  parts.controls = h("div", { class: "stack" },
    h("div", { class: "field" }, h("label", { for: "u-run" }, "Run"), parts.run),
    h("div", { class: "field" }, h("label", { for: "u-slider" }, "Through its checkpoints"), parts.slider, parts.at));
  parts.episodes = h("select", { id: "u-episode", onchange: () => { pinned = true; open(parts.episodes.value); } });
  parts.earlier = h("button", { type: "button", class: "plain", onclick: () => step(1) }, "Earlier");
  parts.later = h("button", { type: "button", class: "plain", onclick: () => step(-1) }, "Later");
  parts.summary = h("p", { class: "lead" });
  parts.film = h("a", { class: "plain button", download: "", hidden: true }, "Download as a film");
  parts.table = h("div");
  parts.inspector = h("section", { class: "card stack", "aria-labelledby": "h-moves" },
    h("h3", { id: "h-moves" }, "An episode, move by move"),
    h("div", { class: "row" }, h("label", { for: "u-episode" }, "Episode"), parts.episodes, parts.earlier, parts.later, parts.film),
    parts.summary, parts.table);
  parts.policy = h("section", { class: "card", "aria-labelledby": "h-policy" },
    h("div", { class: "understanding" },
      parts.map,
      h("div", { class: "stack" },
        h("h3", { id: "h-policy" }, "What it does for every sight"),
        h("p", { class: "lead" }, "Each square is one sight: how far to the left the target begins, how far to the right it ends. The colour shows where the robot turns; the small arc shows its move, seen from above."),
        parts.controls)));
  section.append(h("div", { class: "stack" }, h("section", { class: "card", hidden: true }, parts.empty), parts.policy, parts.inspector));
  plane = new PolicyMap(parts.canvas, parts.out);
  on("runs", () => refresh(true));
  on("checkpoint", (message) => { if (run && message.run === run.id) later(); });
  on("episode", () => { if (visible() && !pinned) later(); });
  refresh();
}

const visible = () => Boolean(parts.canvas?.offsetParent);
export const show = () => { if (all.length) refresh(true); };

function later() {
  if (!timer) timer = setTimeout(() => { timer = 0; if (visible()) refresh(true); }, 1500);
}

async function refresh(fresh = false) {
  const mine = ++turn; // only the newest question may be answered
  try {
    const found = await runs.list();
    if (mine !== turn) return;
    all = found;
  } catch {
    return;
  }
  const any = all.length > 0;
  parts.empty.parentElement.hidden = any;
  parts.policy.hidden = parts.inspector.hidden = !any;
  if (!any) return;
  parts.run.replaceChildren(...all.map((r) => h("option", { value: r.id }, `${runName(r)}: ${percent(r.success_rate)}, ${count(r.moves)} moves`)));
  const id = follow ? model.state?.run ?? all[0].id : run?.id ?? all[0].id;
  await choose(all.some((r) => r.id === id) ? id : all[0].id, fresh === true);
}

async function choose(id, fresh = true) {
  const changed = run?.id !== id;
  parts.run.value = id;
  run = all.find((r) => r.id === id);
  const atEnd = changed || Number(parts.slider.value) >= checkpoints.length - 1;
  await attempt(null, async () => {
    const found = await get(`/checkpoints?run=${id}`);
    if (run?.id !== id) return;
    checkpoints = found.sort((a, b) => a.moves - b.moves || a.id - b.id);
    if (changed || fresh || !episodes.length) {
      const driven = model.state?.run === id ? await get("/runs/0/episodes?since=0&limit=50").catch(() => []) : [];
      const kept = await latest(id);
      if (run?.id === id) episodes = [...name(driven, 0).reverse(), ...name(kept, id)];
    }
  });
  if (run?.id !== id) return;
  if (changed) pinned = false;
  parts.slider.max = Math.max(0, checkpoints.length - 1);
  parts.slider.disabled = checkpoints.length < 2;
  if (atEnd) parts.slider.value = parts.slider.max;
  slide();
  list();
}

/** Episodes with the run they are found under: 0 for those that were driven, not trained. */
const name = (list, of) => list.map((e) => ({ ...e, of, key: `${of}/${e.number}` }));

/** The stored episodes, the newest first. */
const latest = async (id) => (await get(`/runs/${id}/episodes?limit=200&last=true`)).sort((a, b) => b.number - a.number);

async function slide() {
  const checkpoint = checkpoints[Number(parts.slider.value)];
  if (!checkpoint) {
    text(parts.at, "This run has no checkpoint yet.");
    return plane.show(null, []);
  }
  const marks = checkpoint.marks?.length ? ` (${checkpoint.marks.join(" and ")})` : "";
  const words = `After ${count(checkpoint.moves)} moves${marks}: ${percent(checkpoint.success_rate)} reach the goal${checkpoint.moves_mean ? ` in ${fixed(checkpoint.moves_mean, 1)} moves` : ""}.`;
  text(parts.at, words);
  parts.slider.setAttribute("aria-valuetext", words);
  wanted = checkpoint.id;
  if (!policies.has(checkpoint.id)) {
    const policy = await attempt(null, () => get(`/policy?checkpoint=${checkpoint.id}`));
    if (!policy) return undefined;
    policies.set(checkpoint.id, policy);
    if (policies.size > 60) policies.delete(policies.keys().next().value);
  }
  if (wanted === checkpoint.id) plane.show(policies.get(checkpoint.id), way_());
  return undefined;
}

/** The sights of the episode that is looked at. */
function way_() {
  if (!opened) return model.sights;
  if (!episodes.some((e) => e.key === opened.key)) return [];
  const [first] = opened.steps;
  return [first.x1 === null ? null : [first.x1, first.x2], ...opened.steps.map((s) => (s.after ? [s.after.x1, s.after.x2] : null))];
}

// Episodes

const ENDINGS = { reached: "reached the goal", lost: "lost the target", timeout: "out of moves", halted: "halted", interrupted: "interrupted by the camera" };

const moves = (n) => `${n} move${n === 1 ? "" : "s"}`;

function list() {
  const chosen = parts.episodes.value;
  const option = (e) => h("option", { value: e.key }, `${e.number}: ${ENDINGS[e.ending] ?? e.ending}, ${moves(e.moves)}`);
  const groups = [["Just driven", episodes.filter((e) => e.of === 0)], ["While it learned", episodes.filter((e) => e.of !== 0)]];
  parts.episodes.replaceChildren(...groups.filter(([, some]) => some.length).map(([label, some]) => h("optgroup", { label }, some.map(option))));
  if (episodes.length) {
    parts.episodes.value = pinned && episodes.some((e) => e.key === chosen) ? chosen : episodes[0].key;
    open(parts.episodes.value);
  } else {
    opened = null;
    text(parts.summary, "This run has no stored episode yet; the first ones appear when the training has begun.");
    parts.table.replaceChildren();
  }
  parts.episodes.disabled = !episodes.length;
  for (const button of [parts.earlier, parts.later]) button.hidden = !episodes.length;
}

function step(by) {
  const next = episodes[episodes.findIndex((e) => e.key === parts.episodes.value) + by];
  if (!next) return;
  pinned = true;
  parts.episodes.value = next.key;
  open(next.key);
}

async function open(key) {
  const index = episodes.findIndex((e) => e.key === key);
  parts.later.disabled = index <= 0;
  parts.earlier.disabled = index >= episodes.length - 1;
  if (opened?.key === key) return slide();
  const { of, number } = episodes[index];
  const episode = await attempt(null, () => get(`/runs/${of}/episodes/${number}`));
  if (!episode?.steps.length || parts.episodes.value !== key) return undefined;
  opened = { ...episode, run: of, key };
  text(parts.summary, `${moves(episode.steps.length)}, ${ENDINGS[episode.ending] ?? episode.ending}. Return ${fixed(episode.total_reward)}.`);
  parts.film.hidden = !episode.film;
  parts.film.href = `${BASE}/runs/${of}/episodes/${number}/film.mp4`;
  table(opened);
  return slide();
}

function table(episode) {
  const { steps } = episode;
  const some = (name) => steps.some((s) => s[name] !== null && s[name] !== undefined);
  const pictures = new Set(episode.pictures ?? []);
  const terms = Object.keys(steps[0]?.terms ?? {});
  const head = ["Move", pictures.size ? "Before" : null, pictures.size ? "After" : null, "Sight before, after, goal", "", "Action",
    some("probability") ? "Density" : null, ...terms.map((name) => name[0].toUpperCase() + name.slice(1).replaceAll("_", " ")), "Reward", some("advantage") ? "Advantage" : null].filter((v) => v !== null);
  const goal = policies.get(wanted)?.goal ?? model.state?.goal ?? [0, 0];
  const number = (value, digits = 2) => h("td", { class: `num${value < 0 ? " minus" : ""}` }, value === 0 ? "0" : `${value > 0 ? "+" : ""}${fixed(value, digits)}`);
  const picture = (k, words) => h("td", {}, pictures.has(k) && h("img", { loading: "lazy", width: 96, height: 72, alt: words, src: `${BASE}/runs/${episode.run}/episodes/${episode.number}/frames/${k}.jpg` }));
  const rows = steps.map((s, i) => h("tr", {},
    h("th", { scope: "row" }, i + 1),
    pictures.size > 0 && picture(i, `Before move ${i + 1}`),
    pictures.size > 0 && picture(i + 1, `After move ${i + 1}`),
    h("td", {}, ruler(s, goal)),
    h("td", {}, arc(s)),
    h("td", {}, h("span", {}, `${turning(s)}, ${s.seconds.toFixed(2)} s${s.by_hand ? ", by hand" : ""}`)),
    some("probability") && h("td", { class: "num" }, fixed(s.probability)),
    terms.map((name) => number(s.terms[name])), number(s.reward),
    some("advantage") && number(s.advantage)));
  parts.table.replaceChildren(h("div", { class: "scroll", tabIndex: 0, role: "region", "aria-label": "Moves of the episode" },
    h("table", {}, h("thead", {}, h("tr", {}, head.map((name, i) => name
      ? h("th", { scope: "col", class: i > head.indexOf("Action") ? "num" : "" }, name) : h("td", {})))), h("tbody", {}, rows))));
}

function turning(s) {
  const turn = s.left - s.right;
  return Math.abs(turn) < 0.05 ? "straight" : `${Math.round(100 * Math.abs(turn))} % ${turn < 0 ? "left" : "right"}`;
}

function ruler(s, goal) {
  const slices = model.facts?.slices ?? 1;
  const bar = (sight, name) => {
    const mark = h("i", { class: name });
    if (sight) {
      mark.style.left = `${(100 * sight[0]) / slices}%`;
      mark.style.width = `${(100 * (sight[1] - sight[0] + 1)) / slices}%`;
    }
    return h("div", {}, sight ? mark : null);
  };
  return h("div", { class: "ruler", role: "img", "aria-label": `${s.x1 === null ? "Nothing seen" : `${s.x1} to ${s.x2}`}, then ${s.after ? `${s.after.x1} to ${s.after.x2}` : "nothing seen"}; goal ${goal[0]} to ${goal[1]}` },
    bar(s.x1 === null ? null : [s.x1, s.x2]), bar(s.after && [s.after.x1, s.after.x2]), bar(goal, "goal"));
}

function arc(s) {
  const canvas = h("canvas", { class: "arc", role: "img", "aria-label": "The way of this move" });
  painter(canvas, () => {
    const place = fit(canvas);
    if (!place) return;
    const { context: c, width, height } = place;
    c.clearRect(0, 0, width, height);
    c.strokeStyle = c.fillStyle = color("accent");
    c.lineWidth = 2;
    c.lineCap = "round";
    const [x, y] = way(c, width / 2, height - 6, s.left, s.right, s.seconds, height - 14);
    c.beginPath();
    c.arc(x, y, 3, 0, 2 * Math.PI);
    c.fill();
  });
  return canvas;
}
