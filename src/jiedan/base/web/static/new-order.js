// A new order by keyboard: Enter goes on, Ctrl+Enter places it; what it costs and a draft of it follow every change.
import { ask as request } from "./asking.js";

const KEEP_MS = 500;
const form = document.querySelector("[data-new-order]");
const rows = [...form.querySelectorAll("[data-row]")];
const code = (row) => row.querySelector("[name=sku]");
// `form.action` would be its buttons of that name.
const button = (mark) => form.querySelector(`button[${mark}]`);
let timer;
let busy = false;
let again = false;

// Of the empty rows one is shown.
function show() {
  const used = rows.findLastIndex((row) => code(row).value);
  rows.forEach((row, place) => (row.hidden = place > used + 1));
}

// What the chosen SKU is, what one costs and how many there are.
function about({ name, priceMinor, currency, available, told }) {
  const texts = [name];
  if (priceMinor) {
    const price = new Intl.NumberFormat(document.documentElement.lang, { style: "currency", currency });
    texts.push(price.format(priceMinor / 10 ** price.resolvedOptions().maximumFractionDigits));
  }
  if (available) {
    texts.push(form.dataset.available.replace("#", available));
  }
  if (told) {
    texts.push(told);
  }
  return texts.join(" · ");
}

// In which quantities it is sold: the stepper goes by them, and begins with the first.
function count(input, { least = 1, pace = 1 }) {
  [input.min, input.step] = [least, pace];
  if (Number(input.value) < Number(least)) {
    input.value = least;
  }
}

// What a piece made to measure has to say: each row asks for what its SKU does now.
function ask(page) {
  const answers = page.querySelectorAll("[data-row]");
  rows.forEach((row, place) => {
    const old = row.querySelector("[data-said]");
    const asked = answers[place]?.querySelector("[data-said]");
    if (asked && asked.dataset.said !== old.dataset.said) {
      old.replaceWith(asked);
    }
  });
}

// One request at a time: the next one names the version of the draft that the last one made.
async function keep() {
  if (busy) {
    again = true;
    return;
  }
  [busy, again] = [true, false];
  const data = new FormData(form);
  data.set("action", "keep");
  try {
    const body = new URLSearchParams(data);
    const answer = await request(form.getAttribute("action"), { by: form, again: keep, method: "POST", body });
    const page = new DOMParser().parseFromString(answer?.text ?? "", "text/html");
    const found = page.querySelector("#preview");
    if (found) {
      ask(page);
      const old = document.querySelector("#preview");
      const id = old.contains(document.activeElement) ? document.activeElement.id : "";
      old.replaceWith(found);
      document.getElementById(id)?.focus();
    }
  } finally {
    busy = false;
  }
  if (again) {
    await keep();
  }
}

function soon() {
  clearTimeout(timer);
  timer = setTimeout(keep, KEEP_MS);
}

function on(field) {
  const fields = [...form.querySelectorAll("input:not([type=hidden], [type=radio]), select, textarea")];
  const next = fields.slice(fields.indexOf(field) + 1).find((one) => one.offsetParent && one.name !== "price");
  next?.focus();
  next?.select?.();
}

form.addEventListener("pick", (event) => {
  const row = event.target.closest("[data-row]");
  if (!row) {
    const chosen = Object.assign(document.createElement("input"), { type: "hidden", name: "pick", value: event.detail.value });
    form.querySelector("[name=customer]").value = "";
    form.append(chosen);
    form.requestSubmit(button("data-preview"));
    return;
  }
  row.querySelector("[data-about]").textContent = about(event.detail);
  count(row.querySelector("[name=quantity]"), event.detail);
  show();
  on(code(row));
  soon();
});

form.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.isComposing || event.defaultPrevented) {
    return;
  }
  if (event.ctrlKey || event.metaKey) {
    event.preventDefault();
    form.requestSubmit(button("data-place"));
  } else if (event.target.matches("input") && !(event.target.matches("[name=customer], [data-code]") && event.target.value)) {
    event.preventDefault();
    on(event.target);
  }
});

form.addEventListener("submit", () => {
  clearTimeout(timer);
  again = false;
});
form.addEventListener("input", show);
form.addEventListener("change", soon);
show();
