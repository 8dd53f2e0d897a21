// [data-combo]: an input whose choices the server finds while one types. What it answers are elements role="option";
// the chosen one's data-value goes into the input, and all its data- attributes with the event "pick". With data-adds the
// chosen one becomes a ticked box of that name instead, in what is data-picked beside; data-told says its data-name.
import { ask as request } from "./asking.js";

const WAIT_MS = 150;

function begin(combo) {
  const input = combo.querySelector("[role=combobox]");
  const list = combo.querySelector(".list");
  let timer;
  let asked = 0;
  const options = () => [...list.querySelectorAll("[role=option]:not([aria-disabled=true])")];
  const marked = () => list.querySelector("[aria-selected=true]");

  function close() {
    asked += 1; // an answer that comes later is not shown any more
    clearTimeout(timer);
    list.replaceChildren();
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  }

  function mark(option) {
    marked()?.setAttribute("aria-selected", "false");
    option?.setAttribute("aria-selected", "true");
    option?.scrollIntoView({ block: "nearest" });
    if (option) {
      option.id ||= `${input.id}-${options().indexOf(option)}`;
      input.setAttribute("aria-activedescendant", option.id);
    }
  }

  async function ask() {
    const mine = (asked += 1);
    const address = new URL(input.dataset.src, location.href);
    address.searchParams.set(input.dataset.as || "q", input.value);
    const answer = await request(address, { by: combo, again });
    if (mine === asked && answer && document.activeElement === input) {
      list.innerHTML = answer.text;
      input.setAttribute("aria-expanded", "true");
    }
  }

  function tick(into, option) {
    const box = Object.assign(document.createElement("input"), {
      type: "checkbox", name: combo.dataset.adds, value: option.dataset.value, checked: true,
    });
    const label = Object.assign(document.createElement("label"), { className: "tick" });
    label.append(box, Object.assign(document.createElement("span"), { textContent: option.dataset.name }));
    if (![...into.querySelectorAll("input")].some((other) => other.value === box.value && (other.checked = true))) {
      into.append(label);
    }
    into.dispatchEvent(new Event("change", { bubbles: true }));
  }

  // Who pressed the button for it goes on in the field.
  function again() {
    if (document.activeElement?.closest("#trouble")) {
      input.focus();
    }
    ask();
  }

  function pick(option) {
    const into = combo.parentElement.querySelector(`[data-picked="${combo.dataset.adds}"]`);
    const told = combo.querySelector("[data-told]");
    input.value = into ? "" : (option.dataset.value ?? option.textContent.trim());
    if (into) {
      tick(into, option);
    }
    if (told) {
      told.textContent = option.dataset.name;
    }
    close();
    combo.dispatchEvent(new CustomEvent("pick", { detail: { ...option.dataset }, bubbles: true }));
  }

  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(ask, WAIT_MS);
  });
  input.addEventListener("keydown", (event) => {
    const all = options();
    const at = all.indexOf(marked());
    if (event.isComposing || !all.length) {
      return;
    }
    const to = { ArrowDown: all[(at + 1) % all.length], ArrowUp: all.at(at <= 0 ? -1 : at - 1) }[event.key];
    if (to) {
      mark(to);
    } else if (event.key === "Enter" && marked()) {
      pick(marked());
    } else if (event.key === "Escape") {
      close();
    } else {
      return;
    }
    event.preventDefault();
  });
  list.addEventListener("pointerdown", (event) => event.preventDefault()); // the input keeps the focus
  list.addEventListener("click", (event) => {
    const option = event.target.closest("[role=option]:not([aria-disabled=true])");
    if (option) {
      event.preventDefault();
      pick(option);
    }
  });
  input.addEventListener("blur", close);
}

document.querySelectorAll("[data-combo]").forEach(begin);
