// <jd-map>: a map to move about in, opened over the one the server drew (base/lazy.html writes both).
const STYLE = {
  land: { weight: 0, fillOpacity: 1, className: "jd-land", interactive: false },
  done: { weight: 3, className: "jd-way" },
  ahead: { weight: 3, dashArray: "2 7", className: "jd-way jd-ahead" },
};

class RouteMap extends HTMLElement {
  connectedCallback() {
    this.button = this.querySelector("[data-open]");
    this.stage = this.querySelector("[data-stage]");
    if (this.dataset.src && this.button && this.stage) {
      this.button.hidden = false;
      this.button.addEventListener("click", () => this.open(), { once: true });
    }
  }

  disconnectedCallback() {
    this.map?.remove();
  }

  async open() {
    this.button.disabled = true;
    const [leaflet, land] = await Promise.all([
      import(this.dataset.src),
      fetch(this.dataset.land).then((answer) => answer.json()),
      this.sheet(),
    ]);
    const stops = [...this.querySelectorAll("[data-lat]")].map((each) => ({
      at: [Number(each.dataset.lat), Number(each.dataset.lon)],
      name: each.dataset.name,
      state: each.dataset.state,
    }));
    this.stage.hidden = false;
    this.map = leaflet.map(this.stage, { attributionControl: false, keyboard: true, minZoom: 2, maxZoom: 12 });
    this.map.fitBounds(leaflet.latLngBounds(stops.map((stop) => stop.at)).pad(0.3), { maxZoom: 9 });
    leaflet.geoJSON(land, { style: () => STYLE.land }).addTo(this.map);
    const ends = stops.findLastIndex((stop) => stop.state !== "ahead") + 1;
    leaflet.polyline(stops.slice(0, ends).map((stop) => stop.at), STYLE.done).addTo(this.map);
    leaflet.polyline(stops.slice(Math.max(ends - 1, 0)).map((stop) => stop.at), STYLE.ahead).addTo(this.map);
    for (const stop of stops) {
      const mark = leaflet.circleMarker(stop.at, { radius: 6, weight: 2, className: `jd-stop jd-${stop.state}` });
      mark.addTo(this.map).bindTooltip(document.createTextNode(stop.name), { permanent: stops.length < 8 });
    }
    this.querySelectorAll("[data-drawn]").forEach((each) => each.setAttribute("hidden", ""));
    this.button.hidden = true;
    this.stage.focus();
  }

  sheet() {
    return new Promise((resolve, reject) => {
      const link = Object.assign(document.createElement("link"), { rel: "stylesheet", href: this.dataset.sheet });
      link.addEventListener("load", resolve);
      link.addEventListener("error", reject);
      document.head.append(link);
    });
  }
}

customElements.define("jd-map", RouteMap);
