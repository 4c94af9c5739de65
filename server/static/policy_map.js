// The policy for every sight: the colour shows the turn, the small arc the move; faint arcs are unsure.

import { color, fit, h, painter, text } from "./dom.js";
import { model } from "./connection.js";

function mix(a, b, share) {
  const part = (hex, i) => parseInt(hex.slice(1 + 2 * i, 3 + 2 * i), 16);
  return `rgb(${[0, 1, 2].map((i) => Math.round(part(a, i) + (part(b, i) - part(a, i)) * share)).join(",")})`;
}

/** The colour of a curvature in [0, 1]: 0 hard left, 1 hard right; strongest at half a turn already. */
export function turnColor(curvature) {
  const turn = 2 * curvature - 1, share = Math.min(1, Math.abs(turn) * 1.35);
  return mix(color("straight"), color(turn < 0 ? "turn-left" : "turn-right"), share ** 0.8);
}

/**
 * The arc of a pulse as robot_agent/simulator/kinematics.py has it: [ahead, to the left, turn to the left], metres and
 * radians, for wheels in shares of full speed. A test holds the two together.
 */
export function move({ full_speed, wheel_base }, left, right, seconds) {
  const length = (full_speed * seconds * (left + right)) / 2, turn = (full_speed * seconds * (right - left)) / wheel_base;
  const chord = Math.abs(turn) < 1e-6 ? length : (2 * length * Math.sin(turn / 2)) / turn;
  return [chord * Math.cos(turn / 2), chord * Math.sin(turn / 2), turn];
}

/** Draw the way of a pulse from above, up is ahead, from (x, y); a second at full speed is `size` pixels long. */
export function way(c, x, y, left, right, seconds, size) {
  const physics = model.facts?.physics;
  if (!physics) return [x, y];
  const scale = size / physics.full_speed, parts = 10;
  let end = [x, y];
  c.beginPath();
  c.moveTo(x, y);
  for (let i = 1; i <= parts; i++) {
    const [ahead, aside] = move(physics, left, right, (seconds * i) / parts);
    end = [x - aside * scale, y - ahead * scale];
    c.lineTo(...end);
  }
  c.stroke();
  return end;
}

/** Standard deviation of N(mean, sigma) after clipping to [0, 1], as actions are clipped. */
function clipped(mean, sigma) {
  if (!(sigma > 0)) return 0;
  const bell = (z) => Math.exp(-z * z / 2) / Math.sqrt(2 * Math.PI);
  const below = (z) => { // Abramowitz and Stegun, 26.2.17
    const t = 1 / (1 + 0.2316419 * Math.abs(z));
    const tail = bell(z) * t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
    return z > 0 ? 1 - tail : tail;
  };
  const a = -mean / sigma, b = (1 - mean) / sigma, inside = below(b) - below(a), above = 1 - below(b);
  const first = mean * inside + sigma * (bell(a) - bell(b)) + above;
  const second = (mean ** 2 + sigma ** 2) * inside + sigma * (mean * bell(a) - (mean + 1) * bell(b)) + above;
  return Math.sqrt(Math.max(0, second - first ** 2));
}

export class PolicyMap {
  constructor(canvas, out) {
    Object.assign(this, { canvas, out, policy: null, sights: [], cell: null });
    this.paint = painter(canvas, () => this.draw());
    canvas.addEventListener("pointermove", (event) => this.point(event));
    canvas.addEventListener("pointerdown", (event) => this.point(event));
    canvas.addEventListener("pointerleave", () => this.choose(null));
    canvas.addEventListener("keydown", (event) => {
      const steps = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
      if (!steps[event.key]) return;
      event.preventDefault();
      const [x1, x2] = this.cell ?? this.policy?.goal ?? [0, 0];
      this.choose([x1 + steps[event.key][0], x2 + steps[event.key][1]]);
    });
  }

  get slices() {
    return model.facts?.slices ?? 1;
  }

