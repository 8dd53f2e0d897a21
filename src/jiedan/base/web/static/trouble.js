// What a reader is told when a request behind the page fails, in one place for all of them (#trouble of base/page.html).
//
// Nothing that was typed goes: no page of a problem takes the place of a part. What is only read, or changes nothing
// twice, is asked for again by itself: when the connection is back, when the server said, when somebody comes back from
// signing in. Everything else waits for the button.
import { troubleOf } from "./asking.js";
import { renew } from "./renewing.js";

const WAIT_S_MAX = 30;
const ORDER = ["ended", "stale", "refused", "back", "lost", "busy", "failed"];

// Going back puts another page in place, with another of these.
const place = () => document.getElementById("trouble");
const part = (mark) => place().querySelector(`[data-${mark}]`);
const open = new Map(); // what failed, by who asked
let leaving = false;
let tries = 0;
let timer;

// A modal dialog lets nobody at what stands outside it.
function move() {
  const home = [...document.querySelectorAll("dialog[open]")].at(-1) ?? document.body;
  if (place() && place().parentElement !== home) {
    home.append(place());
  }
}

function show() {
  for (const by of open.keys()) {
    if (by instanceof Element && !by.isConnected) {
      open.delete(by);
    }
  }
  const [worst] = [...open.values()].sort((a, b) => ORDER.indexOf(a.kind) - ORDER.indexOf(b.kind));
  const said = worst ? worst.said || place().dataset[worst.kind] : "";
  place().firstElementChild.hidden = !worst;
  if (said !== part("said").textContent) {
    move();
    part("said").textContent = said;
    part("enter").hidden = worst?.kind !== "ended";
    part("again").hidden = worst?.kind === "refused";
  }
  if (!worst) {
    clearTimeout(timer);
    timer = undefined;
    tries = 0;
  }
}

// Ask for everything again that changes nothing twice; with `all` also for what somebody has to mean.
function again(all = false) {
  clearTimeout(timer);
  timer = undefined;
  for (const one of [...open.values()]) {
    if ((one.isSafe || all) && one.again && one.kind !== "refused") {
      one.again();
    } else if (one.kind === "lost" && navigator.onLine) {
      one.kind = "back";
    }
  }
  show();
}

function soon() {
  const waiting = [...open.values()].filter((one) => one.isSafe && one.again && ["lost", "busy"].includes(one.kind));
  if (waiting.length && !timer) {
    const asked = Math.max(...waiting.map((one) => one.seconds ?? 0));
    const wait = asked || Math.min(2 ** (tries += 1), WAIT_S_MAX);
    timer = setTimeout(again, wait * 1000);
  }
}

async function begin({ by, again: repeat, isSafe, trouble }) {
  if (leaving || !place()) {
    return;
  }
  const before = open.get(by);
  open.set(by, { ...trouble, again: repeat, isSafe });
  if (trouble.kind === "stale" && before?.kind !== "stale" && (await renew())) {
    repeat?.(); // it was refused before anything was done
    return;
  }
  show();
  soon();
}

function end(by) {
  if (open.delete(by) && place()) {
    show();
  }
}

async function pressed() {
  if (![...open.values()].some((one) => ["ended", "stale"].includes(one.kind)) || (await renew())) {
    again(true);
  }
}

// Send the form or ask for the part again; of a form for scans what was scanned then, not what stands in it now.
function repeated({ sourceElement, sourceEvent, request, target, swap, select }) {
  const isScan = sourceElement.matches("[data-scans]");
  if (!sourceElement.isConnected) {
    return;
  }
  if (sourceEvent?.type === "submit" && !isScan) {
    sourceElement.requestSubmit(request.submitter?.isConnected ? request.submitter : undefined);
  } else {
    const options = { source: sourceElement, swap, select };
    if (target?.isConnected) {
      options.target = target;
    }
    if (isScan) {
      options.values = Object.fromEntries(request.body);
    }
    window.htmx.ajax(request.method, request.action, options);
  }
}

function ofHtmx(ctx, trouble) {
  const { sourceElement, sourceEvent, request } = ctx;
  if (sourceElement.matches("[data-scans]")) {
    const again = () => open.delete(ctx) && repeated(ctx);
    begin({ by: ctx, again, isSafe: true, trouble });
    return;
  }
  const isSafe = request.method === "GET" || !["submit", "click"].includes(sourceEvent?.type);
  begin({ by: sourceElement, again: () => repeated(ctx), isSafe, trouble });
}

if (place()) {
  document.addEventListener("jd-trouble", (event) => begin(event.detail));
  document.addEventListener("jd-fine", (event) => end(event.detail.by));

  document.addEventListener("htmx:error", ({ detail: { ctx } }) => ctx && ofHtmx(ctx, { kind: ctx.response ? "failed" : "lost" }));
  document.addEventListener("htmx:after:request", (event) => {
    const { ctx } = event.detail;
    const trouble = troubleOf(ctx.response.raw, ctx.text);
    if (trouble?.kind === "refused" && ctx.sourceElement.hasAttribute("hx-status:4xx")) {
      return; // a part that says itself that it may be refused
    }
    if (trouble) {
      event.preventDefault(); // neither swapped nor followed to the sign-in
      ofHtmx(ctx, trouble);
    } else {
      end(ctx.sourceElement);
    }
  });
  document.addEventListener("htmx:before:swap", () => place()?.closest("dialog") && document.body.append(place()));
  document.addEventListener("htmx:after:swap", () => open.size && (move(), show()));

  // The stream tries again by itself, later and later; a connection that is back is a reason to try now.
  document.addEventListener("htmx:sse:error", ({ detail, target }) => {
    const kind = detail.status === 401 ? "ended" : detail.status ? "busy" : "lost";
    begin({ by: target, again: () => detail.connection?.delayCanceller?.(), isSafe: true, trouble: { kind } });
  });
  document.addEventListener("htmx:sse:after:connection", ({ target }) => end(target));

  // A form that would leave the page for a page that cannot come: it stays, with all that was typed.
  addEventListener(
    "submit",
    (event) => {
      const form = event.target;
      const isOurs = form.matches("[hx-post], [data-scan], [data-part]");
      if (form.getAttribute("method") === "post" && !isOurs && !navigator.onLine && event.submitter?.formMethod !== "dialog") {
        event.preventDefault();
        event.stopImmediatePropagation();
        const submitter = event.submitter;
        begin({ by: form, again: () => form.requestSubmit(submitter), isSafe: false, trouble: { kind: "lost" } });
      } else {
        end(form);
      }
    },
    true,
  );

  document.addEventListener("click", (event) => {
    if (event.target.closest("#trouble [data-again]")) {
      pressed();
    } else if (event.target.closest("#trouble [data-away]")) {
      open.clear();
      show();
    }
  });
  document.addEventListener("close", move, true);
  addEventListener("online", () => again());
  document.addEventListener("visibilitychange", async () => {
    const hasEnded = !document.hidden && [...open.values()].some((one) => one.kind === "ended");
    if (hasEnded && (await renew())) {
      again();
    }
  });
  addEventListener("pagehide", () => (leaving = true));
  addEventListener("pageshow", () => (leaving = false));
}
