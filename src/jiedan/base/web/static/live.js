// One stream of changes per tab (base/web/live.py), resumed where the tab's last page left it.
function begin(live) {
  const address = live.dataset.live;
  const seen = sessionStorage.getItem(address);
  live.setAttribute("hx-sse:connect", seen ? `${address}?after=${seen}` : address);
  live.addEventListener("htmx:sse:after:message", (event) => {
    sessionStorage.setItem(address, event.detail.message.id);
  });
}

const ofPage = () => document.querySelector("[data-live]:not([hx-sse\\:connect])");

if (ofPage()) {
  begin(ofPage());
}

// Going back puts another page in place, whose stream has not begun.
document.addEventListener("htmx:after:swap", () => {
  const live = ofPage();
  if (live) {
    begin(live);
    window.htmx.process(live);
  }
});
