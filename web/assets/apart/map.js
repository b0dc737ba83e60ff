// Open cases on our own ground (MapLibre): colour and shape by light, gathered where they are many, each a link.
"use strict";

const LIGHTS = ["normal", "due-soon", "overdue"];
const COLOURS = { normal: "--green", "due-soon": "--amber", overdue: "--red" };
const FONT = ["PingFang SC,Noto Sans SC,Noto Sans CJK SC,Microsoft YaHei,sans-serif"];
const SMALL = 1000; // px of window below which nothing is drawn larger
const NOTHING = { type: "FeatureCollection", features: [] };
const WORST = ["match", ["get", "light"], "overdue", 2, "due-soon", 1, 0];

function outline(pen, light, size) {
  const edge = size * 0.12;
  pen.beginPath();
  if (light === "normal") pen.arc(size / 2, size / 2, size / 2 - edge, 0, 2 * Math.PI);
  else if (light === "due-soon") { pen.moveTo(size / 2, edge); pen.lineTo(size - edge, size - edge); pen.lineTo(edge, size - edge); pen.closePath(); }
  else pen.rect(edge * 1.4, edge * 1.4, size - 2.8 * edge, size - 2.8 * edge);
}

// A dot is a circle, a triangle or a square; with `count`, so many cases of which the worst has this light.
function dot(light, colour, ground, size, count = "") {
  const canvas = Object.assign(document.createElement("canvas"), { width: size, height: size });
  const pen = canvas.getContext("2d");
  outline(pen, light, size);
  Object.assign(pen, { fillStyle: colour, strokeStyle: ground, lineWidth: size * 0.08, lineJoin: "round" });
  pen.fill();
  pen.stroke();
  if (count) {
    Object.assign(pen, { fillStyle: ground, textAlign: "center", textBaseline: "middle", font: `700 ${size * 0.36}px sans-serif` });
    pen.fillText(count, size / 2, size * (light === "due-soon" ? 0.66 : 0.52));
  }
  return pen.getImageData(0, 0, size, size);
}

// Where an area's name stands: the middle of its largest ring. Named once, however many tiles it lies in.
function middle({ type, coordinates }) {
  const rings = type === "MultiPolygon" ? coordinates.map(([outer]) => outer) : [coordinates[0]];
  const sums = rings.map((ring) => ring.slice(1).reduce(([area, x, y], [x1, y1], at) => {
    const [x0, y0] = ring[at];
    const cross = x0 * y1 - x1 * y0;
    return [area + cross, x + (x0 + x1) * cross, y + (y0 + y1) * cross];
  }, [0, 0, 0]));
  const [area, x, y] = sums.sort(([one], [other]) => Math.abs(other) - Math.abs(one))[0];
  return [x / (3 * area), y / (3 * area)];
}

