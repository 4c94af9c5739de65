// The learning curves of the chosen robots in one chart: of each its newest run, or another one of its runs.

import { Chart, Group, SUCCESS, lineColor, lines } from "./chart.js";
import { $, attempt, h, percent, runName, toast } from "./dom.js";
import { get } from "./connection.js";

const COLOURS = 5, MOST = 10; // the second five are dashed

export function start(chosen) {
  const group = new Group();
  const charts = {
    success: new Chart($("compared-success"), { ...SUCCESS, group }),
    moves: new Chart($("compared-moves"), { title: "Moves to the goal", format: (v) => v.toFixed(1), low: 0, group }),
  };
  let rows = []; // {tile, runs, run}

  $("compare").addEventListener("click", () => attempt($("compare"), async () => {
    const picked = chosen();
    if (picked.length > MOST) toast(`Of ${picked.length} chosen robots the first ${MOST} are compared.`);
    rows = (await Promise.all(picked.slice(0, MOST).map(async (tile) => {
      try {
        const runs = await get(`/robots/${tile.id}/runs`);
        if (!runs.length) throw new Error(`${tile.view.name} has no runs yet.`);
        return { tile, runs, run: await get(`/robots/${tile.id}/runs/${runs[0].id}`) };
      } catch (error) {
        toast(error.message, { level: "error" });
        return null;
      }
    }))).filter(Boolean);
    if (!rows.length) return;
    $("compared").hidden = false;
    draw();
    $("h-compared").focus({ preventScroll: true });
    $("compared").scrollIntoView({ block: "nearest" });
  }));
  $("compared-close").addEventListener("click", () => { $("compared").hidden = true; $("compare").focus(); });

  function draw() {
    group.log = Math.max(...rows.map(({ run }) => run.moves ?? 0)) > 50000;
    for (const [name, chart] of Object.entries(charts)) {
      chart.show(rows.map(({ tile, run }, index) => ({
        name: tile.view.name, points: lines(run)[name], ink: index % COLOURS, dashed: index >= COLOURS,
      })));
    }
    $("compared-runs").replaceChildren(...rows.map((row, index) => {
      const id = `run-of-${row.tile.id}`;
      const swatch = h("i", { class: index >= COLOURS ? "dashed" : "" });
      swatch.style.setProperty("--ink-of", lineColor(index % COLOURS));
      const select = h("select", { id, onchange: () => attempt(select, async () => {
        row.run = await get(`/robots/${row.tile.id}/runs/${select.value}`);
        draw();
      }) }, row.runs.map((run) => h("option", { value: run.id, selected: run.id === row.run.id }, `${runName(run)}, ${percent(run.success_rate)}`)));
      return h("li", {}, swatch, h("label", { for: id }, row.tile.view.name), select);
    }));
  }
}
