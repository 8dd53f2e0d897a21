// Comfort on top of pages that work without it.
import "./live.js";

document.documentElement.classList.add("js");

// A choice with `data-submit` sends its form at once.
document.addEventListener("change", (event) => {
  if (event.target.matches("[data-submit]")) {
    event.target.form.requestSubmit();
  }
});

// A form with `data-confirm` asks first.
document.addEventListener("submit", (event) => {
  const question = event.target.dataset.confirm;
  if (question && !window.confirm(question)) {
    event.preventDefault();
  }
});
