// What pressing a marked element does. Every page works without; each mark saves a request or a scroll.

import { ask } from "./asking.js";

const root = document.documentElement;

// The clipboard is for https and localhost; elsewhere the text is marked, and copied the old way.
async function copy(button) {
  try {
    await navigator.clipboard.writeText(button.dataset.copy);
  } catch {
    getSelection().selectAllChildren(button.previousElementSibling ?? button);
    document.execCommand("copy");
  }
  const use = button.querySelector("use");
  const sign = use.getAttribute("href");
  use.setAttribute("href", sign.replace(/#.*/, "#check"));
  setTimeout(() => use.setAttribute("href", sign), 1500);
}

function step(button) {
  const input = button.closest("[data-qty]").querySelector("input");
  button.dataset.step > 0 ? input.stepUp() : input.stepDown();
  input.dispatchEvent(new Event("input", { bubbles: true }));
  input.dispatchEvent(new Event("change", { bubbles: true }));
}

// Dialogs: an opener is a link to a page with the same form, and stays one where the dialog is missing.
function open(opener, event) {
  const dialog = document.getElementById(opener.dataset.open);
  if (dialog?.showModal && !event.ctrlKey && !event.metaKey) {
    event.preventDefault();
    dialog.open || dialog.showModal();
  }
}

const PRESSED = [
  ["[data-copy]", copy],
  ["[data-step]", step],
  ["[data-open]", open],
  ["[data-close]", (button) => button.closest("dialog").close()],
];

document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details[data-menu][open]")) {
    menu.open = menu.contains(event.target);
  }
  if (event.target instanceof HTMLDialogElement) {
    event.target.close(); // its backdrop
  }
  for (const [mark, act] of PRESSED) {
    const found = event.target.closest(mark);
    if (found) {
      act(found, event);
    }
  }
});

document.addEventListener("keydown", (event) => {
  const menu = event.key === "Escape" && document.querySelector("details[data-menu][open]");
  if (menu) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});

// Light or dark and the height of rows hold at once; the form is sent behind the page.
document.addEventListener("submit", (event) => {
  const [, what] = /\/preferences\/(theme|density)$/.exec(event.target.action) ?? [];
  const value = event.submitter?.value;
  if (!what || !value) {
    return;
  }
  event.preventDefault();
  const data = new FormData(event.target);
  data.set("value", value);
  const form = event.target;
  const keep = () => {
    data.set("csrf_token", form.elements.csrf_token?.value ?? "");
    ask(form.action, { by: form, again: keep, method: "POST", body: new URLSearchParams(data), redirect: "manual" });
  };
  keep();
  root.dataset[what] = value;
  for (const button of document.querySelectorAll(`[data-set-${what}]`)) {
    button.setAttribute("aria-pressed", button.value === value);
  }
  const cycle = what === "theme" && document.querySelector("[data-theme-form] button");
  if (cycle) {
    const order = ["auto", "dark", "light"];
    cycle.value = order[(order.indexOf(value) + 1) % order.length];
    const sign = { auto: "sun-moon", dark: "moon", light: "sun" }[value];
    const use = cycle.querySelector("use");
    use.setAttribute("href", use.getAttribute("href").replace(/#.*/, `#${sign}`));
  }
});

// A period cannot end before it begins; a choice marked so sends its form at once.
document.addEventListener("change", (event) => {
  const days = event.target.type === "date" && event.target.closest(".range")?.querySelectorAll("input[type=date]");
  if (days?.length === 2) {
    [days[1].min, days[0].max] = [days[0].value, days[1].value];
  }
  if (event.target.matches("[data-submit]")) {
    event.target.form.requestSubmit();
  }
});

document.addEventListener("submit", (event) => {
  const question = event.target.dataset.confirm;
  if (question && !confirm(question)) {
    event.preventDefault();
  }
});

// A file may be dropped where it could be chosen.
for (const kind of ["dragover", "dragleave", "drop"]) {
  document.addEventListener(kind, (event) => {
    const zone = event.target.closest?.("[data-drop]");
    if (zone) {
      event.preventDefault();
      zone.classList.toggle("over", kind === "dragover");
      const input = zone.querySelector("input[type=file]");
      if (kind === "drop" && event.dataTransfer.files.length) {
        input.files = event.dataTransfer.files;
        input.dispatchEvent(new Event("change", { bubbles: true }));
      }
    }
  });
}

document.querySelector("[data-focus]")?.focus();
