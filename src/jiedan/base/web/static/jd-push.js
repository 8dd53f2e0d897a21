// <jd-push>: lets this browser be told of notices (base/push.html writes it; the API keeps where to).
class Push extends HTMLElement {
  async connectedCallback() {
    this.said = this.querySelector("[role=status]");
    this.button = this.querySelector("button");
    const isAble = "PushManager" in window && "serviceWorker" in navigator;
    if (!isAble || !window.isSecureContext) {
      this.button.hidden = true;
      this.said.textContent = window.isSecureContext ? this.dataset.unable : this.dataset.plain;
      this.hidden = false;
      return;
    }
    this.button.addEventListener("click", () => this.turn());
    const { pushManager } = await navigator.serviceWorker.ready;
    this.manager = pushManager;
    this.show(await this.kept(await pushManager.getSubscription()));
    this.hidden = false;
  }

  // A browser whose session was ended elsewhere is not told any more: it is as if it had never been switched on.
  async kept(subscription) {
    if (subscription) {
      const id = localStorage.getItem(this.dataset.address);
      const known = await this.ask("GET", this.dataset.address).catch(() => null);
      if (known && !known.some((each) => each.subscription_id === id)) {
        await subscription.unsubscribe();
        return null;
      }
    }
    return subscription;
  }

  show(subscription) {
    this.subscription = subscription;
    this.button.textContent = subscription ? this.dataset.turnOff : this.dataset.turnOn;
    this.button.setAttribute("aria-pressed", String(Boolean(subscription)));
  }

  async turn() {
    this.button.disabled = true;
    this.said.textContent = "";
    try {
      this.show(await (this.subscription ? this.leave() : this.join()));
    } catch {
      this.said.textContent = Notification.permission === "denied" ? this.dataset.denied : this.dataset.failed;
    }
    this.button.disabled = false;
  }

  async join() {
    const { public_key: applicationServerKey } = await this.ask("GET", this.dataset.key);
    const made = await this.manager.subscribe({ userVisibleOnly: true, applicationServerKey });
    const { endpoint, keys } = made.toJSON();
    const kept = await this.ask("POST", this.dataset.address, { endpoint, p256dh: keys.p256dh, auth: keys.auth });
    localStorage.setItem(this.dataset.address, kept.subscription_id);
    return made;
  }

  async leave() {
    const id = localStorage.getItem(this.dataset.address);
    await this.subscription.unsubscribe();
    if (id) {
      await this.ask("DELETE", `${this.dataset.address}/${id}`);
    }
    return null;
  }

  async ask(method, address, body) {
    const token = JSON.parse(document.body.getAttribute("hx-headers:inherited"));
    const headers = { ...token, "Content-Type": "application/json" };
    const answer = await fetch(address, { method, headers, body: body && JSON.stringify(body) });
    if (!answer.ok) {
      throw new Error(String(answer.status));
    }
    return answer.status === 204 ? null : answer.json();
  }
}

customElements.define("jd-push", Push);