  show(policy, sights) {
    this.policy = policy;
    this.sights = sights ?? [];
    this.table = new Map((policy?.cells ?? []).map((cell) => [cell[0] * this.slices + cell[1], cell]));
    this.canvas.setAttribute("aria-label", policy
      ? "What the policy does for every sight. First slice to the right, last slice upward. Arrow keys read a sight."
      : "No policy yet");
    this.tell();
    this.paint();
  }

  point(event) {
    if (!this.box) return;
    const box = this.canvas.getBoundingClientRect(), { left, bottom, size } = this.box, { slices } = this;
    const x1 = Math.floor(((event.clientX - box.left - left) / size) * slices);
    const x2 = Math.floor(((bottom - (event.clientY - box.top)) / size) * slices);
    this.choose(x1 >= 0 && x1 <= x2 && x2 < slices ? [x1, x2] : null);
  }

  choose(cell) {
    this.cell = cell && [Math.min(Math.max(cell[0], 0), this.slices - 1), Math.min(Math.max(cell[1], cell[0], 0), this.slices - 1)];
    this.tell();
    this.paint();
  }

  tell() {
    const found = this.cell && this.table?.get(this.cell[0] * this.slices + this.cell[1]);
    if (!found) return text(this.out, this.policy ? "Point at a sight to read what it does there." : "");
    const [x1, x2, curvature, duration, left, right] = found;
    const turn = 2 * curvature - 1;
    const where = Math.abs(turn) < 0.05 ? "straight on" : `${Math.abs(turn) > 0.6 ? "hard " : Math.abs(turn) < 0.2 ? "slightly " : ""}${turn < 0 ? "left" : "right"}`;
    return text(this.out, `Sight ${x1} to ${x2}: ${where} for ${duration.toFixed(2)} s, wheels ${Math.round(100 * left)} % and ${Math.round(100 * right)} %.`);
  }

  draw() {
    const place = fit(this.canvas);
    if (!place) return;
    const { context: c, width, height } = place;
    c.clearRect(0, 0, width, height);
    const left = 46, size = Math.min(width - left - 6, height - 40), bottom = size + 6;
    this.box = { left, bottom, size };
    const { slices } = this, unit = size / slices, ticks = [0, 10, 20, 30, slices - 1];
    const x = (slice) => left + slice * unit, y = (slice) => bottom - (slice + 1) * unit;
    const ink = color("ink"), soft = color("ink-2");
    c.font = `12px ${getComputedStyle(this.canvas).fontFamily}`;
    c.fillStyle = soft;
    c.textAlign = "center";
    c.textBaseline = "top";
    for (const slice of ticks) c.fillText(slice, x(slice + 0.5), bottom + 6);
    c.fillText("first slice of the target, x1", left + size / 2, bottom + 21);
    c.textAlign = "right";
    c.textBaseline = "middle";
    for (const slice of ticks) c.fillText(slice, left - 7, y(slice - 0.5));
    c.save();
    c.translate(9, bottom - size / 2);
    c.rotate(-Math.PI / 2);
    c.textAlign = "center";
    c.fillText("last slice, x2", 0, 0);
    c.restore();
    if (!this.policy) return;
    const { cells, goal, std } = this.policy;
    for (const [x1, x2, curvature] of cells) {
      c.fillStyle = turnColor(curvature);
      c.fillRect(x(x1), y(x2), unit + 0.6, unit + 0.6);
    }
    c.lineCap = c.lineJoin = "round";
    const every = unit < 10 ? 4 : 3;
    c.lineWidth = Math.max(1.25, unit / 9);
    // u is in [-1, 1] and stands for a share in [0, 1]: half as wide. The last of std is the duration's.
    const sigmas = (std ?? []).map((v) => v / 2);
    for (const [x1, x2, curvature, duration, l, r] of cells) {
      if (x1 % every !== 1 || x2 % every !== 1) continue;
      const unsure = Math.hypot(clipped(curvature, sigmas[0]), clipped(duration, sigmas.at(-1)));
      c.globalAlpha = Math.max(0.15, 0.95 / (1 + (unsure / 0.055) ** 2));
      c.strokeStyle = c.fillStyle = ink;
      const px = x(x1 + 0.5), py = y(x2 - 0.5) + (duration * unit * every * 0.92) / 2;
      c.beginPath();
      c.arc(px, py, c.lineWidth * 0.95, 0, 2 * Math.PI);
      c.fill();
      way(c, px, py, l, r, duration, unit * every * 0.92);
    }
    c.globalAlpha = 1;
    // The goal, and the way of the last episode to it
    const reach = this.policy.tolerance ?? model.facts?.tolerance ?? 0;
    const g = [x(goal[0] - reach), y(goal[1] + reach), unit * (2 * reach + 1)];
    for (const [tone, line] of [[color("card"), 5], [ink, 2]]) {
      c.strokeStyle = tone;
      c.lineWidth = line;
      c.strokeRect(g[0], g[1], g[2], g[2]);
    }
    c.fillStyle = ink;
    c.textAlign = "center";
    c.textBaseline = "alphabetic";
    c.font = `600 13px ${getComputedStyle(this.canvas).fontFamily}`;
    c.lineWidth = 4;
    c.strokeStyle = color("card");
    c.strokeText("goal", g[0] + g[2] / 2, g[1] - 6);
    c.fillText("goal", g[0] + g[2] / 2, g[1] - 6);
    const seen = this.sights.filter(Boolean);
    if (seen.length) {
      for (const [tone, line] of [[color("card"), 6], [color("path"), 2.5]]) {
        c.strokeStyle = tone;
        c.lineWidth = line;
        c.beginPath();
        for (const [x1, x2] of seen) c.lineTo(x(x1 + 0.5), y(x2 - 0.5));
        c.stroke();
      }
      seen.forEach(([x1, x2], index) => {
        c.fillStyle = color("card");
        c.beginPath();
        c.arc(x(x1 + 0.5), y(x2 - 0.5), index ? 5 : 7, 0, 2 * Math.PI);
        c.fill();
        c.fillStyle = color("path");
        c.beginPath();
        c.arc(x(x1 + 0.5), y(x2 - 0.5), index ? 3.5 : 5, 0, 2 * Math.PI);
        c.fill();
      });
    }
    if (this.cell) {
      c.strokeStyle = ink;
      c.lineWidth = 2;
      c.strokeRect(x(this.cell[0]), y(this.cell[1]), unit, unit);
    }
  }
}

