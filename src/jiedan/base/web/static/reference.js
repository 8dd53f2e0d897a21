// Try out an operation of the API with the key typed above; the key stays in this tab.
"use strict";

const KEY_NAME = "jiedan-api-key";
const keyInput = document.getElementById("api-key");
keyInput.value = sessionStorage.getItem(KEY_NAME) ?? "";
keyInput.addEventListener("input", () => sessionStorage.setItem(KEY_NAME, keyInput.value));

function request(form) {
  const { method, path } = form.closest("[data-path]").dataset;
  const headers = new Headers({ Accept: "application/json" });
  const query = new URLSearchParams();
  let target = path;
  for (const input of form.querySelectorAll("[data-in]")) {
    if (input.value === "") {
      continue;
    }
    if (input.dataset.in === "path") {
      target = target.replace(`{${input.name}}`, encodeURIComponent(input.value));
    } else if (input.dataset.in === "query") {
      query.append(input.name, input.value);
    } else if (input.dataset.in === "header") {
      headers.set(input.name, input.value);
    }
  }
  if (keyInput.value !== "") {
    headers.set("Authorization", `Bearer ${keyInput.value}`);
  }
  const body = form.querySelector("[data-body]")?.value;
  if (body !== undefined) {
    headers.set("Content-Type", "application/json");
  }
  const search = query.toString();
  return new Request(search ? `${target}?${search}` : target, { method, headers, body, credentials: "omit" });
}

async function read(response, outcome) {
  const type = response.headers.get("content-type") ?? "";
  if (type.startsWith("text/event-stream")) {
    for await (const piece of response.body.pipeThrough(new TextDecoderStream())) {
      outcome.append(piece);
    }
    return;
  }
  const text = await response.text();
  outcome.append(type.includes("json") && text ? JSON.stringify(JSON.parse(text), null, 2) : text);
}

document.addEventListener("submit", async (event) => {
  if (!event.target.matches("[data-try]")) {
    return;
  }
  event.preventDefault();
  const outcome = event.target.querySelector(".outcome");
  const started = performance.now();
  try {
    const response = await fetch(request(event.target));
    outcome.textContent = `${response.status} ${response.statusText} · ${Math.round(performance.now() - started)} ms\n\n`;
    await read(response, outcome);
  } catch (error) {
    outcome.textContent = String(error);
  }
});
