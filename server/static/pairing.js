// Pairing this device with the server: the code that its terminal shows, once.

import { $ } from "./dom.js";
import { get, on, post } from "./connection.js";

// The address of a QR code carries the code, which is used once and taken out of the address.
const [, invited] = location.hash.match(/^#pair=(\w+)$/) ?? [];
if (invited) history.replaceState(null, "", location.pathname);

/** Ask for the code where one has to pair, now and whenever the server says so. */
export function pairing() {
  $("pairing-form").addEventListener("submit", async (event) => {
    event.preventDefault();
    $("pairing-error").textContent = "";
    try {
      await post("/pair", { code: $("code").value.trim() });
      $("pairing").close();
      location.reload();
    } catch (error) {
      $("pairing-error").textContent = error.message;
      $("code").select();
    }
  });
  $("pairing-later").addEventListener("click", () => $("pairing").close());
  on("pairing", open);
  get("/pair").then(({ needed, paired, guest }) => { if (needed && !paired && (invited || !guest)) open(); }).catch(() => {});
}

function open() {
  if ($("pairing").open) return;
  $("pairing").show(); // not modal: HALT stays within reach
  $("code").focus();
  if (invited && !$("code").value) {
    $("code").value = invited;
    $("pairing-form").requestSubmit();
  }
}
