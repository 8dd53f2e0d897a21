// Whoever signed in in another tab has another session: the page takes over its token.
export async function renew() {
  const answer = await fetch(location.href, { headers: { Accept: "text/html", "HX-Request": "true" } }).catch(() => null);
  const page = answer?.ok ? new DOMParser().parseFromString(await answer.text(), "text/html") : null;
  const headers = page?.body.getAttribute("hx-headers:inherited");
  if (!headers) {
    return false;
  }
  document.body.setAttribute("hx-headers:inherited", headers);
  const token = JSON.parse(headers)["X-CSRF-Token"];
  document.querySelectorAll("[name=csrf_token]").forEach((input) => (input.value = token));
  return true;
}
