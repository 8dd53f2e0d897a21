// Shortcuts. An element says its own: data-key="n" is one key, data-chord="g o" two, one after the other. In a list J and
// K go from row to row, X ticks, [ and ] turn pages. Never while somebody types or composes; anybody can switch it off.
const CHORD_MS = 1200;
const OFF = "jd-keys-off";

let first = "";
let since = 0;

const typing = (event) =>
  event.isComposing || event.keyCode === 229 || event.ctrlKey || event.metaKey || event.altKey ||
  event.target.closest("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable], dialog[open]");

const isOff = () => localStorage.getItem(OFF) === "1";

function press(element) {
  if (!element || element.disabled) {
    return false;
  }
  const isField = element.matches("input, textarea, select");
  isField ? element.focus() : element.click();
  return true;
}

const rows = () => [...document.querySelectorAll(".tbl tbody tr")].filter((one) => one.querySelector("a.no"));
const row = () => document.activeElement.closest(".tbl tbody tr");

function move(by) {
  const all = rows();
  const next = all[Math.min(Math.max(all.indexOf(row()) + by, 0), all.length - 1)];
  next?.querySelector("a.no").focus();
  return Boolean(next);
}

function tick() {
  const box = row()?.querySelector("[type=checkbox]");
  box?.click();
  return Boolean(box);
}

const shown = (name, value) => [...document.querySelectorAll(`[data-${name}="${CSS.escape(value)}"]`)].find((one) => one.offsetParent);

const LIST = {
  j: () => move(1),
  k: () => move(-1),
  x: tick,
  "[": () => press(document.querySelector("a[rel=prev]")),
  "]": () => press(document.querySelector("a[rel=next]")),
};

document.addEventListener("keydown", (event) => {
  if (typing(event) || isOff()) {
    return;
  }
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  const chord = event.timeStamp - since < CHORD_MS && shown("chord", `${first} ${key}`);
  [first, since] = [key, event.timeStamp];
  if (chord ? press(chord) : press(shown("key", key)) || LIST[key]?.()) {
    event.preventDefault();
    first = chord ? "" : first;
  }
});

const box = document.querySelector("[data-keys-on]");
if (box) {
  box.checked = !isOff();
  box.addEventListener("change", () => localStorage.setItem(OFF, box.checked ? "" : "1"));
}
