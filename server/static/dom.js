// Small helpers on the document. Text from outside becomes text, never markup.

export const $ = (id) => document.getElementById(id);

/** Make an element: properties, attributes (with a dash), event handlers (on...), children. */
export function h(tag, props = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === undefined || value === null) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "class") element.className = value;
    else if (name.includes("-") || name === "role" || name === "for") element.setAttribute(name, value);
    else element[name] = value;
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

/** An icon of the page's sheet. */
export function icon(name) {
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg");
  const use = document.createElementNS(space, "use");
  svg.setAttribute("aria-hidden", "true");
  use.setAttribute("href", `#i-${name}`);
  svg.append(use);
  return svg;
}

/** Put text there, only if it differs: screen readers read a live region at each change. */
export function text(element, words) {
  if (element.textContent !== words) element.textContent = words;
}

/** Let a screen reader say something. */
export function say(words) {
  text($("say"), words);
}

/** A short message at the bottom; with `act` it offers one thing to do, such as to undo. */
export function toast(words, { level = "info", act = null, label = "Undo", seconds = 6 } = {}) {
  const close = () => note.remove();
  const note = h("div", { class: `toast ${level}` }, h("p", {}, words),
    act && h("button", { type: "button", class: "plain", onclick: () => { close(); act(); } }, label),
    h("button", { type: "button", class: "quiet", "aria-label": "Close this message", onclick: close }, "×"));
  $("toasts").append(note);
  while ($("toasts").children.length > 3) $("toasts").firstChild.remove();
  setTimeout(close, 1000 * (level === "error" ? Math.max(seconds, 12) : seconds));
}

/** Run the work of a button; a refusal is shown in the server's own words. */
export async function attempt(button, work) {
  if (button) button.disabled = true;
  try {
    return await work();
  } catch (error) {
    toast(error.message, { level: "error" });
    return undefined;
  } finally {
    if (button) button.disabled = false;
  }
}

/** Give a canvas as many pixels as the screen has for it; null while it is not shown. */
export function fit(canvas) {
  const width = canvas.clientWidth, height = canvas.clientHeight;
  if (!width || !height) return null;
  const ratio = Math.min(window.devicePixelRatio || 1, 3);
  const w = Math.round(width * ratio), ht = Math.round(height * ratio);
  if (canvas.width !== w || canvas.height !== ht) Object.assign(canvas, { width: w, height: ht });
  const context = canvas.getContext("2d");
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  return { context, width, height };
}

/** The value of a colour of style.css in the present theme. */
export const color = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();

/** Let `draw` run at most once per picture of the screen, and again when size or theme changes. */
export function painter(canvas, draw) {
  let asked = false;
  const paint = () => {
    if (asked) return;
    asked = true;
    requestAnimationFrame(() => { asked = false; draw(); });
  };
  new ResizeObserver(paint).observe(canvas);
  document.addEventListener("theme", paint);
  return paint;
}

// How numbers are written

const whole = new Intl.NumberFormat("en");
export const count = (n) => (n === null || n === undefined ? "–" : whole.format(Math.round(n)));
export const short = (n) => n >= 1e6 ? `${+(n / 1e6).toFixed(2)} M` : n >= 10000 ? `${+(n / 1000).toFixed(0)} k` : n >= 1000 ? `${+(n / 1000).toFixed(1)} k` : `${Math.round(n)}`;
export const percent = (share, digits = 1) =>
  share === null || share === undefined ? "–" : `${share >= 0.9995 ? 100 : (100 * share).toFixed(digits)} %`;
export const fixed = (n, digits = 2) => (n === null || n === undefined || Number.isNaN(n) ? "–" : n.toFixed(digits).replace("-", "−"));
export const clock = (seconds) => new Date(1000 * seconds).toLocaleTimeString("en-GB");
export const day = (seconds) => new Date(1000 * seconds).toLocaleString("en-GB", { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" });

export function span(seconds) {
  if (seconds === null || seconds === undefined) return "–";
  if (seconds < 90) return `${Math.max(0, Math.round(seconds))} s`;
  if (seconds < 5400) return `${Math.round(seconds / 60)} min`;
  return `${(seconds / 3600).toFixed(1)} h`;
}

/** The states of a robot, as they are shown. */
export const STATES = {
  idle: "Idle", training: "Training", driving: "Driving", lent: "Lent", hand: "Hand", paused: "Paused", halted: "Halted", failed: "Failed",
};

/** What a run is called. */
export const runName = (run) => run.name || `Run ${run.id}`;
