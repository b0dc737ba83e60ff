// The duty desk: the open case is marked in its queue, what was judged leaves it, and the next one is under the hand.
"use strict";
{
  const ARMED = 3000; // ms in which a step that asks once may be given
  const opened = () => document.getElementById("duty-open");
  const queue = () => document.getElementById("waiting");

  function markOpen() {
    const open = opened()?.dataset.open;
    for (const row of queue()?.querySelectorAll("[data-row]") ?? []) {
      if (row.dataset.row === open) row.setAttribute("aria-current", "true");
      else row.removeAttribute("aria-current");
    }
    document.querySelector(".duty-map [data-map]")?.setAttribute("data-highlight", open ?? "");
  }

  function leave(judged) {
    document.getElementById(`case-${judged}`)?.remove();
    opened().dataset.judged = "";
    const next = queue().querySelector("[aria-current]");
    if (next) focusRow(next);
    htmx.trigger(queue(), "refresh");
  }

  addEventListener("DOMContentLoaded", markOpen);
  document.addEventListener("htmx:after:swap", () => {
    if (!opened()) return;
    markOpen();
    if (opened().dataset.judged) leave(opened().dataset.judged);
  });

  // One key acts at once on what is open; what cannot be taken back asks once.
  globalThis.press = (button) => {
    const row = document.activeElement.closest("[data-row]");
    if (row && opened() && row.dataset.row !== opened().dataset.open) row.click();
    else button.click();
  };
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-ask-once]");
    if (!button || button.matches(".armed")) return;
    event.preventDefault();
    const words = button.innerHTML;
    button.classList.add("armed");
    button.textContent = button.dataset.askOnce;
    setTimeout(() => {
      button.classList.remove("armed");
      button.innerHTML = words;
    }, ARMED);
  }, true);

  document.addEventListener("keydown", (event) => {
    if (event.key !== "X" || event.target.matches("input:not([type=checkbox]), textarea, select")) return;
    const row = document.activeElement.closest("[data-row]") ?? queue()?.querySelector("[aria-current]");
    row?.closest("li").querySelector("[data-mark]")?.click();
  });
}
