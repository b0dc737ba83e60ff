// A pin on our own ground (Leaflet): fills a form's latitude, longitude and place. The choice of places does the same.
"use strict";

const NEAR = 200; // metres from a building's door at which a point still belongs to it
const COMMUNITY = 4;
const BUILDING = 5;

function ringCovers(ring, [x, y]) {
  let inside = false;
  for (let i = 0, j = ring.length - 1; i < ring.length; j = i++) {
    const [[xi, yi], [xj, yj]] = [ring[i], ring[j]];
    if (yi > y !== yj > y && x < ((xj - xi) * (y - yi)) / (yj - yi) + xi) inside = !inside;
  }
  return inside;
}

function covers({ type, coordinates }, point) {
  const polygons = type === "MultiPolygon" ? coordinates : [coordinates];
  return polygons.some(([outer, ...holes]) => ringCovers(outer, point) && !holes.some((hole) => ringCovers(hole, point)));
}

// The same answer as the server's (store/geometry.py, nearest_place), before it is asked.
function placeAt(areas, { lat, lng }) {
  const covering = areas.filter((area) => covers(area.geometry, [lng, lat])).map((area) => area.properties);
  const smallest = covering.sort((one, other) => other.level - one.level)[0];
  if (smallest?.level >= COMMUNITY) return smallest;
  const near = areas
    .map((area) => area.properties)
    .filter((area) => area.level === BUILDING && area.lat !== null)
    .map((area) => [L.latLng(area.lat, area.lon).distanceTo({ lat, lng }), area])
    .sort(([one], [other]) => one - other)[0];
  return near && near[0] < NEAR ? near[1] : smallest;
}

class PinMap {
  constructor(root, areas) {
    const form = root.closest("form");
    const field = (name) => form.elements[name] ?? form.appendChild(Object.assign(document.createElement("input"), { type: "hidden", name }));
    this.words = root.dataset;
    this.areas = areas.features;
    this.lat = field(this.words.latName);
    this.lon = field(this.words.lonName);
    this.choice = form.elements[this.words.placeName ?? "place"];
    this.said = root.querySelector("[data-pin-said]");
    this.draw(root.querySelector("[data-pin-ground]"), areas);
    this.choice?.addEventListener("change", (event) => { if (event.isTrusted || !event.detail) this.chosen(); });
    this.offerPosition(root.querySelector("[data-pin-locate]"));
    if (this.lat.value && this.lon.value) this.put({ lat: Number(this.lat.value), lng: Number(this.lon.value) }, false);
    else this.chosen();
  }

  draw(ground, areas) {
    this.map = L.map(ground, { attributionControl: false, zoomControl: false, scrollWheelZoom: false, zoomSnap: 0.5, maxZoom: 19 });
    L.control.zoom({ zoomInTitle: this.words.wordsIn, zoomOutTitle: this.words.wordsOut }).addTo(this.map);
    const drawn = L.geoJSON(areas, {
      style: ({ properties }) => ({ className: `area level-${properties.level}`, smoothFactor: 0 }),
      onEachFeature: ({ properties }, layer) => {
        if (properties.level < COMMUNITY) return;
        const name = document.createElement("span");
        name.textContent = properties.level === BUILDING ? properties.label.split(" ").slice(1).join(" ") : properties.label;
        layer.bindTooltip(name, { permanent: true, direction: "center", className: `area-name level-${properties.level}` });
      },
    }).addTo(this.map);
    this.map.fitBounds(drawn.getBounds(), { padding: [8, 8], animate: false });
    const near = () => ground.classList.toggle("near", this.map.getZoom() >= 17);
    this.map.on("zoomend", near);
    this.map.on("click", (event) => this.put(event.latlng));
  }

  offerPosition(button) {
    if (!button || !navigator.geolocation) return;
    button.hidden = false;
    button.addEventListener("click", () => navigator.geolocation.getCurrentPosition(
      ({ coords }) => { this.put({ lat: coords.latitude, lng: coords.longitude }); this.show(this.pin.getLatLng()); },
      () => { this.said.textContent = this.words.wordsRefused; },
      { enableHighAccuracy: true, timeout: 10000 },
    ));
  }

  chosen() {
    const area = this.areas.find(({ properties }) => properties.path === this.choice?.value)?.properties;
    if (!area) return;
    this.stand({ lat: area.lat, lng: area.lon });
    this.show(this.pin.getLatLng());
    [this.lat.value, this.lon.value] = ["", ""]; // a place was chosen, no point was shown
    this.said.textContent = this.words.wordsHere.replace("{place}", area.label);
  }

  // The pin is put at a point: the form's fields follow.
  put(point, choosing = true) {
    this.stand(point);
    const area = placeAt(this.areas, point);
    this.lat.value = point.lat.toFixed(6);
    this.lon.value = point.lng.toFixed(6);
    this.said.textContent = area ? this.words.wordsHere.replace("{place}", area.label) : this.words.wordsNowhere;
    if (choosing && this.choice) this.choose(area);
  }

  choose(area) {
    const known = [...this.choice.options].map((option) => option.value).filter((path) => path && area?.path.startsWith(path));
    this.choice.value = known.sort((one, other) => other.length - one.length)[0] ?? "";
    this.choice.dispatchEvent(new CustomEvent("change", { bubbles: true, detail: "by-pin" }));
  }

  stand(point) {
    if (this.pin) { this.pin.setLatLng(point); return; }
    const icon = L.divIcon({ className: "pin-mark", iconSize: [36, 44], iconAnchor: [18, 42] });
    this.pin = L.marker(point, { icon, draggable: true, autoPan: true, title: this.words.wordsPin }).addTo(this.map);
    this.pin.on("dragend", () => this.put(this.pin.getLatLng()));
  }

  show(point) {
    this.map.setView(point, Math.max(this.map.getZoom(), 17), { animate: false });
  }
}

const arrived = (element) => new Promise((resolve, reject) => Object.assign(element, { onload: resolve, onerror: reject }));

// Leaflet is most of the page's weight: it comes last, and the choice of places works without it.
let leaflet;
function leafletFor({ leaflet: script, leafletStyle }) {
  if (!leaflet) {
    const style = Object.assign(document.createElement("link"), { rel: "stylesheet", href: leafletStyle });
    const code = Object.assign(document.createElement("script"), { src: script });
    leaflet = Promise.all([arrived(style), arrived(code)]);
    document.querySelector("link[rel=stylesheet]").after(style); // ours come later and win
    document.head.append(code);
  }
  return leaflet;
}

const usable = new Promise((resolve) => addEventListener("load", resolve, { once: true }));

async function pinMap(root) {
  const ground = root.querySelector("[data-pin-ground]");
  ground.hidden = false; // its room is kept, so that nothing moves under the hand later
  try {
    await usable;
    await leafletFor(root.dataset);
    const answer = await fetch(root.dataset.areas ?? "/report/areas.json");
    if (!answer.ok) throw new Error(answer.statusText);
    root.pinMap = new PinMap(root, await answer.json());
    root.dispatchEvent(new Event("drawn"));
  } catch {
    ground.hidden = !root.pinMap; // no map then: the place is chosen from the list
  }
}
function pinMaps() {
  for (const root of document.querySelectorAll("[data-pin-map]:not([data-drawn])")) {
    root.dataset.drawn = "";
    pinMap(root);
  }
}
addEventListener("DOMContentLoaded", pinMaps);
document.addEventListener("htmx:after:swap", pinMaps);
