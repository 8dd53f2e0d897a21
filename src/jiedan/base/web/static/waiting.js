// The numbers of the side bar and the bell, asked for after the page is there, and whenever somebody comes back to it.
import { ask as request } from "./asking.js";

const EVERY_MS = 60_000;
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
  document.addEventListener("visibilitychange", ask);
}
