// [data-fresh="order case"]: a part of a page that is asked for again, at data-fresh-at, after things of these kinds
// changed (base/web/live.py says so on the one stream of the tab), at most every few seconds.
//
// What has data-part takes over its new words where it stands. Rows (data-item) stay under the pointer: [data-news] says
// how many are new, or that some are gone, and leads to the list as it is now.
import { ask } from "./asking.js";

const SOON_MS = 700;
const EVERY_MS = 10_000;
const CHANGED = "-changed";

const hearers = [];

// Call `act` after something of `kinds` changed, not more often than every so often; tabs do not ask all at once.
export function hear(kinds, act, everyMs = EVERY_MS) {
  hearers.push({ kinds, act, everyMs, asked: -Infinity });
}

function changed(kind) {
  for (const one of hearers) {
    if (one.timer === undefined && (!kind || one.kinds().includes(kind))) {
      const wait = Math.max(SOON_MS * (1 + Math.random()), one.asked + one.everyMs - performance.now());
      one.timer = setTimeout(() => {
        one.timer = undefined;
        one.asked = performance.now();
        one.act();
      }, wait);
    }
  }
}

document.addEventListener("htmx:sse:after:message", ({ detail }) => {
  const name = detail.message.event;
  if (name === "live-reset" || name.endsWith(CHANGED)) {
    changed(name === "live-reset" ? "" : name.slice(0, -CHANGED.length));
  }
});

const items = (part) => new Set([...part.querySelectorAll("[data-item]")].map((one) => one.dataset.item));

function say(part, now) {
  const news = part.querySelector("[data-news]");
  if (!news) {
    return;
  }
  const [before, after] = [items(part), items(now)];
  const more = [...after].filter((one) => !before.has(one)).length;
  const gone = [...before].some((one) => !after.has(one));
  const words = more > 1 ? news.dataset.many : more ? news.dataset.one : gone ? news.dataset.gone : "";
  const said = words.replace("{n}", more.toLocaleString(document.documentElement.lang));
  const text = news.querySelector("span");
  if (text.textContent !== said) {
    text.textContent = said;
    news.firstElementChild.hidden = !said;
  }
}

async function renew(part) {
  const again = () => part.isConnected && renew(part);
  const answer = await ask(part.dataset.freshAt, { by: part, again, headers: { "HX-Request-Type": "partial" } });
  const now = answer && new DOMParser().parseFromString(answer.text, "text/html").getElementById(part.id);
  if (!now || !part.isConnected) {
    return;
  }
  for (const one of part.querySelectorAll("[data-part]")) {
    const other = now.querySelector(`[data-part="${CSS.escape(one.dataset.part)}"]`);
    if (other && other.innerHTML !== one.innerHTML) {
      one.innerHTML = other.innerHTML;
    }
    one.className = (other ?? one).className;
  }
  say(part, now);
}

const parts = () => [...document.querySelectorAll("[data-fresh]")];

hear(
  () => parts().flatMap((part) => part.dataset.fresh.split(" ")),
  () => parts().forEach(renew),
);
