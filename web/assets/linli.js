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
  if (source.matches("[data-live]:not([data-news])") && underTheHand(source)) event.preventDefault();
  if (document.hidden && source.matches("[data-live]")) event.preventDefault();
});

// A list under the hand keeps its rows where they are: the clocks in them go on, a row that changed glows once,
// and new rows wait behind a button that counts them.
document.addEventListener("htmx:after:request", (event) => {
  const part = event.detail.ctx.sourceElement;
  if (!part.matches("[data-news]") || !underTheHand(part)) return;
  event.preventDefault();
  const told = new DOMParser().parseFromString(event.detail.ctx.text, "text/html").querySelectorAll("[data-row]");
  const waiting = [...told].filter((row) => !refreshed(part, row));
  const button = newsButton(part);
  button.textContent = button.dataset.words.replace("{count}", waiting.length);
  button.hidden = waiting.length === 0;
});
document.addEventListener("htmx:after:swap", (event) => {
  const part = event.detail.ctx.sourceElement;
  if (part.matches("[data-news]")) newsButton(part).hidden = true;
});
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-news-of]");
  if (button) htmx.trigger(`#${button.dataset.newsOf}`, "refresh");
});

function newsButton(part) {
  return document.querySelector(`[data-news-of="${part.id}"]`);
}

function refreshed(part, told) {
  const row = part.querySelector(`[data-row="${told.dataset.row}"]`);
  if (row?.matches("a")) {
    row.innerHTML = told.innerHTML;
    row.classList.toggle("fresh", row.dataset.state !== told.dataset.state);
    row.dataset.state = told.dataset.state;
  }
  return row !== null;
}

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
  document.querySelector(".stages [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });
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
