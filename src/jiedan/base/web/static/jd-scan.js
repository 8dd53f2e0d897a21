// <jd-scan>: a field that scanners type into, and a camera where there is one (base/lazy.html writes both).
//
// A scanner is a keyboard: it types into the field and presses Enter. The camera does the same with what it reads. The
// element sends `jd-scan` with `detail.code`; unless somebody prevents it, the field's form is sent.
const PAUSE_MS = 150;
const SAME_AGAIN_MS = 2500;

class Scan extends HTMLElement {
  connectedCallback() {
    this.field = this.querySelector("input");
    this.video = this.querySelector("video");
    this.said = this.querySelector("[role=status]");
    this.button = this.querySelector("[data-camera]");
    const hasCamera = this.dataset.src && navigator.mediaDevices?.getUserMedia;
    if (hasCamera && this.button && this.video) {
      this.button.hidden = false;
      this.button.addEventListener("click", () => (this.stream ? this.stop() : this.start()));
    }
  }

  disconnectedCallback() {
    this.stop();
  }

  async start() {
    this.say("");
    try {
      this.stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" }, audio: false });
    } catch {
      this.say(this.dataset.refused);
      return;
    }
    const { BarcodeDetector, prepareZXingModule } = await import(this.dataset.src);
    prepareZXingModule({ overrides: { locateFile: () => this.dataset.wasm }, fireImmediately: false });
    this.detector = new BarcodeDetector();
    this.video.srcObject = this.stream;
    this.video.hidden = false;
    this.button.setAttribute("aria-pressed", "true");
    await this.video.play();
    this.look();
  }

  stop() {
    this.stream?.getTracks().forEach((track) => track.stop());
    this.stream = undefined;
    if (this.video) {
      this.video.srcObject = null;
      this.video.hidden = true;
    }
    this.button?.setAttribute("aria-pressed", "false");
    this.field?.focus();
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
    navigator.vibrate?.(60);
    this.field.value = code;
    this.say(code);
    const told = new CustomEvent("jd-scan", { detail: { code }, bubbles: true, cancelable: true });
    if (this.dispatchEvent(told)) {
      this.field.form?.requestSubmit();
    }
  }

  say(text) {
    if (this.said) {
      this.said.textContent = text ?? "";
    }
  }
}

customElements.define("jd-scan", Scan);
