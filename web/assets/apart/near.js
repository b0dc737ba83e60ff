// How far each row is, and the nearest first with one tap. The phone's position stays on the phone; without one the list
// stays as it is. <nav data-sorts="id of the list"> with [data-sort=due|distance]; rows with data-lat, data-lon (WGS 84).
(() => {
  "use strict";
  const EARTH = 6371000; // metres
  const sorts = document.querySelector("[data-sorts]");
  if (!sorts || !navigator.geolocation) return;
  const list = () => document.getElementById(sorts.dataset.sorts);
  const rows = () => [...list().querySelectorAll(":scope > [data-live-row]")];
  const said = sorts.querySelector("[data-sort-said]");
  let here = null;

  function metres(row) {
    if (!here || !row.dataset.lat) return Infinity;
    const [lat, lon, otherLat, otherLon] = [here.latitude, here.longitude, Number(row.dataset.lat), Number(row.dataset.lon)].map((degrees) => (degrees * Math.PI) / 180);
    const chord = Math.sin((otherLat - lat) / 2) ** 2 + Math.cos(lat) * Math.cos(otherLat) * Math.sin((otherLon - lon) / 2) ** 2;
    return 2 * EARTH * Math.asin(Math.sqrt(chord));
  }
  function words(far) {
    if (far === Infinity) return "";
    if (far < 995) return sorts.dataset.metres.replace("{count}", Math.max(10, Math.round(far / 10) * 10));
    return sorts.dataset.kilometres.replace("{count}", (far / 1000).toFixed(1));
  }
  const wanted = () => (new URLSearchParams(location.search).get("sort") === "distance" ? "distance" : "due");

  // Rows are moved, not drawn anew: what is being pressed or written in stays the same element.
  function show() {
    sorts.hidden = rows().length === 0;
    for (const row of rows()) {
      const far = row.querySelector("[data-distance]");
      if (far && far.textContent !== words(metres(row))) far.textContent = words(metres(row));
    }
    for (const link of sorts.querySelectorAll("[data-sort]")) {
      if (link.dataset.sort === wanted()) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    }
    if (wanted() !== "distance" || !here) return;
    const nearest = rows().sort((one, other) => metres(one) - metres(other) || 0);
    if (nearest.some((row, index) => row !== rows()[index])) list().append(...nearest);
  }

  function seek() {
    said.textContent = here ? "" : said.dataset.seeking;
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => { here = coords; said.textContent = ""; show(); },
      () => { said.textContent = here ? "" : said.dataset.refused; },
      { enableHighAccuracy: true, timeout: 10000, maximumAge: 60000 },
    );
  }

  sorts.addEventListener("click", (event) => {
    const link = event.target.closest("[data-sort]");
    if (!link || link.dataset.sort === "due") return; // by due is how the server sends it
    event.preventDefault();
    history.replaceState(history.state, "", link.href);
    show();
    seek();
  });
  document.addEventListener("htmx:after:swap", show);
  if (wanted() === "distance") seek();
  else navigator.permissions?.query({ name: "geolocation" }).then(({ state }) => { if (state === "granted") seek(); }, () => null);
  show();
})();
