// Who may steer, where one has to pair: the paired browsers and the tokens of scripts, and turning them out.

import { attempt, day, h, say } from "./dom.js";
import { ask, get, model, on, post } from "./connection.js";

/** Make the card; it is hidden where no pairing is needed, and from viewers that may not control. */
export function access() {
  const list = h("ul", { class: "items", "aria-label": "Paired browsers and tokens" });
  const name = h("input", { id: "token-name", required: true, maxLength: 60, placeholder: "lesson plan" });
  const secret = h("p", { class: "row", hidden: true });
  const make = h("button", { type: "submit", class: "plain" }, "Make a token");
  const form = h("form", { class: "row", onsubmit: (event) => {
    event.preventDefault();
    attempt(make, async () => {
      const { token } = await post("/tokens", { name: name.value.trim() });
      const shown = h("input", { id: "token", class: "secret", value: token, readOnly: true, onfocus: () => shown.select() });
      secret.replaceChildren(h("label", { for: "token" }, "Copy it now; it is not shown again:"), shown);
      secret.hidden = false;
      name.value = "";
      await refresh();
      shown.focus();
    });
  } }, h("label", { for: "token-name" }, "For a script named"), name, make);
  const card = h("section", { class: "card stack", "aria-labelledby": "h-access", hidden: true },
    h("h3", { id: "h-access" }, "Who may steer"), list, form, secret);

  const entry = (title, words, path, verb) => h("li", {}, h("div", { class: "key" },
    h("div", { class: "title" }, title, h("small", {}, words)),
    h("button", { type: "button", class: "plain", "aria-label": `${verb} ${title}`, onclick: async (event) => {
      await attempt(event.target, () => ask("DELETE", path).then(() => say(`${title} may not steer any more.`)));
      secret.hidden = true;
      refresh(); // also when it was gone already
    } }, verb)));

  async function refresh() {
    try {
      card.hidden = !(await get("/pair")).needed || model.state?.can?.control === false;
      if (card.hidden) return;
      const [browsers, tokens] = await Promise.all([get("/browsers"), get("/tokens")]);
      list.replaceChildren(
        ...browsers.map((one) => entry(one.mine ? `${one.name}, this one` : one.name, `Paired ${day(one.paired)}`, `/browsers/${one.id}`, "Unpair")),
        ...tokens.map((one) => entry(one.name, `Token of ${day(one.created)}${one.used ? `, last used ${day(one.used)}` : ""}`, `/tokens/${one.id}`, "Revoke")));
    } catch {
      card.hidden = true; // it has just been unpaired, or the server is away
    }
  }
  let may;
  on("state", (state) => { if (may !== (may = state.can?.control)) refresh(); });
  return { card, refresh };
}
