// A finding's form: the position is taken by itself and shown, a kind is found by typing, and the form is ready for the
// next finding as soon as this one is kept. The form works without it.
(() => {
  "use strict";
  const form = document.getElementById("finding");
  if (!form) return;
  const here = form.querySelector("[data-here]");
  const choice = form.elements.place;
  const places = form.querySelector(".places");

  // --- where --------------------------------------------------------------------------------------------------------
  const known = () => choice.value || form.elements.lat?.value;
  function ask() {
    if (choice.tagName === "SELECT") choice.required = !known();
  }
  function shown(coords) {
    return here.dataset.at
      .replace("{lat}", coords.latitude.toFixed(5))
      .replace("{lon}", coords.longitude.toFixed(5))
      .replace("{metres}", Math.round(coords.accuracy));
  }
  async function found({ coords }) {
    form.elements.lat.value = coords.latitude;
    form.elements.lon.value = coords.longitude;
    here.textContent = shown(coords);
    if (!choice.value) places.open = false;
    ask();
    const query = new URLSearchParams({ lat: coords.latitude, lon: coords.longitude });
    try {
      const answer = await fetch(`/m/report/where?${query}`);
      if (!answer.ok) return;
      here.innerHTML = await answer.text();
      if (here.querySelector(".refusal")) lost();
    } catch {
      /* no network: the position itself is shown, the server names it when it gets it */
    }
  }
  function lost() {
    form.elements.lat.value = form.elements.lon.value = "";
    places.open = true;
    ask();
  }
  if (here && navigator.geolocation) {
    here.textContent = here.dataset.seeking;
    const wanted = { enableHighAccuracy: true, timeout: 10000, maximumAge: 30000 };
    navigator.geolocation.getCurrentPosition(found, () => { here.textContent = here.dataset.refused; lost(); }, wanted);
  }
  choice.addEventListener("change", ask);
  ask();

  // --- which kind ---------------------------------------------------------------------------------------------------
  const search = form.querySelector("[data-kinds]");
  search.closest("[hidden]").hidden = false;
  search.addEventListener("input", () => {
    for (const label of form.querySelectorAll("#more-kinds .chips label")) {
      label.hidden = !label.textContent.includes(search.value.trim());
    }
  });
  search.addEventListener("keydown", (event) => { if (event.key === "Enter") event.preventDefault(); });

  // --- sent, or kept ------------------------------------------------------------------------------------------------
  const asked = () => form.querySelectorAll("[data-missing]");
  for (const field of asked()) field.addEventListener("invalid", () => { field.setCustomValidity(field.dataset.missing); });
  function mended() {
    for (const field of asked()) field.setCustomValidity("");
  }
  form.addEventListener("change", mended);
  form.addEventListener("click", (event) => {
    const button = event.target.closest("[name=step]");
    if (button) {
      mended();
      form.elements.photo_after.required = button.value === "settle";
    }
    const kind = form.querySelector("[name=category]:checked");
    if (kind) form.dataset.keepLabel = kind.parentElement.textContent.trim();
  });
  form.addEventListener("released", () => {
    for (const photo of form.querySelectorAll(".photo img")) photo.remove();
    document.querySelector(".done")?.remove();
    ask();
    scrollTo(0, 0);
  });
})();
