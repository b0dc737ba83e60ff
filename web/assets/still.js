// How a part takes up what it is told without moving under the hand: what is being written stays as it is, new rows
// wait behind a button that counts them, a row that changed glows once, a step that somebody else took is turned off.
"use strict";

const still = (() => {
  const ROW = "[data-row], [data-live-row]";
  const FIELD = "input:not([type=hidden]), textarea, select";
  const STAYS = "[data-live-stay], .done, .refusal[role=alert]";
  const IDLE = 5000; // ms without a touch or a key
  const KEPT = "hx-morph-skip"; // htmx leaves such an element alone

  const rowsOf = (part) => [...part.querySelectorAll(ROW)];
  const keyOf = (row) => row.dataset.row ?? row.dataset.liveRow;
  const unitOf = (row) => row.closest("li, tr") ?? row;
  const byId = (part, id) => (id ? part.querySelector(`#${CSS.escape(id)}`) : null);
  const holdsFocus = (element) => element.contains(document.activeElement) && document.activeElement !== document.body;

  function changed(field) {
    if (field.type === "file") return field.files.length > 0;
    if (field.type === "radio" || field.type === "checkbox") return field.checked !== field.defaultChecked;
    if (field.tagName !== "SELECT") return field.value !== field.defaultValue;
    const preset = [...field.options].findIndex((option) => option.defaultSelected);
    return field.selectedIndex !== Math.max(preset, 0);
  }

  // A form somebody is at: written in, focused, under way, asked once about, or just refused.
  function inUse(form) {
    const answered = form.matches(".htmx-request") || form.querySelector(".htmx-request, .armed, .answer .refusal") !== null;
    return answered || holdsFocus(form) || [...form.querySelectorAll(FIELD)].some(changed);
  }
  const formsInUse = (part) => [...part.querySelectorAll("form")].filter(inUse);
  const busy = (part) => holdsFocus(part) || formsInUse(part).length > 0;

  // Where an element of the part belongs in what was told: behind the same neighbour, or first in the same parent.
  function place(element, stand, part, told) {
    let before = element.previousElementSibling;
    while (before && !byId(told, before.id)) before = before.previousElementSibling;
    if (before) return byId(told, before.id).after(stand);
    const parent = element.parentElement;
    const named = parent.tagName.toLowerCase() + [...parent.classList].map((name) => `.${CSS.escape(name)}`).join("");
    return (parent === part ? told : byId(told, parent.id) ?? told.querySelector(named) ?? told).prepend(stand);
  }

  function turnOff(element, words) {
    for (const button of element.querySelectorAll("button[type=submit]")) {
      button.disabled = true;
      if (words && button.matches(".main")) button.textContent = words;
    }
  }

  function keep(part, told, back) {
    const within = (form) => {
      const holder = form.closest(".first, details, li, article, [data-row]");
      return holder && holder !== part && part.contains(holder) ? holder : form;
    };
    const kept = new Set(formsInUse(part).map(within));
    if (!back) for (const step of part.querySelectorAll(".first[id]")) if (!byId(told, step.id)) kept.add(step);
    for (const element of kept) {
      const same = byId(told, element.id);
      if (!same && element.id) place(element, Object.assign(document.createElement(element.tagName), { id: element.id }), part, told);
      if (!same || same.matches(".gone")) turnOff(element, told.dataset.latest ?? document.body.dataset.gone);
      element.setAttribute(KEPT, "");
    }
    const inKept = (element) => [...kept].some((one) => one.contains(element));
    for (const element of back ? [] : part.querySelectorAll(STAYS)) {
      if (!inKept(element) && !element.parentElement.closest(STAYS)) place(element, element.cloneNode(true), part, told);
    }
    for (const open of part.querySelectorAll("details[open][id], dialog[open][id]")) byId(told, open.id)?.setAttribute("open", "");
    return kept;
  }

  // The rows stay the same, in the same order: what is new waits, what is gone is dimmed.
  function hold(part, told) {
    const old = rowsOf(part), units = rowsOf(told).map(unitOf);
    const now = new Map(rowsOf(told).map((row) => [keyOf(row), unitOf(row)]));
    const last = old.findLastIndex((row) => now.has(keyOf(row))); // rows after it may only be on the next page now
    const kept = old.map((row, index) => now.get(keyOf(row)) ?? leaving(row, index < last || last < 0));
    if (units.length === 0) {
      told.replaceChildren(...kept);
      return;
    }
    const marker = document.createComment("");
    units[0].before(marker);
    for (const unit of units) unit.remove();
    marker.replaceWith(...kept);
  }
  function leaving(row, gone) {
    const unit = unitOf(row).cloneNode(true);
    if (gone) {
      unit.classList.add("gone");
      turnOff(unit, document.body.dataset.gone);
    }
    return unit;
  }

  // Dimmed rows go when no hand has been on the page for a while; whether there were any.
  let touched = 0;
  for (const hand of ["pointerdown", "keydown", "scroll"]) addEventListener(hand, () => { touched = Date.now(); }, true);
  function tidy(part) {
    if (busy(part) || part.matches(":hover") || Date.now() - touched < IDLE) return false;
    const gone = [...part.querySelectorAll(".gone")];
    for (const unit of gone) unit.remove();
    return gone.length > 0;
  }

  function arrange(part, told, anew) {
    const known = new Set(rowsOf(part).map(keyOf)), now = new Set(rowsOf(told).map(keyOf));
    const fresh = [...now].filter((key) => !known.has(key)).length;
    const moves = fresh > 0 || [...known].some((key) => !now.has(key));
    const pill = document.querySelector(`[data-news-of="${CSS.escape(part.id)}"]`);
    const held = !anew && known.size > 0 && ((pill && moves) || busy(part) || part.matches(":hover"));
    if (pill) {
      pill.textContent = pill.dataset.words.replace("{count}", fresh);
      pill.hidden = !held || fresh === 0;
    }
    if (held) hold(part, told);
  }

  // What a row says, its clocks aside: they move by themselves.
  function said(row) {
    const words = row.cloneNode(true);
    for (const clock of words.querySelectorAll(".clock, time")) clock.remove();
    return words.textContent.replace(/\s+/g, " ");
  }
  function glow(part, told) {
    const known = new Map(rowsOf(part).map((row) => [keyOf(row), said(row)]));
    for (const row of rowsOf(told)) row.classList.toggle("fresh", known.get(keyOf(row)) !== said(row));
    for (const line of told.querySelectorAll(".timeline li[id]")) line.classList.toggle("fresh", !byId(part, line.id));
  }

  // `anew`: the rows may move; `back`: nobody's hand was on the page, nothing but what is being written is kept.
  async function show(part, told, { anew, back }) {
    if (part.matches("[data-live-list]")) arrange(part, told, anew);
    glow(part, told);
    const kept = keep(part, told, back);
    await htmx.swap({ text: told.outerHTML, target: part, sourceElement: part, swap: "outerMorph", live: true });
    for (const element of kept) element.removeAttribute(KEPT);
  }

  return { show, busy, tidy };
})();
