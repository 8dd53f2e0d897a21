// <jd-chart>: a drawing of the table it holds, made when it comes into view (base/lazy.html writes both).
//
// The table stays what screen readers read. Colors come from the page's tokens; lines differ by dashes as well.
const TOKENS = ["--accent", "--ok", "--warn", "--bad", "--info", "--text-2"];
const LABELS_MAX = 12;
const DASHES = ["solid", "dashed", "dotted"];

class Chart extends HTMLElement {
  connectedCallback() {
    this.stage = this.querySelector("[data-stage]");
    if (!this.dataset.src || !this.stage) {
      return;
    }
    this.seen = new IntersectionObserver((entries) => {
      if (entries.some((entry) => entry.isIntersecting)) {
        this.seen.disconnect();
        this.draw();
      }
    });
    this.seen.observe(this);
  }

  disconnectedCallback() {
    this.seen?.disconnect();
    this.sizes?.disconnect();
    this.scheme?.removeEventListener("change", this.redraw);
    this.theme?.disconnect();
    this.chart?.dispose();
  }

  async draw() {
    const { init } = await import(this.dataset.src);
    if (!this.isConnected) {
      return;
    }
    this.stage.hidden = false;
    this.chart = init(this.stage, null, { renderer: "svg" });
    this.redraw = () => this.chart.setOption(this.option(), true);
    this.redraw();
    this.sizes = new ResizeObserver(() => {
      this.chart.resize();
      this.redraw();
    });
    this.sizes.observe(this.stage);
    this.scheme = window.matchMedia("(prefers-color-scheme: dark)");
    this.scheme.addEventListener("change", this.redraw);
    this.theme = new MutationObserver(this.redraw); // light or dark as chosen on the page
    this.theme.observe(document.documentElement, { attributeFilter: ["data-theme"] });
  }

  color(token) {
    const probe = this.appendChild(document.createElement("i"));
    probe.style.color = `var(${token})`;
    const { color } = getComputedStyle(probe);
    probe.remove();
    const paint = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
    paint.fillStyle = color; // oklch and the like, which ECharts does not read
    paint.fillRect(0, 0, 1, 1);
    const [red, green, blue] = paint.getImageData(0, 0, 1, 1).data;
    return `rgb(${red},${green},${blue})`;
  }

  // A few labels are all written, shortened where they are long; of many, as many as fit.
  labels(count, color) {
    const width = Math.floor((this.stage.clientWidth - 56) / Math.max(count, 1)) - 4;
    return count <= LABELS_MAX ? { color, interval: 0, width, overflow: "truncate" } : { color };
  }

  option() {
    const rows = [...this.querySelectorAll("tbody tr")];
    const names = [...this.querySelectorAll("thead th")].slice(1).map((cell) => cell.textContent.trim());
    const value = (row, column) => Number(row.cells[column + 1].dataset.value);
    const label = (row) => row.cells[0].textContent.trim();
    const [text, line] = [this.color("--text-2"), this.color("--line")];
    const shared = {
      animation: !window.matchMedia("(prefers-reduced-motion: reduce)").matches,
      animationDuration: 150,
      color: TOKENS.map((token) => this.color(token)),
      textStyle: { fontFamily: getComputedStyle(this).fontFamily, color: text },
      // As text, not HTML: its inline styles would break the content security policy.
      tooltip: { trigger: this.dataset.kind === "pie" ? "item" : "axis", renderMode: "richText" },
      legend: names.length > 1 || this.dataset.kind === "pie" ? { bottom: 0, textStyle: { color: text } } : undefined,
    };
    if (this.dataset.kind === "pie") {
      const data = rows.map((row) => ({ name: label(row), value: value(row, 0) }));
      return { ...shared, series: [{ type: "pie", radius: ["45%", "70%"], label: { color: text }, data }] };
    }
    const axis = { axisLabel: { color: text }, axisLine: { lineStyle: { color: line } } };
    return {
      ...shared,
      grid: { left: 8, right: 12, top: 16, bottom: shared.legend ? 32 : 4, containLabel: true },
      xAxis: { ...axis, type: "category", data: rows.map(label), axisLabel: this.labels(rows.length, text) },
      yAxis: { ...axis, type: "value", minInterval: 1, splitLine: { lineStyle: { color: line } } },
      series: names.map((name, column) => ({
        name,
        type: this.dataset.kind,
        showSymbol: false,
        lineStyle: { type: DASHES[column % DASHES.length] },
        data: rows.map((row) => value(row, column)),
      })),
    };
  }
}

customElements.define("jd-chart", Chart);
