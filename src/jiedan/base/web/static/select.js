// <jd-select>: ticks of a list. Inside: checkboxes [data-pick] in rows, maybe one [data-pick-all], a text [data-picked]
// with data-one and data-many ("{n} selected"), a button [data-pick-none], and for "all that match" a button
// [data-pick-matching] beside a hidden input [data-matching] that is sent as 1 while all are meant.
class Select extends HTMLElement {
  connectedCallback() {
    this.addEventListener("click", (event) => this.pressed(event));
    this.addEventListener("change", (event) => this.changed(event));
    this.show();
  }

  get boxes() {
    return [...this.querySelectorAll("[data-pick]")];
  }

  pressed(event) {
    const box = event.target.closest("[data-pick]");
    if (box && event.shiftKey && this.last?.isConnected) {
      const boxes = this.boxes;
      const [from, to] = [boxes.indexOf(this.last), boxes.indexOf(box)].sort((a, b) => a - b);
      boxes.slice(from, to + 1).forEach((one) => (one.checked = box.checked));
    }
    if (box) {
      this.last = box;
    }
    if (event.target.closest("[data-pick-none]")) {
      this.boxes.forEach((one) => (one.checked = false));
      this.show();
    }
    if (event.target.closest("[data-pick-matching]")) {
      this.boxes.forEach((one) => (one.checked = true));
      this.show(true);
    }
  }

  changed(event) {
    if (event.target.matches("[data-pick-all]")) {
      this.boxes.forEach((one) => (one.checked = event.target.checked));
    }
    if (event.target.matches("[data-pick-all], [data-pick]")) {
      this.show();
    }
  }

  show(matching = false) {
    const picked = this.boxes.filter((one) => one.checked).length;
    const all = this.querySelector("[data-pick-all]");
    if (all) {
      all.checked = picked > 0 && picked === this.boxes.length;
      all.indeterminate = picked > 0 && !all.checked;
    }
    const input = this.querySelector("[data-matching]");
    if (input) {
      input.value = matching ? "1" : "";
    }
    const button = this.querySelector("[data-pick-matching]");
    button?.setAttribute("aria-pressed", matching);
    const text = this.querySelector("[data-picked]");
    if (text) {
      const words = matching ? button.dataset.all : picked === 1 ? text.dataset.one : text.dataset.many;
      text.textContent = words.replace("{n}", picked.toLocaleString(document.documentElement.lang));
    }
    this.classList.toggle("picking", picked > 0);
    this.dispatchEvent(new CustomEvent("picked", { detail: { picked, matching }, bubbles: true }));
  }
}

customElements.define("jd-select", Select);
