// Pictures of one's own target with a box in each, for `robot-agent target train`; they stay in this page until downloaded.

import { $, h, say, text, toast } from "./dom.js";
import { model, on } from "./connection.js";
import { zip } from "./zip.js";

const SIDES = [["left", "Left"], ["right", "Right"], ["top", "Top"], ["bottom", "Bottom"]];

/** The picture that stands still to be labelled, and its box: left, top, right, bottom, in pixels, all inclusive. */
export const own = { frame: null, box: null };

/** Make the section; `paint` redraws the picture, `free` says whether the picture may be held. */
export function start(canvas, paint, free) {
  const kept = [];
  let corner = null;
  const fields = Object.fromEntries(SIDES.map(([side]) => [side, h("input", { type: "number", id: `own-${side}`, min: 0, inputMode: "numeric", oninput: typed })]));
  const take = h("button", { type: "button", class: "primary", onclick: hold }, "Take a picture");
  const words = h("p", { role: "status" });
  const boxed = h("button", { type: "button", class: "primary", onclick: () => keep(own.box) }, "Keep it");
  const without = h("button", { type: "button", class: "plain", onclick: () => keep(null) }, "It is not in this picture");
  const drop = h("button", { type: "button", class: "plain", onclick: release }, "Drop");
  const fetch = h("button", { type: "button", class: "plain", hidden: true, onclick: download });
  const marking = h("div", { class: "stack", hidden: true },
    h("p", {}, "Draw a box around the target in the picture, or type its outermost columns and rows."),
    h("div", { class: "row sides" }, SIDES.map(([side, name]) => h("div", { class: "field" }, h("label", { for: `own-${side}` }, name), fields[side]))),
    h("div", { class: "row" }, boxed, without, drop));
  $("own").append(h("div", { class: "stack" },
    h("p", { class: "lead" }, "Label some thirty pictures of it from all sides, a few of them without it. Unpack what you download, then run ",
      h("code", {}, "robot-agent target train target"), "."),
    marking, h("div", { class: "row" }, take, fetch), words));
  $("own").addEventListener("toggle", () => !$("own").open && own.frame && release());
  on("halting", () => own.frame && release());

  function hold() {
    if (!model.frame || !free()) return toast("There is no picture to label now.", { level: "error" });
    own.frame = model.frame;
    own.frame.kept = true;
    const { sight, width, height } = own.frame, slices = model.facts?.slices ?? width;
    const [first, last] = sight ? [sight.x1, sight.x2] : [16, 25];
    own.box = [Math.floor((first * width) / slices), Math.round(height / 3), Math.floor(((last + 1) * width) / slices) - 1, Math.round((2 * height) / 3)];
    for (const [side, limit] of [["left", width], ["right", width], ["top", height], ["bottom", height]]) fields[side].max = limit - 1;
    show();
    canvas.scrollIntoView({ block: "nearest" });
    fields.left.focus({ preventScroll: true });
    say("The picture stands still.");
  }

  function show() {
    marking.hidden = !own.frame;
    take.hidden = Boolean(own.frame);
    canvas.classList.toggle("drawn", Boolean(own.frame));
    if (own.box) [fields.left.value, fields.top.value, fields.right.value, fields.bottom.value] = own.box;
    paint();
  }

  function typed() {
    const box = ["left", "top", "right", "bottom"].map((side) => fields[side].valueAsNumber);
    boxed.disabled = !fits(box);
    if (fits(box)) own.box = box;
    paint();
  }

  const fits = ([left, top, right, bottom]) =>
    left >= 0 && top >= 0 && left <= right && top <= bottom && right < own.frame.width && bottom < own.frame.height;

  const at = (event) => {
    const box = canvas.getBoundingClientRect();
    const limit = (share, size) => Math.min(Math.max(Math.floor(share * size), 0), size - 1);
    return [limit((event.clientX - box.left) / box.width, own.frame.width), limit((event.clientY - box.top) / box.height, own.frame.height)];
  };
  canvas.addEventListener("pointerdown", (event) => {
    if (!own.frame) return;
    corner = at(event);
    canvas.setPointerCapture(event.pointerId);
  });
  canvas.addEventListener("pointermove", (event) => {
    if (!corner || !own.frame) return;
    const [x, y] = at(event);
    own.box = [Math.min(x, corner[0]), Math.min(y, corner[1]), Math.max(x, corner[0]), Math.max(y, corner[1])];
    boxed.disabled = false;
    show();
  });
  for (const end of ["pointerup", "pointercancel"]) canvas.addEventListener(end, () => { corner = null; });

  function release() {
    const { frame } = own;
    own.frame = own.box = corner = null;
    boxed.disabled = false;
    if (frame !== model.frame) frame.image.close();
    else frame.kept = false;
    show();
  }

  function keep(box) {
    kept.push({ jpeg: own.frame.jpeg, box });
    release();
    told();
    take.focus({ preventScroll: true });
  }

  function told() {
    fetch.hidden = !kept.length;
    text(fetch, `Download ${kept.length === 1 ? "1 picture" : `${kept.length} pictures`}`);
    text(words, kept.length ? `${kept.length} kept, ${kept.filter(({ box }) => box).length} with the target; download them before you leave this page.` : "");
  }

  async function download() {
    const name = (number) => `frame_${String(number).padStart(4, "0")}.jpg`;
    const rows = kept.map(({ box }, i) => [name(i), ...(box ? [1, box[0], box[2], box[1], box[3]] : [0, "", "", "", ""])].join(","));
    const labels = ["file,visible,x_left_px,x_right_px,y_top_px,y_bottom_px", ...rows, ""].join("\r\n");
    const files = await Promise.all(kept.map(async ({ jpeg }, i) => [`target/${name(i)}`, new Uint8Array(await jpeg.arrayBuffer())]));
    const href = URL.createObjectURL(zip([["target/labels.csv", new TextEncoder().encode(labels)], ...files]));
    h("a", { href, download: "target.zip" }).click();
    setTimeout(() => URL.revokeObjectURL(href), 60000);
  }
}
