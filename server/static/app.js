// The page: which view is shown, the theme, pairing. Everything else is a module of its own.

import { $, say, toast } from "./dom.js";
import { on } from "./connection.js";
import { pairing } from "./pairing.js";
import { start as startSee } from "./see.js";

const VIEWS = ["see", "learn", "understand", "drive", "keep", "health"];
const started = new Map([["see", Promise.resolve({})]]);
let shown = null;

async function route(first = false) {
  const name = VIEWS.includes(location.hash.slice(1)) ? location.hash.slice(1) : "see";
  if (name === shown) return;
  const left = shown;
  shown = name;
  for (const view of VIEWS) $(`view-${view}`).hidden = view !== name;
  for (const link of document.querySelectorAll(".tabs a")) {
    if (link.hash === `#${name}`) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  document.title = `${name[0].toUpperCase()}${name.slice(1)} · robot-agent`;
  if (first !== true) {
    scrollTo(0, 0);
    $(`h-${name}`).focus({ preventScroll: true });
  }
  if (left) (await started.get(left))?.hide?.();
  if (!started.has(name)) {
    started.set(name, import(`./${name}.js`).then((module) => { module.start($(`view-${name}`)); return module; }));
  }
  try {
    (await started.get(name))?.show?.();
  } catch {
    started.delete(name);
    toast("This view could not be loaded; check the connection and choose it again.", { level: "error" });
    shown = null;
  }
}

// Light or dark: the system's choice, until a person chooses.
const dark = matchMedia("(prefers-color-scheme: dark)");
const chosen = () => { try { return localStorage.getItem("theme"); } catch { return null; } };
function theme(name = chosen() ?? (dark.matches ? "dark" : "light")) {
  document.documentElement.dataset.theme = name;
  document.dispatchEvent(new Event("theme"));
}
dark.addEventListener("change", () => theme());
$("theme").addEventListener("click", () => {
  const name = document.documentElement.dataset.theme === "dark" ? "light" : "dark";
  try { localStorage.setItem("theme", name); } catch { /* a private window forgets it */ }
  theme(name);
  say(`The page is ${name} now.`);
});

on("notice", (message) => toast(message.text, { level: message.level === "error" ? "error" : "info" }));

theme();
startSee();
addEventListener("hashchange", route);
route(true);
pairing();