/** The key to the picture, drawn in the corner that no sight is in. */
export function legend() {
  const canvas = h("canvas", { role: "img", "aria-label": "Key: blue turns left, orange turns right; a longer way is a longer move; a faint one is unsure" });
  const paint = painter(canvas, () => {
    const place = fit(canvas);
    if (!place) return;
    const { context: c, width, height } = place;
    c.clearRect(0, 0, width, height);
    const bar = Math.min(width, 190);
    for (let i = 0; i < bar; i++) {
      c.fillStyle = turnColor(i / bar);
      c.fillRect(width - bar + i, 0, 1.5, 10);
    }
    c.fillStyle = color("ink-2");
    c.font = `12px ${getComputedStyle(canvas).fontFamily}`;
    c.textBaseline = "top";
    c.textAlign = "left";
    c.fillText("turns left", width - bar, 15);
    c.textAlign = "right";
    c.fillText("right", width, 15);
    c.strokeStyle = c.fillStyle = color("ink");
    c.lineCap = "round";
    c.lineWidth = 1.75;
    const words = ["short", "long", "unsure"];
    words.forEach((word, i) => {
      const px = width - bar + 16 + (i * (bar - 36)) / 2;
      c.globalAlpha = i === 2 ? 0.2 : 0.95;
      c.beginPath();
      c.arc(px, height - 24, 1.8, 0, 2 * Math.PI);
      c.fill();
      way(c, px, height - 24, 0.5, 0.5 + (i - 1) * 0.1, i ? 1 : 0.3, 26);
      c.globalAlpha = 1;
      c.textAlign = "center";
      c.fillStyle = color("ink-2");
      c.fillText(word, px, height - 15);
      c.fillStyle = color("ink");
    });
  });
  paint();
  return canvas;
}
