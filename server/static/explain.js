// The link from a finding to the page that explains its kind, for kinds that have one.

import { h } from "./dom.js";

let kinds;

/** A link "What is this?"; it stays hidden for a kind without a page. */
export function whatIsThis(kind) {
  const link = h("a", { class: "what", target: "_blank", rel: "noopener", hidden: true }, "What is this?", h("span", { class: "sr" }, ` ${kind.replaceAll("-", " ")}, in a new tab`));
  kinds ??= fetch("explain/kinds.json").then((answer) => (answer.ok ? answer.json() : []));
  kinds.then((known) => {
    if (!known.includes(kind)) return;
    link.href = `./explain/${kind}`;
    link.hidden = false;
  }).catch(() => { kinds = undefined; });
  return link;
}
