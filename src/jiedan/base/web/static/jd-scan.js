// <jd-scan>: a field that scanners type into, and a camera where there is one (base/lazy.html writes both).
//
// A scanner is a keyboard: it types into the field and presses Enter. The camera does the same with what it reads. The
// field stands inside, or is the one with the id in data-field. The element sends `jd-scan` with `detail.code`; unless
// somebody prevents it, the field's form is sent as Enter sends it. While a page to scan on (data-awake), or its camera,
// is open the screen stays on, where the browser lets it.
const PAUSE_MS = 150;
const SAME_AGAIN_MS = 2500;

class Scan extends HTMLElement {
  connectedCallback() {
    this.video = this.querySelector("video");
    this.said = this.querySelector("[data-told]");
    this.button = this.querySelector("[data-camera]");
    if (this.dataset.src && this.button && this.video) {
      this.button.hidden = false;
      this.button.addEventListener("click", () => (this.stream ? this.stop() : this.start()));
    }
    this.seen = () => this.wake();
    document.addEventListener("visibilitychange", this.seen);
    this.wake();
  }

  disconnectedCallback() {
    document.removeEventListener("visibilitychange", this.seen);
    this.stop();
  }

  // It may have been put in place anew meanwhile.
  get field() {
    return this.querySelector("input") ?? document.getElementById(this.dataset.field);
  }

  get isOpen() {
    return this.isConnected && (this.stream !== undefined || "awake" in this.dataset);
  }

  // A browser lets go of it by itself while nobody looks at the page.
  async wake() {
    if (this.isOpen && !document.hidden && (!this.lock || this.lock.released)) {
      this.lock = await navigator.wakeLock?.request("screen").catch(() => undefined);
    }
    if (!this.isOpen) {
      this.lock?.release();
      this.lock = undefined;
    }
  }

  async start() {
    this.say("");
    if (!navigator.mediaDevices?.getUserMedia) {
      this.say(window.isSecureContext ? this.dataset.none : this.dataset.plain);
      return;
    }
    try {
      this.stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" }, audio: false });
      const { BarcodeDetector, prepareZXingModule } = await import(this.dataset.src);
      prepareZXingModule({ overrides: { locateFile: () => this.dataset.wasm }, fireImmediately: false });
      this.detector = new BarcodeDetector();
    } catch (error) {
      this.stop();
      this.say(error.name === "NotAllowedError" ? this.dataset.refused : this.dataset.none);
      return;
    }
    if (!this.isConnected) {
      this.stop();
      return;
    }
    this.video.srcObject = this.stream;
    this.video.hidden = false;
    this.button.setAttribute("aria-pressed", "true");
    this.wake();
    await this.video.play();
    this.look();
  }

  stop() {
    this.stream?.getTracks().forEach((track) => track.stop());
    if (this.stream) {
      this.field?.focus();
    }
    this.stream = undefined;
    if (this.video) {
      this.video.srcObject = null;
      this.video.hidden = true;
    }
    this.button?.setAttribute("aria-pressed", "false");
    this.wake();
  }

  async look() {
    while (this.stream) {
      const [found] = await this.detector.detect(this.video).catch(() => []);
      const now = performance.now();
      if (found && (found.rawValue !== this.last || now - this.at > SAME_AGAIN_MS)) {
        [this.last, this.at] = [found.rawValue, now];
        this.take(found.rawValue);
      }
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
  }

  take(code) {
    const { field } = this;
    navigator.vibrate?.(60);
    field.value = code;
    this.say(code);
    const told = new CustomEvent("jd-scan", { detail: { code }, bubbles: true, cancelable: true });
    if (!this.dispatchEvent(told)) {
      return;
    }
    if (field.form) {
      field.form.requestSubmit([...field.form.elements].find((one) => one.type === "submit"));
    } else {
      field.dispatchEvent(new Event("input", { bubbles: true }));
    }
  }

  say(text) {
    if (this.said) {
      this.said.textContent = text ?? "";
    }
  }
}

// A form data-scans that went behind the page takes the next scan at once: empty, with another key.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.matches("[data-scans]") && event.defaultPrevented) {
    form.elements.code.value = "";
    form.elements.key.value = `${Date.now().toString(36)}-${Math.random().toString(36).slice(2)}`;
  }
});

customElements.define("jd-scan", Scan);
