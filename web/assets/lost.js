// What htmx could not send because the network was away is kept by drafts.js and sent later, under the same id.
"use strict";
document.addEventListener("htmx:error", (event) => {
  const form = event.target.closest?.("form[data-keep-lost]");
  const { ctx } = event.detail;
  if (form && ctx && ctx.text === undefined && window.indexedDB) form.dispatchEvent(new CustomEvent("keep", { bubbles: true }));
});
