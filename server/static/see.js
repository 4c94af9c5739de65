// See: the live picture, the robot from above, and how well it drives.

import { above } from "./above.js";
import { Chart, Group, SUCCESS, lines } from "./chart.js";
import { $, attempt, count, fixed, h, percent, say, span, text, toast } from "./dom.js";
import { model, on, post, withFacts } from "./connection.js";
import { own, start as startOwn } from "./own.js";
import { live, words } from "./picture.js";
import { cached, present } from "./runs.js";
import { slices } from "./slices.js";

let held = null, cross = null;

export function start() {
  const canvas = $("picture");
  const paint = live(canvas, () => (held ? { frame: held, cross } : own.frame ? own : {}));
  startOwn(canvas, paint, () => !held);
  above($("above"));
  on("frame", (frame) => {
    $("picture-blank").hidden = true;
    if (!held && !own.frame) tell(frame);
  });
  const strip = slices();
  const tell = (frame) => {
    strip(frame);
    const [now, more] = words(frame.sight, model.state?.goal);
    text($("sight-words"), now);
    text($("sight-more"), more);
  };
  setInterval(stale, 250);

  // Learn a colour: a click on the picture (or the cross, moved with the arrow keys) and then a yes.
  canvas.addEventListener("click", (event) => {
    if (!model.frame || !can() || own.frame) return;
    if (!held) hold();
    const box = canvas.getBoundingClientRect();
    mark(((event.clientX - box.left) / box.width) * held.width, ((event.clientY - box.top) / box.height) * held.height);
  });
  $("pick").addEventListener("click", () => {
    if (own.frame) return toast("Save or drop the picture that is being labelled first.");
    if (!model.frame) return toast("There is no picture yet; check that the camera is connected.", { level: "error" });
    hold();
    mark(held.width / 2, held.height / 2);
    canvas.focus();
    say("The picture stands still. Move the cross with the arrow keys, Enter learns the colour under it.");
  });
  canvas.addEventListener("keydown", (event) => {
    if (!held) return;
    const step = event.shiftKey ? 20 : 4;
    const ways = { ArrowLeft: [-step, 0], ArrowRight: [step, 0], ArrowUp: [0, -step], ArrowDown: [0, step] };
    if (ways[event.key]) mark(cross[0] + ways[event.key][0], cross[1] + ways[event.key][1]);
    else if (event.key === "Enter") learn();
    else return;
    event.preventDefault();
  });
  $("picked-yes").addEventListener("click", learn);
  $("picked-no").addEventListener("click", release);
  on("halting", () => held && release());
  $("teach").addEventListener("click", () => attempt($("teach"), async () => {
    const { goal, spread } = await post("/vision/teach-goal");
    toast(`The goal is now slices ${goal[0]} to ${goal[1]}${spread ? `; five pictures agree within ${Math.max(...[spread].flat())}` : ""}.`);
  }));

  // What finds the target; it is as the server says, also after a refusal.
  const detector = $("detector");
  let choosing = false;
  const chosen = ({ detector: name }) => { if (!choosing && name) detector.value = name; };
  withFacts(({ detectors }) => {
    detector.replaceChildren(...detectors.map(({ name, sentence }) => h("option", { value: name, title: sentence }, `Detector: ${name}`)));
    chosen(model.state ?? {});
  });
  on("state", chosen);
  detector.addEventListener("change", async () => {
    choosing = true;
    const answer = await attempt(null, () => post("/detector", { name: detector.value }));
    choosing = false;
    if (answer) toast(`The detector ${answer.detector ?? detector.value} finds the target now.`);
    chosen(answer ?? model.state ?? {});
    control();
  });

  function hold() {
    held = model.frame;
    held.kept = true;
    tell(held);
    canvas.tabIndex = 0;
    canvas.setAttribute("role", "application");
    canvas.setAttribute("aria-label", "The picture stands still. Arrow keys move the cross, Enter learns the colour under it.");
    $("picture-acts").hidden = true;
    $("picked").hidden = false;
  }

  function mark(x, y) {
    cross = [Math.min(Math.max(Math.floor(x), 0), held.width - 1), Math.min(Math.max(Math.floor(y), 0), held.height - 1)];
    const c = $("swatch").getContext("2d");
    c.imageSmoothingEnabled = false;
    c.drawImage(held.image, cross[0] - 1, cross[1] - 1, 3, 3, 0, 0, 40, 40);
    text($("picked-words"), `Is this the colour of the target? Column ${cross[0]}, row ${cross[1]}.`);
    paint();
  }

  function release() {
    if (held && held !== model.frame) held.image.close();
    else if (held) held.kept = false;
    held = cross = null;
    canvas.removeAttribute("tabindex");
    canvas.setAttribute("role", "img");
    canvas.setAttribute("aria-label", "Live picture of the robot's camera");
    $("picture-acts").hidden = false;
    $("picked").hidden = true;
    paint();
  }

  async function learn() {
    if (!held) return;
    const [x, y] = cross, { sequence } = held;
    await attempt($("picked-yes"), async () => {
      const { sight, doubt } = await post("/vision/learn-color", { x, y, sequence });
      toast(doubt ? `Learned, but it may not hold. ${doubt}` : sight ? `Learned. In this picture it fills slices ${sight.x1} to ${sight.x2}.` : "Learned, but nothing is found in this picture.");
    });
    release();
    $("pick").focus({ preventScroll: true });
  }

  // How it learns
  const group = new Group();
  const chart = new Chart($("see-chart"), { ...SUCCESS, group, bare: true });
  let turn = 0;
  const refresh = async () => {
    const mine = ++turn; // only the newest question may be answered
    try {
      const run = await present();
      if (mine === turn) show(run);
    } catch {
      // no answer: the bar says so
    }
  };
  const show = (run) => {
    const points = run ? lines(run).success : [];
    $("see-empty").hidden = points.length > 0 || busy();
    $("see-chart").hidden = points.length === 0;
    $("see-figures").hidden = !$("see-empty").hidden;
    if (run) {
      group.log = (points.at(-1)?.[0] ?? 0) > 50000;
      chart.show([{ name: "", points, ink: 0 }]);
    }
    figures(run);
  };
  on("runs", refresh);
  on("curve", (id) => { const run = cached(id); if (run) show(run); });
  on("state", (state) => {
    const run = state.run === null ? undefined : cached(state.run);
    if (run) figures(run);
    control(state);
  });
  refresh();
}

