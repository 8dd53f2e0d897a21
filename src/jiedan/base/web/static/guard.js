// <form data-guard>: nobody loses what they typed by leaving the page unasked.

const written = (form) => new URLSearchParams([...new FormData(form)].filter(([, value]) => typeof value === "string")).toString();

const guarded = [...document.querySelectorAll("form[data-guard]")].map((form) => ({ form, before: written(form), sent: false }));

function look(one) {
  one.form.classList.toggle("dirty", written(one.form) !== one.before);
}

for (const one of guarded) {
  one.form.addEventListener("input", () => look(one));
  one.form.addEventListener("submit", () => (one.sent = true));
  one.form.addEventListener("reset", () => setTimeout(() => look(one)));
}

if (guarded.length) {
  addEventListener("beforeunload", (event) => {
    if (guarded.some((one) => !one.sent && written(one.form) !== one.before)) {
      event.preventDefault();
    }
  });
}
