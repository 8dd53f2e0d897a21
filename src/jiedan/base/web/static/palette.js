// <jd-palette>: the search field above opens as a palette on Ctrl-K. Inside: the form that works alone, and a <dialog>
// with an input and a place [data-found] for what the server finds: links role="option" under headings.
import { ask } from "./asking.js";

const WAIT_MS = 120;

class Palette extends HTMLElement {
  connectedCallback() {
    this.form = this.querySelector("form");
    this.dialog = this.querySelector("dialog");
    this.input = this.dialog.querySelector("input");
    this.found = this.dialog.querySelector("[data-found]");
    document.addEventListener("keydown", (event) => this.called(event));
    this.form.addEventListener("pointerdown", (event) => {
      event.preventDefault();
      this.open();
    });
    this.input.addEventListener("input", () => {
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.ask(), WAIT_MS);
    });
    this.input.addEventListener("keydown", (event) => this.steered(event));
  }

  called(event) {
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k" && !event.isComposing) {
      event.preventDefault();
      this.dialog.open ? this.dialog.close() : this.open();
    }
  }

  open() {
    this.input.value = this.form.querySelector("[name=q]").value;
    this.dialog.showModal();
    this.input.select();
    this.ask();
  }

  async ask() {
    const mine = (this.asked = (this.asked ?? 0) + 1);
    const address = new URL(this.form.action);
    address.searchParams.set("q", this.input.value);
    const again = () => this.dialog.open && this.ask();
    const answer = await ask(address, { by: this, again, headers: { "HX-Request-Type": "partial" } });
    if (mine === this.asked) {
      this.found.innerHTML = answer?.text ?? ""; // what was found for other words would be opened by Enter
      this.mark(this.options[0]);
    }
  }

  get options() {
    return [...this.found.querySelectorAll("[role=option]")];
  }

  mark(option) {
    this.found.querySelector("[aria-selected=true]")?.setAttribute("aria-selected", "false");
    option?.setAttribute("aria-selected", "true");
    option?.scrollIntoView({ block: "nearest" });
    this.input.setAttribute("aria-activedescendant", option?.id ?? "");
    this.marked = option;
  }

  steered(event) {
    const all = this.options;
    const at = all.indexOf(this.marked);
    if (event.isComposing) {
      return;
    }
    if (event.key === "ArrowDown") {
      this.mark(all[(at + 1) % all.length]);
    } else if (event.key === "ArrowUp") {
      this.mark(all.at(at <= 0 ? -1 : at - 1));
    } else if (event.key === "Enter") {
      event.ctrlKey || event.metaKey ? open(this.marked?.href) : this.marked?.click();
    } else if (event.key === "Escape") {
      this.dialog.close(); // a search field would only be emptied
    } else {
      return;
    }
    event.preventDefault();
  }
}

customElements.define("jd-palette", Palette);
