// Where the phone is, and what is open there; the page works without it by the code on the wall and by choosing a place.
(() => {
  "use strict";
  const here = document.querySelector("[data-patrol]");
  if (!here || !navigator.geolocation) return;
  here.textContent = here.dataset.seeking;
  async function found({ coords }) {
    const query = new URLSearchParams({ lat: coords.latitude, lon: coords.longitude });
    const answer = await fetch(`/m/patrol/here?${query}`).catch(() => null);
    if (answer?.ok) here.innerHTML = await answer.text();
    else here.textContent = here.dataset.away;
  }
  navigator.geolocation.getCurrentPosition(found, () => { here.textContent = here.dataset.refused; }, {
    enableHighAccuracy: true,
    timeout: 10000,
    maximumAge: 30000,
  });
})();