const busy = () => ["training", "driving", "lent"].includes(model.state?.state);
const can = () => model.state?.can?.control !== false;

function control() {
  for (const id of ["pick", "teach", "detector"]) $(id).disabled = !can();
}

function figures(run) {
  const state = model.state;
  // The evaluation of the run; the figures of the last driven episodes are under Learn.
  const now = state && run && state.run === run.id && state.activity !== "driving" && state.state !== "driving" ? state : null;
  const success = now?.success_rate ?? run?.success_rate, mean = now?.moves_mean ?? run?.moves_mean;
  const moves = now?.moves || run?.moves;
  const rows = [
    [percent(success), "reach the goal", "big"],
    [fixed(mean, 1), "moves to the goal"],
    [count(moves), now?.total_moves && now.state === "training" ? `of ${count(now.total_moves)} moves made` : "moves made"],
  ];
  if (now && now.state === "training" && now.seconds_left !== null && now.seconds_left !== undefined) rows.push([span(now.seconds_left), "left"]);
  const key = JSON.stringify(rows);
  if ($("see-figures").dataset.key === key) return;
  $("see-figures").dataset.key = key;
  $("see-figures").replaceChildren(...rows.map(([value, name, size]) => h("div", { class: size ?? "" }, h("dt", {}, name), h("dd", {}, value))));
}

function stale() {
  const tag = $("picture-stale");
  if (held || own.frame) {
    text(tag, "stands still");
    tag.hidden = false;
    tag.className = "tag";
    return;
  }
  const age = model.frame ? (performance.now() - model.frame.at) / 1000 : 0;
  const old = model.frame && age > 1.5;
  tag.hidden = !old;
  tag.className = "tag stale";
  $("picture").classList.toggle("old", Boolean(old));
  if (old) text(tag, `${Math.round(age)} s old`);
  $("above-card").hidden = Boolean(model.state) && model.state.robot !== "sim" && !model.pose;
  const pose = model.pose;
  text($("above-words"), pose ? `${Math.hypot(pose.x - pose.target[0], pose.y - pose.target[1]).toFixed(2)} m to the target` : "");
}
