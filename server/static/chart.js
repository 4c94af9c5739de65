// Line charts on canvas: hover or arrow keys read values, a drag zooms to a range, runs lie over each other.

import { color, count, fit, h, painter, short } from "./dom.js";

const INK = ["accent", "c2", "c3", "c4", "c5"];
export const lineColor = (index) => color(INK[index % INK.length]);

/** Charts that share one range of x and one cursor. */
export class Group {
  constructor() {
    this.charts = new Set();
    this.range = null;
    this.cursor = null;
    this.log = false;
  }

  paint() {
    for (const chart of this.charts) chart.paint();
  }

  zoom(range) {
    this.range = range;
    this.changed?.();
    this.paint();
  }

  point(x) {
    this.cursor = x;
    this.paint();
  }
}

/**
 * A chart in a <figure>. Options: title, note, format (a value in words), low and high (ends of y; high may be
 * left out), line (a level that is marked), group, ticks ([value, word] of y), unit (of x, in words).
 */
export class Chart {
  constructor(figure, options) {
    Object.assign(this, { low: null, high: null, format: (v) => v.toFixed(2), group: new Group(), bare: false, unit: "moves" }, options);
    this.series = [];
    this.out = h("output", { class: "reading" });
    this.where = h("span", { class: "where" });
    this.canvas = h("canvas", { tabIndex: 0, role: "img" });
    figure.classList.add("chart");
    figure.replaceChildren(
      h("figcaption", {}, h("span", { class: "name" }, this.title), this.where, this.out),
      h("div", { class: "plot" }, this.canvas));
    this.paint = painter(this.canvas, () => this.draw());
    this.group.charts.add(this);
    this.listen();
  }

  /** Lines to draw: [{name, points: [[x, y], ...], ink (index of a colour)}], the first one is read. */
  show(series) {
    this.series = series;
    const last = series[0]?.points.at(-1);
    const first = series[0]?.points.find((point) => point[1] !== null);
    this.canvas.setAttribute("aria-label", last && first
      ? `${this.title}: from ${this.format(first[1])} to ${this.word(last[1])} after ${count(last[0])} ${this.unit}. Arrow keys read values, plus and minus zoom.`
      : `${this.title}: no values yet`);
    this.paint();
  }

  word(value) {
    return value === null || value === undefined ? "–" : this.format(value);
  }

  // Places

  spanOf() {
    const xs = this.series.flatMap(({ points }) => (points.length ? [points[0][0], points.at(-1)[0]] : []));
    if (!xs.length) return [0, 1];
    const least = Math.max(0, Math.min(...xs)), most = Math.max(...xs, 1);
    if (!this.group.log) return [least, most];
    const shortest = Math.min(...this.series.filter(({ points }) => points.length).map(({ points }) => points.at(-1)[0]));
    return [Math.max(least, shortest > 20000 ? 1000 : 10), most];
  }

  range() {
    return this.group.range ?? this.spanOf();
  }

  scale(v) {
    return this.group.log ? Math.log(Math.max(v, 1)) : v;
  }

  toX(v) {
    const [a, b] = this.range(), { left, right } = this.box;
    return left + ((this.scale(v) - this.scale(a)) / (this.scale(b) - this.scale(a) || 1)) * (right - left);
  }

  fromX(px) {
    const [a, b] = this.range(), { left, right } = this.box;
    const v = this.scale(a) + ((px - left) / (right - left)) * (this.scale(b) - this.scale(a));
    return this.group.log ? Math.exp(v) : v;
  }

