// One robot: its picture with what was seen in it, its state, its figures, what it knows of itself, and its HALT.

import { STATES, attempt, count, fixed, h, percent, say, text } from "./dom.js";
import { ask, model, on, post } from "./connection.js";
import { halt, known } from "./fleet_halt.js";
import { drawFrame } from "./picture.js";

const LINKS = {
  connecting: "Connecting", unpaired: "Not paired", refused: "Key refused", away: "Away", nobody: "No robot",
  version: "Other version", twin: "Copied card",
};

export class Tile {
  constructor(id, onChosen) {
    this.id = id;
    this.view = null;
    this.frame = null;
    this.visible = false;
    this.newest = null;
    this.decoding = false;
    this.canvas = h("canvas", { role: "img" });
    this.blank = h("p", { class: "blank" });
    this.box = h("input", { type: "checkbox", onchange: onChosen });
    this.name = h("h2");
    this.address = h("small");
    this.state = h("span");
    this.numbers = h("dl", { class: "figures" });
    this.words = h("p", { class: "words" });
    this.problem = h("p", { class: "words problem" });
    this.halt = h("button", { type: "button", class: "halt", onclick: () => halt(this.id) }, "HALT");
    this.acts = h("div", { class: "acts" });
    this.form = this.pairForm();
    this.element = h("li", { class: "card tile" },
      h("header", {}, this.box, this.name,
        h("p", { class: "word" }, h("i", { class: "dot", "aria-hidden": "true" }), this.state), this.address),
      h("div", { class: "glass ratio43" }, this.canvas, this.blank),
      h("div", { class: "below" }, this.numbers, h("div", {}, this.problem, this.words, this.form), this.acts));
    this.element.dataset.id = id;
  }

  get chosen() {
    return this.box.checked;
  }

  pairForm() {
    const id = `code-${this.id}`;
    const code = h("input", { id, required: true, maxLength: 16, autocomplete: "off", spellcheck: false,
      onfocus: () => post(`/robots/${this.id}/code`).catch(() => {}) }); // its terminal shows one from now on
    const button = h("button", { type: "submit", class: "primary" }, "Pair");
    return h("form", { hidden: true, onsubmit: (event) => {
      event.preventDefault();
      attempt(button, async () => {
        await post(`/robots/${this.id}/pair`, { code: code.value.trim() });
        code.value = "";
        say(`${this.view.name} is paired.`);
      });
    } }, h("label", { for: id }, "The code in its terminal"), code, button);
  }

  /** Show what is known of the robot now. */
  show(view, may) {
    const before = this.view;
    this.view = view;
    const connected = view.link === "connected";
    const { element } = this;
    element.dataset.link = view.link;
    element.dataset.state = connected ? view.state : "";
    element.classList.toggle("unconfirmed", view.halting);
    text(this.name, view.name);
    text(this.address, view.address.replace(/^https?:\/\//, ""));
    text(this.state, connected ? (Object.hasOwn(STATES, view.state) ? STATES[view.state] : view.state) : LINKS[view.link] ?? view.link);
    if (before?.name !== view.name) {
      this.box.setAttribute("aria-label", `Choose ${view.name}`);
      this.halt.setAttribute("aria-label", `HALT ${view.name}`);
      this.canvas.setAttribute("aria-label", `Live picture of ${view.name}`);
    }
    const open = connected || view.link === "unpaired" || view.link === "refused";
    if (!open) this.frame = null;
    this.blank.hidden = Boolean(this.frame);
    text(this.blank, !may ? "Pair this device to see its picture." : open ? (connected ? "Waiting for a picture." : "Pair it to see its picture.") : "Not connected.");
    const rows = [[percent(view.success_rate), "success"], [fixed(view.moves_mean, 1), "moves"], [count(view.episodes), "episodes"]];
    const key = JSON.stringify(rows);
    if (this.numbers.dataset.key !== key) {
      this.numbers.dataset.key = key;
      this.numbers.replaceChildren(...rows.map(([value, name]) => h("div", {}, h("dt", {}, name), h("dd", {}, value))));
    }
    this.numbers.hidden = !connected;
    const problem = view.problem || (connected && ["paused", "failed"].includes(view.state) && view.reason !== "paused" ? view.reason : "");
    text(this.problem, problem);
    this.problem.hidden = !problem;
    const known = connected ? view.known.slice(0, 2).join(" ") : "";
    text(this.words, known);
    this.words.hidden = !known;
    this.form.hidden = !(may && ["unpaired", "refused"].includes(view.link));
    this.offer(view, may, connected);
  }

  offer(view, may, connected) {
    const removable = may && ["away", "nobody", "version", "twin"].includes(view.link);
    const resettable = may && connected && view.halted;
    const offered = `${removable} ${resettable}`;
    if (this.offered === offered) return;
    this.offered = offered;
    const sure = h("button", { type: "button", class: "plain", hidden: true, onclick: () => attempt(sure, async () => {
      const [{ done, words }] = await post("/halt/reset", { robots: [this.id], confirm: true });
      if (!done) throw new Error(words);
      say(`${this.view.name} may move again.`);
    }) }, "Yes, let it move");
    this.acts.replaceChildren(this.halt, ...[
      resettable && h("button", { type: "button", class: "plain", "aria-label": `Reset ${view.name}`, onclick: (event) => {
        event.target.hidden = true;
        sure.hidden = false;
        sure.focus();
      } }, "Reset…"),
      resettable && sure,
      removable && h("button", { type: "button", class: "plain", "aria-label": `Remove ${view.name}`, onclick: (event) =>
        attempt(event.target, () => ask("DELETE", `/robots/${this.id}`)) }, "Remove"),
    ].filter(Boolean));
  }

  /** Take a picture; of several that come while one is decoded only the newest is shown. */
  async take(header, jpeg) {
    this.newest = [header, jpeg];
    if (this.decoding) return;
    this.decoding = true;
    while (this.newest) {
      const [head, bytes] = this.newest;
      this.newest = null;
      try {
        const image = await createImageBitmap(new Blob([bytes], { type: "image/jpeg" }));
        this.frame?.image.close();
        this.frame = { ...head, image };
        this.blank.hidden = true;
        paint(this);
      } catch {
        // Half a picture is no picture; the next one comes in a tenth of a second.
      }
    }
    this.decoding = false;
  }
}

// All pictures that have changed are drawn together: each drawing costs the browser a picture of the whole page.
const PAUSE = 80; // milliseconds; a robot sends a picture every 100
const changed = new Set();
let drawn = 0;
function paint(tile) {
  if (!changed.size) setTimeout(() => requestAnimationFrame(draw), Math.max(0, drawn + PAUSE - performance.now()));
  changed.add(tile);
}
function draw() {
  drawn = performance.now();
  for (const tile of changed) {
    const [first, last] = tile.view?.goal ?? [0, 0];
    if (tile.visible && tile.frame) drawFrame(tile.canvas, tile.frame, last > first ? [first, last] : null);
  }
  changed.clear();
}
const learn = ({ slices }) => { model.facts = { slices }; };
on("room", learn);
if (known.room) learn(known.room);
