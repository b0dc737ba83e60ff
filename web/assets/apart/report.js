// The report form: the place is found by itself, a chip writes its sentence, matters nearby are shown before sending.
// The form works without it.
(() => {
  "use strict";
  const form = document.getElementById("report");
  if (!form) return;
  const text = form.elements.text;
  const nearby = form.querySelector("[data-nearby]");
  const value = (name) => form.elements[name]?.value || "";
  let written = "";
  let asked = "";

  async function look() {
    const query = new URLSearchParams();
    for (const name of ["place", "lat", "lon", "hint"]) if (value(name)) query.set(name, value(name));
    if (String(query) === asked || !(query.has("place") || query.has("lat"))) return;
    asked = String(query);
    try {
      const answer = await fetch(`/report/nearby?${query}`);
      if (!answer.ok || String(query) !== asked) return;
      nearby.innerHTML = await answer.text();
      form.elements.looked.value = "1";
    } catch {
      asked = ""; // no network: the form can be sent all the same
    }
  }

  form.addEventListener("change", (event) => {
    const chip = event.target.closest("[data-sentence]");
    if (chip && (!text.value.trim() || text.value === written)) {
      written = text.value = chip.dataset.sentence;
    }
    look();
  });
  form.addEventListener("filled", look);

  // --- the position -------------------------------------------------------------------------------------------------
  const pin = form.querySelector("[data-pin-map]");
  function locate() {
    const button = pin.querySelector("[data-pin-locate]");
    if (!value("place") && !value("lat") && !button.hidden) button.click();
  }
  function drawn() {
    new MutationObserver(look).observe(pin.querySelector("[data-pin-said]"), { childList: true });
    locate();
  }
  if (navigator.geolocation) pin?.addEventListener("drawn", drawn);
  addEventListener("hashchange", () => pin?.pinMap?.map.invalidateSize());
  look();
})();