  draw() {
    const place = fit(this.canvas);
    if (!place) return;
    const { context: c, width, height } = place;
    c.clearRect(0, 0, width, height);
    const small = this.bare;
    const box = (this.box = { left: 48, right: width - 10, top: 8, bottom: height - 22 });
    const [a, b] = this.range();
    const shown = this.series.map((line) => ({ ...line, points: within(line.points, a, b) }));
    const values = shown.flatMap(({ points }) => points.map((p) => p[1]).filter((v) => v !== null && Number.isFinite(v)));
    let low = this.low ?? Math.min(...values, Infinity), high = this.high ?? Math.max(...values, -Infinity);
    if (!values.length) [low, high] = [this.low ?? 0, this.high ?? 1];
    if (high - low < 1e-6) high = low + 1;
    if (this.high === null && values.length) high += 0.06 * (high - low);
    if (this.low === null && values.length) low -= 0.06 * (high - low);
    const y = (v) => box.bottom - ((v - low) / (high - low)) * (box.bottom - box.top);
    c.font = `12px ${getComputedStyle(this.canvas).fontFamily}`;
    c.lineWidth = 1;
    // Levels
    c.textAlign = "right";
    c.textBaseline = "middle";
    const ticks = this.ticks ?? steps(low, high, small ? 2 : 4).map((v) => [v, label(v)]);
    for (const [v, word] of ticks) {
      if (v < low || v > high) continue;
      c.fillStyle = color("line");
      c.fillRect(box.left, Math.round(y(v)), box.right - box.left, 1);
      c.fillStyle = color("ink-2");
      c.fillText(word, box.left - 8, y(v));
    }
    if (this.line !== undefined && this.line > low && this.line < high) {
      c.strokeStyle = color("ink-2");
      c.setLineDash([2, 4]);
      c.beginPath();
      c.moveTo(box.left, y(this.line));
      c.lineTo(box.right, y(this.line));
      c.stroke();
      c.setLineDash([]);
    }
    // Moves
    c.textBaseline = "top";
    c.textAlign = "center";
    c.fillStyle = color("ink-2");
    let free = -Infinity;
    for (const v of this.group.log ? decades(a, b) : steps(a, b, Math.max(2, Math.floor(width / 130)))) {
      const word = short(v), half = c.measureText(word).width / 2;
      const px = Math.min(Math.max(this.toX(v), box.left + half - 6), box.right - half + 8);
      if (px - half < free + 12) continue;
      c.fillText(word, px, box.bottom + 7);
      free = px + half;
    }
    // Lines, this run on top
    c.save();
    c.beginPath();
    c.rect(box.left, 0, box.right - box.left + 10, height);
    c.clip();
    c.lineJoin = c.lineCap = "round";
    for (const line of [...shown].reverse()) {
      const points = thin(line.points, (v) => this.toX(v), Math.max(60, (box.right - box.left) * 0.4));
      c.strokeStyle = lineColor(line.ink ?? 0);
      c.lineWidth = line.ink ? 1.5 : 2.25;
      c.setLineDash(line.dashed ? [6, 5] : []);
      c.beginPath();
      let pen = false;
      for (const [vx, vy] of points) {
        if (vy === null || !Number.isFinite(vy)) { pen = false; continue; }
        if (pen) c.lineTo(this.toX(vx), y(vy));
        else c.moveTo(this.toX(vx), y(vy));
        pen = true;
      }
      c.stroke();
      c.setLineDash([]);
      const end = points.at(-1);
      if (end && !line.ink && end[1] !== null) dot(c, this.toX(end[0]), y(end[1]), c.strokeStyle);
    }
    c.restore();
    // Cursor, and the range that is being drawn
    const { cursor } = this.group;
    if (cursor !== null && cursor >= a && cursor <= b && shown.some(({ points }) => points.length)) {
      c.fillStyle = color("ink-2");
      c.fillRect(Math.round(this.toX(cursor)), box.top, 1, box.bottom - box.top);
      for (const line of [...shown].reverse()) {
        const point = nearest(line.points, cursor);
        if (point && point[1] !== null) dot(c, this.toX(point[0]), y(point[1]), lineColor(line.ink ?? 0));
      }
    }
    if (this.group.drag) {
      const [from, to] = this.group.drag.map((v) => this.toX(v));
      c.globalAlpha = 0.14;
      c.fillStyle = color("accent");
      c.fillRect(Math.min(from, to), box.top, Math.abs(to - from), box.bottom - box.top);
      c.globalAlpha = 1;
    }
    this.read(shown, cursor);
  }

  read(shown, cursor) {
    const parts = [];
    let where = "";
    for (const line of shown) {
      const point = cursor === null ? line.points.at(-1) : nearest(line.points, cursor);
      if (!point) continue;
      if (!parts.length && cursor !== null) where = `at ${count(point[0])}`;
      const item = h("span", {}, shown.length > 1 ? `${line.name} ` : "", h("b", {}, this.word(point[1])));
      item.style.setProperty("--ink-of", lineColor(line.ink ?? 0));
      parts.push(item);
    }
    const key = where + parts.map((part) => part.textContent).join("|");
    if (key !== this.key) {
      this.key = key;
      this.out.replaceChildren(...parts);
      this.where.textContent = where;
    }
  }

