// The pack station: scans are sent one after another, kept until they have arrived, and answered without a new page.
import { request, tell } from "./asking.js";
import { sound } from "./sounds.js";

const FOR_THE_BOX = ["weight_g", "box", "carrier"];

const stored = (name) => localStorage.getItem(`jd-pack-${name}`);
const store = (name, value) => localStorage.setItem(`jd-pack-${name}`, value);
const fresh = () => `${Date.now().toString(36)}-${Math.random().toString(36).slice(2)}`;

const initial = (field) => {
  const options = [...(field.options ?? [])];
  return field.options ? (options.find((x) => x.defaultSelected) ?? options[0])?.value : field.defaultValue;
};

class Pack extends HTMLElement {
  connectedCallback() {
    this.place = location.pathname;
    this.sent = JSON.parse(stored(this.place) ?? "[]");
    this.addEventListener("submit", (event) => this.submitted(event));
    this.addEventListener("change", (event) => this.chosen(event.target));
    this.addEventListener("focusout", (event) => event.relatedTarget ?? setTimeout(() => this.focusField(), 50));
    document.addEventListener("keydown", (event) => this.pressed(event));
    for (const box of this.querySelectorAll("[data-set]")) box.checked = stored(box.dataset.set) === "1";
    this.focusField();
    this.drain();
  }

  get field() {
    return this.querySelector("[data-scan] [name=code]");
  }

  focusField() {
    const held = document.activeElement;
    if (!this.field) return;
    this.field.inputMode = stored("keys") === "1" ? "none" : "text";
    if (!held || held === document.body || !document.contains(held)) this.field.focus({ preventScroll: true });
  }

  pressed(event) {
    if (event.key === "F2" || (event.key === "Enter" && event.target.matches("[form=scan]"))) {
      event.preventDefault();
      this.querySelector("[data-close-box]:enabled, [data-next]")?.click();
    } else if (event.key.length === 1 && document.activeElement === document.body && !event.ctrlKey && !event.metaKey) {
      this.field.focus();
    }
  }

  chosen(box) {
    if (box.dataset.set) store(box.dataset.set, box.checked ? "1" : "0");
    this.focusField();
  }

  submitted(event) {
    const form = event.target;
    if (!form.matches("[data-scan], [data-part]") || event.submitter?.matches("[data-close-box]")) return;
    event.preventDefault();
    const wish = Object.fromEntries(new FormData(form));
    for (const name of FOR_THE_BOX) delete wish[name];
    delete wish.form_id; // the key makes it safe to send again
    if ("key" in wish) wish.key = fresh();
    if ("code" in wish && !wish.code.trim()) return;
    this.sent.push([form.getAttribute("action"), wish]);
    if (this.field.form === form) this.field.value = "";
    this.keep();
    this.drain();
  }

  keep() {
    store(this.place, JSON.stringify(this.sent));
  }

  async drain() {
    if (this.busy) return;
    this.busy = true;
    while (this.sent.length) {
      const [action, wish] = this.sent[0];
      const token = this.querySelector("[name=csrf_token]")?.value;
      const body = new URLSearchParams(token ? { ...wish, csrf_token: token } : wish);
      const answer = await request(action, { method: "POST", body, headers: { "HX-Request-Type": "partial" } });
      if (answer.trouble && answer.trouble.kind !== "refused") {
        tell("jd-trouble", { by: this, again: () => this.drain(), isSafe: true, trouble: answer.trouble });
        this.lost();
        break;
      }
      tell("jd-fine", { by: this });
      await this.show(answer);
      this.sent.shift();
      this.keep();
    }
    this.busy = false;
  }

  async show(answer) {
    const to = answer.headers.get("HX-Redirect");
    const made = new DOMParser().parseFromString(to ? "" : answer.text, "text/html").getElementById("bench");
    if (to || !made) {
      this.sent.shift();
      this.keep();
      location.assign(to ?? location.href);
      return new Promise(() => {});
    }
    const typed = this.field.value;
    const bench = this.querySelector("#bench");
    // What was typed or chosen and not sent stays: the answer is about something else.
    const kept = "[form=scan]:is(input, select), form:not([data-part]) :is(input:not([type=hidden]), select)";
    for (const was of bench.querySelectorAll(kept)) {
      const owner = was.hasAttribute("form") ? "" : `form[action="${was.form.getAttribute("action")}"] `;
      const now = made.querySelector(`${owner}[name="${was.name}"]`);
      if (now && was.value !== initial(was)) now.value = was.value;
    }
    bench.replaceWith(made);
    this.field.value = typed;
    document.activeElement?.blur?.();
    this.focusField();
    this.say(made.dataset.outcome);
  }

  say(outcome) {
    if (outcome === "wrong" && stored("shake") === "1") navigator.vibrate?.([200, 100, 200]);
    if (stored("sound") === "1") sound(outcome);
  }

  lost() {
    const told = this.querySelector("#bench [role=status]");
    const line = document.createElement("div");
    line.className = "flash warn";
    line.textContent = `${this.dataset.lost} (${this.sent.length} ${this.dataset.unsent})`;
    told.replaceChildren(line);
  }
}

customElements.define("jd-pack", Pack);
