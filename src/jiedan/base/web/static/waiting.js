// The numbers of the side bar and the bell: asked for after the page is there, after what they count changed, and whenever
// somebody comes back to it. The server counts them anew after 15 seconds.
import { ask as request } from "./asking.js";
import { hear } from "./fresh.js";

const EVERY_MS = 60_000;
const CHANGED_MS = 16_000;
const KINDS = ["order", "case"];
const at = document.querySelector("[data-waiting-at]")?.dataset.waitingAt;

async function ask() {
  const headers = { Accept: "application/json" };
  const answer = document.hidden ? null : await request(at, { by: "waiting", again: ask, headers });
  if (answer?.headers.get("content-type")?.includes("json")) {
    const numbers = JSON.parse(answer.text);
    for (const place of document.querySelectorAll("[data-waiting]")) {
      const number = numbers[place.dataset.waiting] ?? 0;
      place.textContent = number ? number.toLocaleString(document.documentElement.lang) : "";
    }
  }
}

if (at) {
  ask();
  setInterval(ask, EVERY_MS);
  hear(() => KINDS, ask, CHANGED_MS);
  document.addEventListener("visibilitychange", ask);
}
