// What forms and links cannot do by themselves. Every page works without it.
"use strict";

// A link to an action or a row opens it.
function openPart(named) {
  if (named.tagName === "DETAILS") named.open = true;
  const fields = "input:not([type=hidden]), textarea, select, button, a[href]";
  (named.matches(fields) ? named : named.querySelector(fields))?.focus();
}
function openNamed() {
  const named = location.hash && document.getElementById(location.hash.slice(1));
  if (named) openPart(named);
}
addEventListener("hashchange", openNamed);
addEventListener("DOMContentLoaded", () => {
  openNamed();
  for (const here of document.querySelectorAll(".top nav [aria-current], .stages [aria-current]")) {
    here.scrollIntoView({ block: "nearest", inline: "center" });
  }
});

// Back to the list as it was filtered.
document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-back]");
  if (!link || !document.referrer || new URL(document.referrer).pathname !== link.pathname) return;
  event.preventDefault();
  history.back();
});

// A chosen photo is shown before it is sent.
document.addEventListener("change", (event) => {
  const field = event.target;
  if (!field.matches(".photo input[type=file]")) return;
  field.parentElement.querySelector("img")?.remove();
  if (field.files.length === 0) return;
  const shown = Object.assign(new Image(), { src: URL.createObjectURL(field.files[0]), alt: "" });
  shown.onload = () => URL.revokeObjectURL(shown.src);
  field.after(shown);
});

// A case number is copied with one tap.
if (navigator.clipboard) document.documentElement.classList.add("copies");
document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  await navigator.clipboard.writeText(button.dataset.copy);
  const copied = button.nextElementSibling;
  copied.textContent = button.dataset.copied;
  setTimeout(() => { copied.textContent = ""; }, 2000);
});

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
