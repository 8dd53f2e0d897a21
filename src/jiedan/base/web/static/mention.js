// <textarea data-mention='["Anna Bell", …]'> beside a role="listbox": whoever types an @ is offered the names that fit.
// The server finds out who was meant from the text alone, so typing a name by hand is as good.
const SIGNS = ["@", "＠"];
const SHOWN_MAX = 8;
const NAME_MAX = 60;

function begin(field) {
  const list = field.parentElement.querySelector("[role=listbox]");
  const names = JSON.parse(field.dataset.mention);
  const options = () => [...list.children];
  const marked = () => list.querySelector("[aria-selected=true]");

  // Where the name begins that is being typed, and what there is of it; an @ inside of a word is an address.
  function typed() {
    const before = field.value.slice(0, field.selectionStart);
    const at = Math.max(...SIGNS.map((sign) => before.lastIndexOf(sign)));
    const begun = before.slice(at + 1);
    const isName = at >= 0 && !/[A-Za-z0-9._-]$/.test(before.slice(0, at)) && begun.length <= NAME_MAX && !begun.includes("\n");
    return isName ? { from: at + 1, begun: begun.toLocaleLowerCase() } : null;
  }

  function close() {
    list.replaceChildren();
    field.removeAttribute("aria-activedescendant");
  }

  function mark(option) {
    marked()?.setAttribute("aria-selected", "false");
    option.setAttribute("aria-selected", "true");
    option.scrollIntoView({ block: "nearest" });
    field.setAttribute("aria-activedescendant", option.id);
  }

  function offer() {
    close();
    const found = typed();
    const fit = (name) => [name, ...name.split(/\s+/)].some((part) => part.toLocaleLowerCase().startsWith(found.begun));
    const offered = found ? names.filter(fit).slice(0, SHOWN_MAX) : [];
    offered.forEach((name, place) => {
      const option = Object.assign(document.createElement("div"), { id: `${list.id}-${place}`, role: "option", textContent: name });
      list.append(option);
    });
    if (offered.length) {
      mark(list.firstElementChild);
    }
  }

  function pick(option) {
    field.setRangeText(`${option.textContent} `, typed().from, field.selectionStart, "end");
    field.dispatchEvent(new Event("input", { bubbles: true }));
    close();
  }

  field.addEventListener("input", offer);
  field.addEventListener("blur", close);
  field.addEventListener("keydown", (event) => {
    const all = options();
    const at = all.indexOf(marked());
    if (event.isComposing || event.ctrlKey || event.metaKey || !all.length) {
      return;
    }
    const to = { ArrowDown: all[(at + 1) % all.length], ArrowUp: all.at(at <= 0 ? -1 : at - 1) }[event.key];
    if (to) {
      mark(to);
    } else if (event.key === "Enter" || event.key === "Tab") {
      pick(marked());
    } else if (event.key === "Escape") {
      close();
    } else {
      return;
    }
    event.preventDefault();
  });
  list.addEventListener("pointerdown", (event) => event.preventDefault()); // the field keeps the focus
  list.addEventListener("click", (event) => {
    const option = event.target.closest("[role=option]");
    if (option) {
      pick(option);
    }
  });
}

document.querySelectorAll("[data-mention]").forEach(begin);
