// What forms and links cannot do by themselves. Every page works without it.
"use strict";

// A part that refreshes itself stays still under the hand: no refresh while it is read with the pointer,
// typed in, or has a form open; nor while nobody looks.
function underTheHand(part) {
  const busy = part.contains(document.activeElement) && document.activeElement !== document.body;
  const open = part.querySelector("details[open]") !== null;
  const filled = [...part.querySelectorAll("input:not([type=hidden]), textarea, select")].some(changed);
  return document.hidden || busy || open || filled || part.querySelector(".htmx-request") !== null;
}

function changed(field) {
  if (field.type === "file") return field.files.length > 0;
  if (field.type === "radio" || field.type === "checkbox") return field.checked !== field.defaultChecked;
  if (field.tagName === "SELECT") return [...field.options].some((option) => option.selected && !option.defaultSelected && option.index > 0);
  return field.value !== field.defaultValue;
}

document.addEventListener("htmx:before:request", (event) => {
  const source = event.detail.ctx.sourceElement;
  if (source.matches("[data-live]") && underTheHand(source)) event.preventDefault();
});

// A link to an action opens its form.
function openNamed() {
  const named = location.hash && document.getElementById(location.hash.slice(1));
  if (!named) return;
  if (named.tagName === "DETAILS") named.open = true;
  named.querySelector("input:not([type=hidden]), textarea, select, button")?.focus();
}
addEventListener("hashchange", openNamed);
addEventListener("DOMContentLoaded", openNamed);

// The position is taken with one tap, and shown.
function offerPosition(part) {
  if (!navigator.geolocation) return;
  for (const button of part.querySelectorAll("[data-locate]")) button.hidden = false;
}
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-locate]");
  if (!button) return;
  const form = button.closest("form");
  const said = form.querySelector("[data-position=said]");
  navigator.geolocation.getCurrentPosition(
    ({ coords }) => {
      form.querySelector("[data-position=latitude]").value = coords.latitude;
      form.querySelector("[data-position=longitude]").value = coords.longitude;
      said.textContent = `${coords.latitude.toFixed(5)}, ${coords.longitude.toFixed(5)} ± ${Math.round(coords.accuracy)} m`;
    },
    (refused) => { said.textContent = refused.message; },
    { enableHighAccuracy: true, timeout: 10000 },
  );
});
addEventListener("DOMContentLoaded", () => offerPosition(document));
document.addEventListener("htmx:after:swap", () => offerPosition(document));
