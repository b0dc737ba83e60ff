// The desk by keyboard: j and k move between rows, every other key is written on what it does (data-key).
"use strict";

const rowsOf = () => [...document.querySelectorAll("[data-row]")];
let last = -1; // the row that had the focus, also after it is gone

function focusRow(row) {
  (row.matches("a") ? row : row.querySelector("a")).focus();
  row.scrollIntoView({ block: "nearest" });
}

function move(by) {
  const rows = rowsOf();
  if (rows.length === 0) return;
  const here = rows.findIndex((row) => row.contains(document.activeElement));
  const next = here >= 0 ? here + by : last < 0 ? 0 : by > 0 ? last : last - 1;
  focusRow(rows[Math.min(Math.max(next, 0), rows.length - 1)]);
}

// The row stays in the address: whoever comes back or reloads stands where they stood.
document.addEventListener("focusin", (event) => {
  const row = event.target.closest("[data-row]");
  if (!row) return;
  last = rowsOf().indexOf(row);
  history.replaceState(history.state, "", `#${row.id || row.closest("[id]").id}`);
});

// What was judged makes room: the next row is selected.
document.addEventListener("htmx:after:swap", (event) => {
  if (event.detail.ctx.live) return;
  if (document.activeElement !== document.body || last < 0 || !document.querySelector("article[data-row]")) return;
  const rows = rowsOf();
  focusRow(rows[Math.min(last, rows.length - 1)]);
});

function use(named) {
  if (named.tagName === "DIALOG") named.showModal();
  else if (named.tagName === "A") named.click();
  else if (named.matches("[data-press]")) press(named);
  else openPart(named);
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  const writing = event.target.matches("input:not([type=radio], [type=checkbox]), textarea, select");
  if (writing) {
    if (event.key === "Escape") event.target.blur();
    return;
  }
  if (document.querySelector("dialog[open]")) return;
  if (event.key === "j" || event.key === "k") {
    event.preventDefault();
    move(event.key === "j" ? 1 : -1);
    return;
  }
  const here = document.activeElement.closest("[data-row]");
  const keyed = `[data-key="${CSS.escape(event.key)}"]`;
  const named = here?.querySelector(keyed) ?? [...document.querySelectorAll(keyed)].find((one) => !one.closest("[data-row]"));
  if (!named) return;
  event.preventDefault();
  use(named);
});
