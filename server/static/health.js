// Health: what was found of the training, of the machine and of a script of one's own, each with its cure.

import { attempt, h, say } from "./dom.js";
import { get, on } from "./connection.js";
import { whatIsThis } from "./explain.js";
import { card as scriptCard } from "./script_report.js";

const LEVELS = { fault: ["Fault", 0], warning: ["Look at it", 1], good: ["Good", 2], skipped: ["Not looked at", 3] };
let training, machine;

export function start(section) {
  training = part("Training", "/health", "Nothing to report. When a training does not learn, the reason and what to do about it appear here.");
  machine = part("Robot and computer", "/check", "Nothing was found. Run robot-agent check in the terminal.");
  section.append(h("div", { class: "stack" }, h("div", { class: "two" }, training.card, machine.card), scriptCard(section),
    h("p", {}, h("a", { href: "./explain/" }, "All findings, each explained with an experiment"))));
  on("runs", () => training.refresh());
  training.refresh();
  machine.refresh();
}

export const show = () => training?.refresh();

function part(title, path, nothing) {
  const id = `part-${path.slice(1)}`;
  const list = h("ul", {}, h("li", { class: "hint" }, "Looking."));
  const button = h("button", { type: "button", class: "plain", onclick: () => attempt(button, async () => { await read(); say(`${title}: looked again.`); }) }, "Look again");
  const card = h("section", { class: "card stack", "aria-labelledby": id }, h("div", { class: "row spread" }, h("h3", { id }, title), button), list);
  async function read() {
    const found = (await get(path)).findings ?? [];
    found.sort((a, b) => (LEVELS[a.level]?.[1] ?? 9) - (LEVELS[b.level]?.[1] ?? 9));
    list.replaceChildren(...(found.length ? found.map(finding) : [h("li", {}, nothing)]));
  }
  return { card, refresh: () => read().catch((error) => list.replaceChildren(h("li", {}, error.message))) };
}

function finding({ name, level, seen, cure }) {
  const item = h("li", { class: "finding" }, h("span", { class: "level-word" }, LEVELS[level]?.[0] ?? level),
    h("div", {}, h("div", { class: "row" }, h("h4", {}, name.replaceAll("-", " ")), whatIsThis(name)), h("p", { class: "seen" }, seen),
      cure ? h("p", { class: "cure" }, h("strong", {}, "To do: "), cure) : null));
  item.dataset.level = level;
  return item;
}
