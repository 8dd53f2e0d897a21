// <jd-passkey>: lets the device answer for the form in it, then sends the form (accounts/_passkey.html).
const bytes = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));

const text = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer))).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");

const named = (listed) => listed?.map((each) => ({ ...each, id: bytes(each.id) }));

class Passkey extends HTMLElement {
  connectedCallback() {
    this.form = this.querySelector("form");
    this.said = this.querySelector("[role=status]");
    if (window.isSecureContext && window.PublicKeyCredential) {
      this.form.addEventListener("submit", (event) => this.send(event));
      this.hidden = false;
    }
  }

  async send(event) {
    event.preventDefault();
    const { answer, present, token } = this.form.elements;
    const button = this.form.querySelector("button");
    button.disabled = true;
    this.said.textContent = "";
    try {
      const asked = await this.ask();
      answer.value = JSON.stringify(await this.meet(asked.options));
      token.value = asked.token;
      if (present) {
        present.disabled = true; // it was looked at when the device was to be asked
      }
      this.form.submit();
    } catch (error) {
      const { failed, known, stopped } = this.dataset;
      this.said.textContent = { InvalidStateError: known, NotAllowedError: stopped }[error.name] ?? error.said ?? failed;
      button.disabled = false;
    }
  }

  async ask() {
    const { csrf_token: proof, present } = this.form.elements;
    const body = present && new URLSearchParams({ csrf_token: proof.value, present: present.value });
    const answer = await fetch(this.dataset.ask, { method: body ? "POST" : "GET", body });
    const content = await answer.json();
    if (!answer.ok) {
      throw Object.assign(new Error(), { said: content.detail ?? content.title });
    }
    return content;
  }

  async meet({ challenge, user, excludeCredentials, allowCredentials, ...rest }) {
    const publicKey = { ...rest, challenge: bytes(challenge) };
    if (user) {
      const wanted = { ...publicKey, user: { ...user, id: bytes(user.id) }, excludeCredentials: named(excludeCredentials) };
      return told(await navigator.credentials.create({ publicKey: wanted }));
    }
    return told(await navigator.credentials.get({ publicKey: { ...publicKey, allowCredentials: named(allowCredentials) } }));
  }
}

function told({ id, rawId, type, response }) {
  const parts = ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"];
  const present = parts.filter((name) => response[name]);
  return { id, type, rawId: text(rawId), response: Object.fromEntries(present.map((name) => [name, text(response[name])])) };
}

customElements.define("jd-passkey", Passkey);
