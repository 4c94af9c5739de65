// A policy or a fit for the chosen robots, from one of the room or from a file.

import { $, attempt, h, text } from "./dom.js";
import { ask, post } from "./connection.js";

export function start(chosen, all) {
  const what = () => new FormData($("sending-form")).get("what");
  const shape = () => {
    const file = what() === "file";
    $("sending-source").hidden = file;
    $("sending-file").hidden = !file;
  };
  for (const radio of $("sending-form").elements.what) radio.addEventListener("change", shape);
  $("send").addEventListener("click", () => {
    const able = all().filter((tile) => tile.view?.link === "connected");
    const before = $("source").value;
    $("source").replaceChildren(...able.map((tile) => h("option", { value: tile.id }, tile.view.name)));
    if (able.some((tile) => tile.id === before)) $("source").value = before;
    text($("sending-to"), `To ${chosen().map((tile) => tile.view?.name ?? tile.id).join(", ")}.`);
    text($("sending-error"), "");
    $("sending-results").replaceChildren();
    shape();
    $("sending").show(); // not modal: HALT ALL stays within reach
    $("sending-title").scrollIntoView({ block: "nearest" });
    $("sending-form").elements.what[0].focus();
  });
  $("sending-close").addEventListener("click", () => { $("sending").close(); $("send").focus(); });
  $("sending-form").addEventListener("submit", (event) => {
    event.preventDefault();
    text($("sending-error"), "");
    $("sending-results").replaceChildren();
    attempt($("sending-yes"), async () => {
      try {
        const results = await send(what(), chosen().map((tile) => tile.id));
        $("sending-results").replaceChildren(...results.map(({ name, done, words }) =>
          h("li", { class: done ? "" : "failed" }, h("b", {}, name), words)));
      } catch (error) {
        text($("sending-error"), error.message);
      }
    });
  });
}

async function send(what, robots) {
  if (!robots.length) throw new Error("No robot is chosen; tick those that are to get it.");
  if (what === "file") {
    const [file] = $("file").files;
    if (!file) throw new Error("Choose a file first.");
    if (file.size > 2_000_000) throw new Error("That file is larger than 2 MB; a policy has some ten kilobytes.");
    const names = new URLSearchParams([["name", file.name.slice(0, 80)], ...robots.map((id) => ["robot", id])]);
    return ask("POST", `/checkpoints/upload?${names}`, file);
  }
  const source = $("source").value;
  if (!source) throw new Error("No robot is connected that could give it.");
  const others = robots.filter((id) => id !== source);
  if (!others.length) throw new Error("Only the robot that gives it is chosen; tick others.");
  return post({ fit: "/fits", adapted: "/adapted", policy: "/policies" }[what], { source, robots: others });
}