  listen() {
    const { canvas, group } = this;
    const at = (event) => Math.min(Math.max(this.fromX(event.clientX - canvas.getBoundingClientRect().left), this.range()[0]), this.range()[1]);
    canvas.addEventListener("pointerdown", (event) => {
      if (!this.box || this.bare) return;
      canvas.setPointerCapture(event.pointerId);
      const v = at(event);
      group.drag = [v, v];
    });
    canvas.addEventListener("pointermove", (event) => {
      if (!this.box) return;
      const v = at(event);
      if (group.drag) group.drag[1] = v;
      group.point(v);
    });
    canvas.addEventListener("pointerup", () => {
      const drag = group.drag;
      group.drag = null;
      if (drag && Math.abs(this.toX(drag[0]) - this.toX(drag[1])) > 8) group.zoom([...drag].sort((p, q) => p - q));
      else group.paint();
    });
    canvas.addEventListener("pointercancel", () => { group.drag = null; group.point(null); });
    canvas.addEventListener("pointerleave", () => { if (!group.drag) group.point(null); });
    canvas.addEventListener("dblclick", () => group.zoom(null));
    canvas.addEventListener("blur", () => group.point(null));
    canvas.addEventListener("keydown", (event) => {
      if (!this.box) return;
      const { left, right } = this.box, [a, b] = this.range();
      const px = this.toX(group.cursor ?? b), step = event.shiftKey ? 40 : 8;
      if (event.key === "ArrowLeft") group.point(this.fromX(Math.max(px - step, left)));
      else if (event.key === "ArrowRight") group.point(this.fromX(Math.min(px + step, right)));
      else if (event.key === "Home") group.point(a);
      else if (event.key === "End") group.point(b);
      else if (!this.bare && (event.key === "+" || event.key === "=")) group.zoom([this.fromX(Math.max(left, px - (right - left) / 4)), this.fromX(Math.min(right, px + (right - left) / 4))]);
      else if (event.key === "-" || event.key === "0") group.zoom(null);
      else return;
      event.preventDefault();
    });
  }
}

function dot(c, x, y, ink) {
  c.fillStyle = color("card");
  c.beginPath();
  c.arc(x, y, 5, 0, 2 * Math.PI);
  c.fill();
  c.fillStyle = ink;
  c.beginPath();
  c.arc(x, y, 3.25, 0, 2 * Math.PI);
  c.fill();
}

/** Points in the range, and one more to each side, so that lines go to the edge. */
function within(points, a, b) {
  let first = points.findIndex((p) => p[0] >= a);
  if (first < 0) return [];
  let last = points.length - 1;
  while (last > first && points[last][0] > b) last--;
  first = Math.max(0, first - 1);
  return points.slice(first, last + (points[last + 1] ? 2 : 1));
}

/** At most one point for each pixel or so: the mean of those that fall together. */
function thin(points, toX, places) {
  if (points.length <= places) return points;
  const [first, last] = [toX(points[0][0]), toX(points.at(-1)[0])];
  const bins = new Map();
  for (const [x, y] of points) {
    if (y === null) continue;
    const bin = Math.floor(((toX(x) - first) / (last - first || 1)) * places);
    const sum = bins.get(bin) ?? [0, 0, 0];
    bins.set(bin, [sum[0] + x, sum[1] + y, sum[2] + 1]);
  }
  return [...bins.values()].map(([x, y, n]) => [x / n, y / n]);
}

function nearest(points, x) {
  let best = null;
  for (const point of points) if (point[1] !== null && (!best || Math.abs(point[0] - x) <= Math.abs(best[0] - x))) best = point;
  return best;
}

function steps(low, high, wanted) {
  const raw = (high - low) / wanted, size = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].map((k) => k * size).find((s) => s >= raw * 0.999);
  const found = [];
  for (let v = Math.ceil(low / step - 1e-9) * step; v <= high + 1e-9 * step; v += step) found.push(v);
  return found;
}

function decades(low, high) {
  const found = [];
  for (let power = 10 ** Math.floor(Math.log10(Math.max(low, 1))); power <= high; power *= 10) {
    for (const k of high / Math.max(low, 1) > 60 ? [1, 3] : [1, 2, 5]) if (k * power >= low * 0.999 && k * power <= high) found.push(k * power);
  }
  return found;
}

const label = (v) => (Math.abs(v) >= 1000 ? short(v) : `${+v.toFixed(2)}`).replace("-", "−");

/** What is drawn of a run: success by evaluations on held-out starts where there are any, else while exploring. */
export function lines(run) {
  const tried = run.evaluations?.length > 1 ? run.evaluations : null;
  const updates = run.updates ?? [];
  return {
    success: (tried ?? updates).map((row) => [row.moves, row.success_rate]),
    moves: tried ? tried.map((row) => [row.moves, row.moves_mean]) : updates.map((row) => [row.moves, row.episode_moves]),
    return: updates.map((row) => [row.moves, row.mean_return ?? null]),
    entropy: updates.map((row) => [row.moves, row.entropy ?? null]),
  };
}

export const SUCCESS = { title: "Reach the goal", format: (v) => `${v >= 0.9995 ? 100 : (100 * v).toFixed(1)} %`, low: 0, high: 1.02, line: 0.95, ticks: [[0, "0"], [0.5, "50"], [1, "100 %"]] };
