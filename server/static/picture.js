// The live picture with its slices, the sight of that very frame, and the goal bracket.

import { fit, painter } from "./dom.js";
import { model, on } from "./connection.js";

const AMBER = "#ffb000", WHITE = "#fafafa", SHADOW = "rgba(16,16,16,";

/** Draw a frame with what was seen in it; `cross` marks a pixel, `box` is drawn instead of the sight. */
export function drawFrame(canvas, frame, goal, cross, box) {
  const place = fit(canvas);
  if (!place || !frame) return;
  const { context: c, width, height } = place;
  const unit = Math.max(1, Math.min(width / 320, height / 240));
  const slices = model.facts?.slices;
  const edge = (slice) => (slice * width) / slices;
  c.imageSmoothingQuality = width < 300 ? "low" : "high"; // a tile is too small to show the difference
  c.drawImage(frame.image, 0, 0, width, height);
  if (!slices) return;
  const ruler = height - Math.max(6, height / 30);
  const sight = box ? null : frame.sight;
  if (sight) {
    c.fillStyle = "rgba(255,176,0,0.2)";
    c.fillRect(edge(sight.x1), 0, edge(sight.x2 + 1) - edge(sight.x1), ruler);
  }
  c.fillStyle = `${SHADOW}0.62)`;
  c.fillRect(0, ruler, width, height - ruler);
  c.fillStyle = "rgba(250,250,250,0.13)";
  if (width >= 6 * slices) for (let s = 1; s < slices; s++) c.fillRect(Math.round(edge(s)), 0, 1, ruler);
  if (sight) {
    const left = edge(sight.x1), right = edge(sight.x2 + 1);
    c.fillStyle = AMBER;
    c.fillRect(left, ruler, right - left, height - ruler);
    for (const x of [left, right]) {
      c.fillStyle = `${SHADOW}0.55)`;
      c.fillRect(x - 1.5 * unit, 0, 3 * unit, height);
      c.fillStyle = AMBER;
      c.fillRect(x - 0.75 * unit, 0, 1.5 * unit, height);
    }
  }
  c.fillStyle = `${SHADOW}0.9)`;
  for (let s = 1; s < slices; s++) c.fillRect(Math.round(edge(s)), ruler, 1, height - ruler);
  if (box) {
    const [x, y] = [width / frame.width, height / frame.height];
    for (const [ink, line] of [[`${SHADOW}0.7)`, 5], [AMBER, 2.5]]) {
      c.strokeStyle = ink;
      c.lineWidth = line;
      c.strokeRect(box[0] * x, box[1] * y, (box[2] + 1 - box[0]) * x, (box[3] + 1 - box[1]) * y);
    }
  }
  if (goal && !box) {
    const left = edge(goal[0]), right = edge(goal[1] + 1), top = 4 * unit, arm = Math.max(8, height / 13);
    for (const [ink, extra] of [[`${SHADOW}0.6)`, 2 * unit], [WHITE, 0]]) {
      c.strokeStyle = ink;
      c.lineWidth = 2 * unit + extra;
      c.lineJoin = c.lineCap = "round";
      c.beginPath();
      c.moveTo(left, top + arm);
      c.lineTo(left, top);
      c.lineTo(right, top);
      c.lineTo(right, top + arm);
      for (const x of [left, right]) {
        c.moveTo(x, ruler - arm * 0.5);
        c.lineTo(x, ruler - 2 * unit);
      }
      c.stroke();
    }
  }
  if (cross) {
    const x = ((cross[0] + 0.5) * width) / frame.width, y = ((cross[1] + 0.5) * height) / frame.height;
    for (const [ink, line] of [["#101010", 5], [WHITE, 2]]) {
      c.strokeStyle = ink;
      c.lineWidth = line;
      c.beginPath();
      c.arc(x, y, 11, 0, 2 * Math.PI);
      for (const [dx, dy] of [[1, 0], [-1, 0], [0, 1], [0, -1]]) {
        c.moveTo(x + 6 * dx, y + 6 * dy);
        c.lineTo(x + 17 * dx, y + 17 * dy);
      }
      c.stroke();
    }
  }
}

/** Show the live picture on a canvas; `held()` may name another frame and a pixel to mark. */
export function live(canvas, held = () => ({})) {
  const paint = painter(canvas, () => {
    const { frame = model.frame, cross, box } = held();
    drawFrame(canvas, frame, model.state?.goal, cross, box);
  });
  on("frame", () => { if (canvas.offsetParent) paint(); });
  for (const type of ["state", "facts"]) on(type, paint);
  return paint;
}

/** What the sight says, in words: now, and how far the goal is. */
export function words(sight, goal) {
  if (!sight) return ["Nothing seen", `The target is not in the picture${(model.state?.detector ?? "color") === "color" ? ", or it has another colour" : ""}.`];
  const now = `Target in slices ${sight.x1} to ${sight.x2}`;
  if (!goal) return [now, ""];
  const wide = sight.x2 - sight.x1 - (goal[1] - goal[0]);
  const aside = (sight.x1 + sight.x2 - goal[0] - goal[1]) / 2;
  const off = Math.max(Math.abs(sight.x1 - goal[0]), Math.abs(sight.x2 - goal[1]));
  const near = model.facts?.tolerance ?? 0;
  if (off <= near) return [now, `At the goal, ${goal[0]} to ${goal[1]}.`];
  const parts = [];
  if (wide < -near) parts.push("still far");
  if (wide > near) parts.push("too near");
  if (Math.abs(aside) > 1) parts.push(`${Math.round(Math.abs(aside))} slices ${aside < 0 ? "left" : "right"}`);
  return [now, `Goal ${goal[0]} to ${goal[1]}${parts.length ? `: ${parts.join(", ")}` : ""}.`];
}
