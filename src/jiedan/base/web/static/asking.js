// A request of a script: `ask` brings an answer that is of use, or null. What failed is told by trouble.js, which asks
// `again` once that may help. Every bundle has a copy of this file, so nothing is kept here.
const PATIENCE_MS = 30_000;
const HEADERS = { Accept: "text/html", "HX-Request": "true" };

export const tell = (name, detail) => document.dispatchEvent(new CustomEvent(name, { detail }));

// What is wrong with an answer: null for a page or a part of one, also one that says itself what is not right in its form.
export function troubleOf(answer, text) {
  if (!answer) {
    return { kind: "lost" };
  }
  const { status, headers, type } = answer;
  if (type === "opaqueredirect" || status < 400) {
    return null;
  }
  const { code, said } = readOf(headers.get("content-type") ?? "", text);
  if (status === 401) {
    return { kind: "ended" };
  }
  if (code === "csrf_token_missing") {
    return { kind: "stale", said };
  }
  if (status === 503 || status === 429) {
    const isForm = status === 503 && !code && headers.has("content-language");
    return isForm ? null : { kind: "busy", seconds: Number(headers.get("retry-after")) || 0 };
  }
  if (status >= 500) {
    return { kind: "failed" };
  }
  return code ? { kind: "refused", said } : null;
}

// The code and the words of a problem: of a page for people, or of an answer for programs.
function readOf(type, text) {
  if (type.includes("json")) {
    try {
      const { code, detail } = JSON.parse(text);
      return { code, said: detail };
    } catch {
      return {};
    }
  }
  const page = text.includes("data-problem") ? new DOMParser().parseFromString(text, "text/html") : null;
  const problem = page?.querySelector("[data-problem]");
  return { code: problem?.dataset.problem, said: problem?.querySelector("p")?.textContent };
}

// Bring an answer, or what was wrong with it: nobody is told.
export async function request(address, { headers, ...options }) {
  let answer = null;
  let text = "";
  try {
    const signal = AbortSignal.timeout?.(PATIENCE_MS);
    answer = await fetch(address, { signal, ...options, headers: { ...HEADERS, ...headers } });
    text = await answer.text();
  } catch {
    answer = null;
  }
  return { trouble: troubleOf(answer, text), status: answer?.status, headers: answer?.headers, text };
}

// `by` is who asks: an element, or a name. `isSafe` says that asking again changes nothing twice.
export async function ask(address, { by, again, isSafe = true, ...options }) {
  const answer = await request(address, options);
  const { trouble } = answer;
  trouble ? tell("jd-trouble", { by, again, isSafe, trouble }) : tell("jd-fine", { by });
  return trouble ? null : answer;
}