class CaseMap {
  constructor(root) {
    this.root = root;
    this.words = root.dataset;
    this.scale = innerWidth < SMALL ? 1 : Number(this.words.scale ?? 1);
    this.shown = { areas: NOTHING, names: NOTHING, cases: NOTHING, units: NOTHING };
    this.draw();
    this.load();
    new MutationObserver(() => this.highlight()).observe(root, { attributeFilter: ["data-highlight"] });
    new MutationObserver(() => this.put()).observe(root, { attributeFilter: ["data-points"], childList: true, subtree: true });
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.map?.setStyle(this.style()));
  }

  draw() {
    maplibregl.setWorkerUrl(this.words.worker);
    const container = this.root.querySelector("[data-map-ground]");
    try {
      this.map = new maplibregl.Map({ container, style: this.style(), attributionControl: false, dragRotate: false, maxZoom: 19, pixelRatio: Math.max(devicePixelRatio, 1), locale: this.locale() });
    } catch {
      this.withoutMap();
      return;
    }
    this.map.touchZoomRotate.disableRotation();
    if (this.words.controls !== "none") this.map.addControl(new maplibregl.NavigationControl({ showCompass: false }));
    this.map.on("styleimagemissing", ({ id }) => this.image(id));
    this.map.on("idle", () => { this.root.dataset.ready = this.shown.cases.features.length; });
    for (const layer of ["dots", "gathered"]) {
      this.map.on("click", layer, (event) => this.clicked(event.features[0]));
      this.map.on("mousemove", layer, (event) => this.hover(event.features[0]));
      this.map.on("mouseleave", layer, () => { this.map.getCanvas().style.cursor = ""; this.popup?.remove(); });
    }
  }

  locale() {
    return { "Map.Title": this.words.wordsName, "NavigationControl.ZoomIn": "＋", "NavigationControl.ZoomOut": "－" };
  }

  withoutMap() {
    this.root.classList.add("no-map");
    this.root.querySelector("[data-map-failed]").hidden = false;
  }

  async load() {
    [this.shown.areas, this.shown.units] = await Promise.all([this.fetched(this.words.areas), this.fetched(this.words.units)]);
    const names = this.shown.areas.features.map(({ properties, geometry }) => ({ type: "Feature", properties, geometry: { type: "Point", coordinates: middle(geometry) } }));
    this.shown.names = { ...NOTHING, features: names };
    this.fit();
    this.put();
  }

  async fetched(address) {
    const answer = address ? await fetch(address) : null;
    return answer?.ok ? answer.json() : NOTHING;
  }

  // The list beside the map says what is on it; it renews itself.
  put() {
    const told = this.root.querySelector("[data-points]")?.dataset.points;
    if (told !== undefined && told !== this.told) this.shown.cases = JSON.parse(told);
    if (told === this.told && this.drawn === this.shown.areas) return;
    [this.told, this.drawn] = [told, this.shown.areas];
    for (const [name, data] of Object.entries(this.shown)) this.map?.getSource(name)?.setData(data);
    this.highlight();
  }

  fit() {
    const bounds = new maplibregl.LngLatBounds();
    const extend = (part) => (typeof part[0] === "number" ? bounds.extend(part) : part.forEach(extend));
    for (const area of this.shown.areas.features) extend(area.geometry.coordinates);
    if (this.map && !bounds.isEmpty()) this.map.fitBounds(bounds, { padding: 16, animate: false });
  }

  colour(token) {
    return getComputedStyle(this.root).getPropertyValue(token).trim();
  }

  image(id) {
    const [kind, light, count] = id.split("|");
    const size = Math.round((kind === "dot" ? 44 : 72) * this.scale);
    if (kind === "dot" || kind === "gathered") this.map.addImage(id, dot(light, this.colour(COLOURS[light]), this.colour("--card"), size, count), { pixelRatio: 2 });
  }

  style() {
    const named = (size, level, minzoom = 0) => ({
      id: `names-${level}`, type: "symbol", source: "names", minzoom, filter: ["==", ["get", "level"], level],
      layout: { "text-field": ["get", "label"], "text-font": FONT, "text-size": size * this.scale, "text-padding": 2, "text-variable-anchor": ["center", "top", "bottom", "left", "right"], "text-radial-offset": 1.4, "text-justify": "auto" },
      paint: { "text-color": this.colour("--ground-name"), "text-halo-color": this.colour("--ground-area"), "text-halo-width": 1.5 },
    });
    const ground = (id, level, token, minzoom = 0) => ({ id, type: "fill", source: "areas", minzoom, filter: ["==", ["get", "level"], level], paint: { "fill-color": this.colour(token) } });
    const light = ["at", ["get", "worst"], ["literal", LIGHTS]];
    const freely = { "icon-allow-overlap": true };
    return {
      version: 8,
      sources: {
        areas: { type: "geojson", data: this.shown.areas },
        names: { type: "geojson", data: this.shown.names },
        cases: { type: "geojson", data: this.shown.cases, cluster: true, clusterRadius: 36 * this.scale, clusterMaxZoom: 16, clusterProperties: { worst: ["max", WORST] } },
        units: { type: "geojson", data: this.shown.units },
        highlight: { type: "geojson", data: NOTHING },
      },
      layers: [
        { id: "beyond", type: "background", paint: { "background-color": this.colour("--ground-beyond") } },
        ground("sub-district", 2, "--ground-street"),
        ground("communities", 4, "--ground-area"),
        ground("buildings", 5, "--ground-building", 13),
        { id: "committees", type: "line", source: "areas", filter: ["==", ["get", "level"], 3], paint: { "line-color": this.colour("--ground-name"), "line-width": 1, "line-opacity": 0.35, "line-dasharray": [4, 3] } },
        named(11, 5, 17), named(13, 4),
        { id: "units", type: "symbol", source: "units", layout: { "text-field": ["concat", ["get", "label"], "\n", this.loadWords()], "text-font": FONT, "text-size": 11 * this.scale, "text-padding": 6 }, paint: { "text-color": this.colour("--blue"), "text-halo-color": this.colour("--card"), "text-halo-width": 2 } },
        { id: "ring", type: "circle", source: "highlight", paint: { "circle-radius": 18 * this.scale, "circle-opacity": 0, "circle-stroke-width": 4, "circle-stroke-color": this.colour("--blue") } },
        { id: "dots", type: "symbol", source: "cases", filter: ["!", ["has", "point_count"]], layout: { "icon-image": ["concat", "dot|", ["get", "light"]], "symbol-sort-key": WORST, ...freely } },
        { id: "gathered", type: "symbol", source: "cases", filter: ["has", "point_count"], layout: { "icon-image": ["concat", "gathered|", light, "|", ["get", "point_count_abbreviated"]], "symbol-sort-key": ["get", "worst"], ...freely } },
      ],
    };
  }

  loadWords() {
    const parts = (this.words.wordsLoad ?? "").split(/\{(\w+)\}/);
    return ["concat", ...parts.map((part, place) => (place % 2 ? ["to-string", ["get", part]] : part))];
  }

  async clicked({ properties, geometry }) {
    if (properties.cluster) {
      const zoom = await this.map.getSource("cases").getClusterExpansionZoom(properties.cluster_id);
      this.map.easeTo({ center: geometry.coordinates, zoom });
    } else {
      this.open(properties.id);
    }
  }

  // A page that shows the case beside the map answers `map:case` and prevents the way to the case's own page.
  open(id) {
    const asked = new CustomEvent("map:case", { detail: { id }, bubbles: true, cancelable: true });
    if (this.root.dispatchEvent(asked)) location.assign(this.words.caseUrl + id);
  }

  hover({ properties, geometry }) {
    this.map.getCanvas().style.cursor = "pointer";
    if (properties.cluster) return;
    const said = document.createElement("p");
    said.textContent = this.named(properties);
    this.popup ??= new maplibregl.Popup({ closeButton: false, closeOnClick: false, offset: 14, className: "map-popup" });
    this.popup.setLngLat(geometry.coordinates).setDOMContent(said).addTo(this.map);
  }

  named({ light, label, title }) {
    return `${this.word(light)} · ${label} · ${title}`;
  }

  word(light) {
    return this.words[light === "due-soon" ? "wordsDueSoon" : `words${light[0].toUpperCase()}${light.slice(1)}`];
  }

  highlight() {
    const id = this.words.highlight;
    const found = this.shown.cases.features.filter((feature) => feature.properties.id === id);
    this.map?.getSource("highlight")?.setData({ ...NOTHING, features: found });
    if (found.length && id !== this.flown) this.map?.easeTo({ center: found[0].geometry.coordinates, zoom: Math.max(this.map.getZoom(), 16) });
    this.flown = id;
  }
}

addEventListener("DOMContentLoaded", () => {
  for (const root of document.querySelectorAll("[data-map]")) root.caseMap = new CaseMap(root);
});
