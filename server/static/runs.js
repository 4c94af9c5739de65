// The stored runs, and the live updates of the present one.

import { emit, get, model, on } from "./connection.js";

const known = new Map(); // id -> run with updates, evaluations, checkpoints

/** All runs, the newest first. */
export async function list() {
  return (await get("/runs")).sort((a, b) => b.id - a.id);
}

/** One run with all its data; `fresh` asks the server again. */
export async function run(id, fresh = false) {
  if (fresh || !known.has(id)) known.set(id, await get(`/runs/${id}`));
  return known.get(id);
}

export const cached = (id) => known.get(id);
export const forget = (id) => known.delete(id);

/** The run that is under way, or else the newest one, of those that are listed; null when there is none. */
export async function present() {
  const all = await list();
  const found = all.find((one) => one.id === model.state?.run) ?? all[0];
  return found ? run(found.id) : null;
}

function append(list, row) {
  if (!list.length || list.at(-1).moves < row.moves) list.push(row);
}
on("update", (message) => {
  const run = known.get(message.run);
  if (run) append(run.updates, message);
  emit("curve", message.run);
});
on("evaluation", (message) => {
  const run = known.get(message.run);
  if (run) append(run.evaluations, message);
  emit("curve", message.run);
});

// When a run begins or ends, it is read in full: live updates are thinned out.
let before = "";
on("state", (state) => {
  const now = `${state.run} ${state.state}`;
  if (now === before) return;
  const first = before === "";
  before = now;
  if (first || state.run === null || state.run === undefined) return emit("runs");
  known.delete(state.run);
  emit("runs");
});
on("connection", (connected) => {
  if (connected && before) {
    known.clear();
    emit("runs");
  }
});
