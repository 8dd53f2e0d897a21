// A sentence with a way back goes away by itself, unless somebody is at it.
const LASTS_MS = 8000;

export function fade(toast) {
  let timer;
  const stop = () => clearTimeout(timer);
  const start = () => {
    stop();
    timer = setTimeout(() => toast.remove(), LASTS_MS);
  };
  toast.addEventListener("pointerenter", stop);
  toast.addEventListener("focusin", stop);
  toast.addEventListener("pointerleave", start);
  toast.addEventListener("focusout", start);
  start();
}

document.querySelectorAll("[data-fade]").forEach(fade);
