// The simulated room from above: the robot, its path, what it sees, the target.

import { color, fit, painter } from "./dom.js";
import { model, on } from "./connection.js";

const REACH = 2.1; // metres shown to each side of the target; rings are drawn up to 2 m

export function above(canvas) {
  const paint = painter(canvas, () => draw(canvas));
  for (const type of ["pose", "episode", "state", "facts"]) on(type, () => { if (canvas.offsetParent) paint(); });
  return paint;
}

function draw(canvas) {
  const place = fit(canvas);
  if (!place) return;
  const { context: c, width, height } = place;
  const scale = Math.min(width, height) / 2 / REACH;
  const x = (metres) => width / 2 + metres * scale, y = (metres) => height / 2 - metres * scale;
  const ink = color("ink"), quiet = color("line"), accent = color("accent"), soft = color("ink-2");
  c.clearRect(0, 0, width, height);
  c.lineJoin = c.lineCap = "round";
  // Rings: metres from the target.
  c.font = `12px ${getComputedStyle(canvas).fontFamily}`;
  c.textAlign = "center";
  for (const ring of [0.5, 1, 1.5, 2]) {
    c.strokeStyle = quiet;
    c.lineWidth = 1;
    c.beginPath();
    c.arc(x(0), y(0), ring * scale, 0, 2 * Math.PI);
    c.stroke();
    if (ring % 1 === 0) {
      c.fillStyle = soft;
      c.fillText(`${ring} m`, x(0), y(-ring) - 6);
    }
  }
  const { pose, path, last } = model;
  if (last?.path?.length) {
    c.globalAlpha = 0.35;
    line(c, last.path, x, y, soft, 1.5);
    c.globalAlpha = 1;
  }
  const physics = model.facts?.physics;
  if (pose && physics) {
    const view = pose.field_of_view ?? physics.field_of_view, far = 1.3;
    const ends = [pose.heading + view / 2, pose.heading - view / 2].map((a) => [x(pose.x + far * Math.cos(a)), y(pose.y + far * Math.sin(a))]);
    const fade = c.createRadialGradient(x(pose.x), y(pose.y), 0, x(pose.x), y(pose.y), far * scale);
    fade.addColorStop(0, "rgba(255,176,0,0.38)");
    fade.addColorStop(1, "rgba(255,176,0,0)");
    c.fillStyle = fade;
    c.beginPath();
    c.moveTo(x(pose.x), y(pose.y));
    c.lineTo(...ends[0]);
    c.arc(x(pose.x), y(pose.y), far * scale, -(pose.heading + view / 2), -(pose.heading - view / 2));
    c.closePath();
    c.fill();
  }
  const [tx, ty] = pose?.target ?? [0, 0];
  c.fillStyle = color("target");
  c.beginPath();
  c.arc(x(tx), y(ty), ((physics?.target_width ?? 0) / 2) * scale, 0, 2 * Math.PI);
  c.fill();
  if (path.length > 1) line(c, path, x, y, accent, 2.5);
  if (pose) {
    c.save();
    c.translate(x(pose.x), y(pose.y));
    c.rotate(-pose.heading);
    const s = Math.max(scale * 0.1, 12);
    c.fillStyle = ink;
    for (const side of [-1, 1]) c.fillRect(-0.6 * s, side * 0.95 * s - 0.22 * s, 1.2 * s, 0.44 * s);
    c.fillStyle = accent;
    c.strokeStyle = color("card");
    c.lineWidth = 1.5;
    c.beginPath();
    c.roundRect(-s, -0.72 * s, 2 * s, 1.44 * s, 0.35 * s);
    c.fill();
    c.stroke();
    c.fillStyle = color("on-accent");
    c.beginPath();
    c.moveTo(0.72 * s, 0);
    c.lineTo(0.05 * s, 0.4 * s);
    c.lineTo(0.05 * s, -0.4 * s);
    c.fill();
    c.restore();
  }
}

function line(c, points, x, y, ink, width) {
  c.strokeStyle = ink;
  c.lineWidth = width;
  c.beginPath();
  for (const [px, py] of points) c.lineTo(x(px), y(py));
  c.stroke();
}
