// Under the picture: how likely the target fills each slice of that very picture, where a network says so.

import { $, color, fit, painter, text } from "./dom.js";

/** Keep the strip; returns what shows another frame in it. */
export function slices() {
  const strip = $("slices"), canvas = $("slices-bars");
  let frame = null;
  const paint = painter(canvas, () => {
    const place = fit(canvas);
    if (!place || !frame?.probabilities) return;
    const { context: c, width, height } = place, { sight, probabilities } = frame;
    const edge = (slice) => Math.round((slice * width) / probabilities.length);
    const seen = color("accent"), other = color("field");
    c.clearRect(0, 0, width, height);
    probabilities.forEach((value, s) => {
      const high = Math.max(1, value * (height - 2));
      c.fillStyle = sight && s >= sight.x1 && s <= sight.x2 ? seen : other;
      c.fillRect(edge(s) + 1, height - high, Math.max(1, edge(s + 1) - edge(s) - 1), high);
    });
  });
  return (next) => {
    frame = next;
    const values = frame.probabilities;
    strip.hidden = !values;
    if (!values) return;
    const highest = Math.max(...values), { sight } = frame, top = Math.round(100 * highest);
    const where = sight ? `the target is seen in slices ${sight.x1} to ${sight.x2}` : "nothing is sure enough to be seen";
    const words = `How likely the target fills each of the ${values.length} slices: at most ${top} %, in slice ${values.indexOf(highest)}; ${where}.`;
    if (canvas.getAttribute("aria-label") !== words) canvas.setAttribute("aria-label", words);
    text($("slices-most"), `at most ${top} %`);
    paint();
  };
}
