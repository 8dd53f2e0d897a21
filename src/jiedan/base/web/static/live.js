// One stream of changes per tab (base/web/live.py), resumed where the tab's last page left it.
const live = document.querySelector("[data-live]");

if (live) {
  const address = live.dataset.live;
  const seen = sessionStorage.getItem(address);
  live.setAttribute("hx-sse:connect", seen ? `${address}?after=${seen}` : address);
  live.addEventListener("htmx:sse:after:message", (event) => {
    sessionStorage.setItem(address, event.detail.message.id);
  });
}
