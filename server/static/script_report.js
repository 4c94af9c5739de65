// Health: the report of robot-agent doctor about a script of one's own, read in the browser alone.

import { h, text } from "./dom.js";
import { whatIsThis } from "./explain.js";

const COMMAND = "robot-agent doctor --out report.json my_script.py";
const LARGEST = 8 * 1024 * 1024, MOST = 100;

/** Make the card; a file that is dropped anywhere on `section` is read, too. */
export function card(section) {
  const hint = h("p", { class: "hint" }, "Your own training does not learn? In a terminal: ", h("code", {}, COMMAND), ". Then drop report.json here. It is read in this browser and sent nowhere.");
  const status = h("p", { role: "status" });
  const list = h("ol", {});
  const input = h("input", { type: "file", accept: ".json,application/json", class: "sr", tabIndex: -1, "aria-hidden": "true", onchange: () => { take(input.files); input.value = ""; } });
  const choose = h("button", { type: "button", class: "plain", onclick: () => input.click() }, "Choose a report");
  const card = h("section", { class: "card stack script", "aria-labelledby": "part-script" },
    h("div", { class: "row spread" }, h("h3", { id: "part-script" }, "Your own script"), choose, input), hint, status, list);

  async function take([file]) {
    if (!file) return;
    list.replaceChildren();
    status.className = "";
    try {
      const report = await read(file);
      text(status, summary(report));
      list.append(...report.findings.slice(0, MOST).map(one), ...report.unseen.map((words) => h("li", { class: "hint" }, `Not checked: ${words}`)));
    } catch (error) {
      status.className = "error";
      text(status, error.message);
    }
  }

  const files = (event) => event.dataTransfer?.types.includes("Files") && !section.hidden;
  document.addEventListener("dragover", (event) => { if (files(event)) { event.preventDefault(); card.classList.add("over"); } });
  document.addEventListener("dragleave", (event) => { if (!event.relatedTarget) card.classList.remove("over"); });
  document.addEventListener("drop", (event) => {
    if (!files(event)) return;
    event.preventDefault();
    card.classList.remove("over");
    take(event.dataTransfer.files);
    card.scrollIntoView({ block: "nearest" });
  });
  return card;
}

/** Return what a report holds; whatever of it is of another type than it should be is left out. */
async function read(file) {
  const wrong = (why) => new Error(`${file.name} ${why}; make one with: ${COMMAND}`);
  if (file.size > LARGEST) throw wrong("is too large for a report of the doctor");
  let data;
  try {
    data = parse(decode(new Uint8Array(await file.arrayBuffer())));
  } catch {
    throw wrong("is no report of the doctor");
  }
  const good = (each) => each && typeof each === "object" && words(each.kind) && words(each.seen);
  if (!Array.isArray(data?.findings) || !data.findings.every(good)) throw wrong("is no report of the doctor");
  return { script: words(data.script), steps: number(data.steps), looked: number(data.steps_looked_at), findings: data.findings, unseen: sentences(data.not_checked) };
}

/** The text of a file; PowerShell's > writes UTF-16. */
function decode(bytes) {
  const two = bytes[0] === 0xff && bytes[1] === 0xfe ? "utf-16le" : bytes[0] === 0xfe && bytes[1] === 0xff ? "utf-16be" : "utf-8";
  return new TextDecoder(two).decode(bytes);
}

/** The data; where the script's own output went into the same file, the report is the last line with one. */
function parse(content) {
  try {
    return JSON.parse(content);
  } catch {
    return JSON.parse(content.split("\n").findLast((line) => line.includes('"findings"')).trim());
  }
}

const words = (value) => (typeof value === "string" ? value : "");
const number = (value) => (Number.isFinite(value) ? value : null);
const sentences = (value) => (Array.isArray(value) ? value.filter(words).slice(0, MOST) : []);

function summary({ script, steps, looked, findings }) {
  const n = findings.length;
  const found = n ? `${n} finding${n === 1 ? "" : "s"}` : "Nothing was found";
  const watched = steps === null ? "" : ` ${steps.toLocaleString("en")} training step${steps === 1 ? "" : "s"} watched${looked !== null && looked < steps ? `, ${looked.toLocaleString("en")} of them call by call` : ""}.`;
  return `${found}${script ? ` in ${script}` : ""}.${watched}`;
}

function one(finding) {
  const { kind, seen } = finding;
  const sure = number(finding.sure), follows = sentences(finding.follows), line = number(finding.line), cell = number(finding.cell);
  return h("li", { class: "finding told" },
    h("div", { class: "row" }, h("h4", {}, kind.replaceAll("-", " ")), whatIsThis(kind)),
    words(finding.file) && h("p", { class: "at" }, h("code", {}, line === null ? finding.file : cell === null ? `${finding.file}:${line}` : `${finding.file}, cell ${cell}, line ${line}`)),
    words(finding.source).trim() && source(finding),
    h("p", {}, seen),
    words(finding.means) && h("p", { class: "seen" }, finding.means),
    words(finding.cure) && h("p", { class: "cure" }, h("strong", {}, "Write instead: "), finding.cure),
    sentences(finding.notes).map((each) => h("p", { class: "hint" }, each)),
    sure !== null && h("p", { class: "hint" }, `${Math.round(100 * sure)} % sure`),
    follows.length > 0 && h("details", {}, h("summary", {}, `What follows from it (${follows.length})`),
      h("ul", {}, follows.map((each) => h("li", { class: "row" }, each.replaceAll("-", " "), whatIsThis(each))))));
}

/** The source line, the expression in it marked; without its columns the whole line is. */
function source({ source: line, column, end_column: end, label }) {
  const bytes = new TextEncoder().encode(line);  // Python counts the columns in bytes
  const part = (from, to) => new TextDecoder().decode(bytes.slice(from, to));
  const start = line.length - line.trimStart().length;
  const known = number(column) !== null && number(end) !== null && column >= 0 && column < end && column < bytes.length;
  const [before, marked, after] = known ? [part(0, column), part(column, end), part(end)] : [line.slice(0, start), line.trim(), ""];
  return h("pre", {}, h("code", {}, before.trimStart(), h("mark", {}, marked), after.trimEnd()), words(label) && h("span", { class: "label" }, label));
}
