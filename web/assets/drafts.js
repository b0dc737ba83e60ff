// Forms that must arrive: <form data-keep="report" data-keep-id="form"> is kept on this phone with its photos when it is
// sent, and sent again with the same id until the server has answered. What is typed meanwhile survives a reload.
//
//   data-keep          the kind of form: drafts are kept by it
//   data-keep-id       the hidden field with the form's id (default command_id); the server takes an id once
//   [data-beside=NAME] in the form: where it says what is wrong with a field; hidden until then
//   [data-keep-said]   in the form: where it says how it goes; words in data-sending, data-kept, data-ended (401)
//   data-keep-on       a form that is there for the next thing as soon as this one is kept
//   data-keep-lost     a form that htmx sends, and that is kept only where there is no network (see lost.js)
//   [data-waiting]     anywhere: the list of what has not arrived; words in data-count ("{count}"), data-sent,
//                      data-open, data-mend, data-drop; without network data-count-offline and data-none.
//                      data-who: whose forms they are, data-csrf: the token they are sent with
//   input[data-shrink] photos are made smaller before they are kept: longest side in pixels
//
// An answer is a 2xx or what it redirects to (opened), or another 4xx than 408, 425 and 429 (its sentence is shown, and
// the form gets a new id). Everything else is tried again: after 1, 2, 4 … 60 seconds, and when the network comes back.
(() => {
  "use strict";
  const STORE = "forms";
  const LONGEST_WAIT = 60000;
  const GIVE_UP = 60000;
  const PATIENCE = 6000; // with which one stays at a form that could be used for the next thing
  const TRY_AGAIN = [202, 408, 425, 429];
  const shown = new Map(); // ids of the forms that this page sent itself, with their form
  let timer = 0;
  let busy = false;

  const database = () =>
    new Promise((resolve, reject) => {
      const asked = indexedDB.open("linli", 1);
      asked.onupgradeneeded = () => asked.result.createObjectStore(STORE, { keyPath: "id" });
      asked.onsuccess = () => resolve(asked.result);
      asked.onerror = () => reject(asked.error);
    });

  async function inStore(mode, act) {
    const opened = await database();
    try {
      return await new Promise((resolve, reject) => {
        const work = opened.transaction(STORE, mode);
        const asked = act(work.objectStore(STORE));
        work.oncomplete = () => resolve(asked.result);
        work.onerror = work.onabort = () => reject(work.error);
      });
    } finally {
      opened.close();
    }
  }
  const all = () => inStore("readonly", (store) => store.getAll());
  const keep = (kept) => inStore("readwrite", (store) => store.put(kept));
  const drop = (id) => inStore("readwrite", (store) => store.delete(id));

  // Who is signed in on this page: a phone goes from hand to hand, and nobody sends what another wrote.
  const session = () => document.querySelector("[data-waiting]")?.dataset ?? {};
  const mine = (kept) => (kept.who || "") === (session().who || "");

  // --- photos -------------------------------------------------------------------------------------------------------
  async function shrunk(file, longest) {
    try {
      const image = await createImageBitmap(file, { imageOrientation: "from-image" });
      const scale = Math.min(1, longest / Math.max(image.width, image.height));
      const canvas = Object.assign(document.createElement("canvas"), {
        width: Math.round(image.width * scale),
        height: Math.round(image.height * scale),
      });
      canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
      const small = await new Promise((done) => canvas.toBlob(done, "image/jpeg", 0.85));
      return small && small.size < file.size ? small : file;
    } catch {
      return file;
    }
  }

  async function fieldsOf(form) {
    const fields = [];
    for (const [name, value] of new FormData(form)) {
      if (typeof value === "string") fields.push([name, value]);
      else if (value.size > 0) {
        const input = form.querySelector(`input[type=file][name="${name}"]`);
        const photo = input?.dataset.shrink ? await shrunk(value, Number(input.dataset.shrink)) : value;
        fields.push([name, { bytes: await photo.arrayBuffer(), type: photo.type, name: value.name || "photo.jpg" }]);
      }
    }
    return fields;
  }

  function bodyOf(kept) {
    const body = new FormData();
    for (const [name, value] of kept.fields) {
      if (typeof value === "string") body.append(name, name === "csrf" ? session().csrf || value : value);
      else body.append(name, new Blob([value.bytes], { type: value.type }), value.name);
    }
    return body;
  }

  // --- sending ------------------------------------------------------------------------------------------------------
  async function send(kept) {
    const impatience = new AbortController();
    const late = setTimeout(() => impatience.abort(), GIVE_UP);
    try {
      return await fetch(kept.action, {
        method: "POST",
        body: bodyOf(kept),
        headers: { Accept: "application/json" },
        credentials: "same-origin",
        signal: impatience.signal,
      });
    } finally {
      clearTimeout(late);
    }
  }

  async function tell(kept) {
    let answer = null;
    try {
      answer = await send(kept);
    } catch {
      /* no network: later */
    }
    if (answer?.status === 401) await later(kept, "ended");
    else if (!answer || answer.status >= 500 || TRY_AGAIN.includes(answer.status)) await later(kept, "kept");
    else if (answer.ok) await arrived(kept, answer.redirected ? answer.url : "");
    else await refused(kept, await answer.json().catch(() => ({})), String(answer.status));
  }

  async function later(kept, how) {
    kept.tries += 1;
    kept.next = Date.now() + Math.min(LONGEST_WAIT, 1000 * 2 ** (kept.tries - 1));
    await keep(kept);
    const form = shown.get(kept.id);
    if (form?.hasAttribute("data-keep-on")) release(form, kept.id, how);
    else if (form) say(form, how);
  }

  async function arrived(kept, address) {
    const form = shown.get(kept.id);
    shown.delete(kept.id);
    if (!form) {
      for (const open of document.querySelectorAll("form[data-keep-on]")) say(open, "");
      return keep({ ...kept, fields: [], sent: address || kept.page });
    }
    await drop(kept.id);
    if (address) location.assign(address);
    else location.reload();
  }

  async function refused(kept, problem, status) {
    const sentence = problem.detail || status;
    const form = shown.get(kept.id);
    shown.delete(kept.id);
    if (!form) return keep({ ...kept, refused: sentence });
    await drop(kept.id);
    idField(form).value = anotherId(kept.id);
    remember(form);
    complain(form, sentence, problem.field);
  }

  async function work() {
    if (busy) return;
    busy = true;
    try {
      for (const kept of await all()) {
        if (mine(kept) && !kept.sent && !kept.refused && kept.next <= Date.now()) await tell(kept);
      }
    } finally {
      busy = false;
    }
    await list();
  }
  async function alone() {
    try {
      if (!navigator.locks) await work();
      else await navigator.locks.request("linli-forms", { ifAvailable: true }, (lock) => (lock ? work() : again(2000)));
    } catch {
      again(LONGEST_WAIT); // the browser's storage failed for now
    }
  }

  function again(soon) {
    clearTimeout(timer);
    timer = setTimeout(alone, soon);
  }
  // In one transaction: what has arrived meanwhile does not come back.
  const hurry = () =>
    inStore("readwrite", (store) => {
      const asked = store.getAll();
      asked.onsuccess = () => asked.result.forEach((kept) => kept.next > Date.now() && store.put({ ...kept, next: 0 }));
      return asked;
    });
  async function atOnce() {
    await hurry();
    await alone();
  }

  // --- the form -----------------------------------------------------------------------------------------------------
  const idField = (form) => form.querySelector(`[name="${form.dataset.keepId || "command_id"}"]`);

  function anotherId(id) {
    const bytes = crypto.getRandomValues(new Uint8Array(32));
    if (!/^[0-9a-f]{8}-/i.test(id)) return btoa(String.fromCharCode(...bytes)).replace(/\+/g, "-").replace(/\//g, "_").replace(/=/g, "");
    const hex = [...bytes.slice(0, 16)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20)}`;
  }

  function say(form, how, sentence = "") {
    const said = form.querySelector("[data-keep-said]");
    for (const beside of form.querySelectorAll("[data-beside]")) beside.hidden = true;
    for (const button of form.querySelectorAll("[type=submit]")) button.disabled = how === "sending" || how === "kept";
    if (!said) return;
    said.textContent = sentence || said.dataset[how] || "";
    said.classList.toggle("refusal", Boolean(sentence));
    said.setAttribute("role", sentence ? "alert" : "status");
    if (sentence) said.scrollIntoView({ block: "center" });
  }

  function release(form, id, how) {
    if (!shown.delete(id)) return;
    form.reset();
    idField(form).value = anotherId(id);
    forget(form);
    say(form, how);
    for (const button of form.querySelectorAll("[type=submit]")) button.disabled = false;
    form.dispatchEvent(new CustomEvent("released", { bubbles: true }));
  }

  // Beside the field that is wrong, where the form has a place for it; its block is opened where only one is shown.
  function complain(form, sentence, field) {
    const beside = form.querySelector(`[data-beside="${CSS.escape(field || "")}"]`);
    say(form, "", beside ? "" : sentence);
    if (!beside) return;
    beside.textContent = sentence;
    beside.hidden = false;
    const step = beside.closest(".step");
    if (step && step.offsetParent === null) location.hash = step.id;
    beside.scrollIntoView({ block: "center" });
  }

  const typed = (form) =>
    [...form.elements].filter((field) => field.name && !["hidden", "file", "password", "submit", "button"].includes(field.type) && !field.closest("[data-keep-not]"));
  const draftKey = (form) => `linli-draft:${form.dataset.keep}`;

  function remember(form) {
    if (form.hasAttribute("data-keep-lost")) return;
    const values = typed(form).map((field) => [field.name, ["radio", "checkbox"].includes(field.type) ? (field.checked ? field.value : null) : field.value]);
    try {
      localStorage.setItem(draftKey(form), JSON.stringify(values.filter(([, value]) => value)));
    } catch {
      /* no room, or not allowed: the form itself still works */
    }
  }
  function forget(form) {
    try {
      localStorage.removeItem(draftKey(form));
    } catch {
      /* not allowed: there was nothing */
    }
  }

  function fill(form, values) {
    for (const field of typed(form)) {
      const [, value] = values.find(([name, one]) => name === field.name && typeof one === "string" && (field.type !== "radio" || one === field.value)) || [];
      if (value === undefined) continue;
      if (["radio", "checkbox"].includes(field.type)) field.checked = true;
      else if (!field.value) field.value = value;
    }
    form.dispatchEvent(new CustomEvent("filled", { bubbles: true }));
  }
  function restore(form) {
    try {
      fill(form, JSON.parse(localStorage.getItem(draftKey(form)) || "[]"));
    } catch {
      /* not what we wrote */
    }
  }

  async function submit(form, submitter) {
    const id = idField(form).value;
    say(form, "sending");
    try {
      const fields = await fieldsOf(form);
      if (submitter?.name) fields.push([submitter.name, submitter.value]);
      const label = (form.dataset.keepLabel || form.querySelector("textarea")?.value || document.title).slice(0, 40);
      const who = session().who || "";
      const page = location.pathname + location.search;
      await keep({ id, kind: form.dataset.keep, action: form.action, page, label, who, fields, at: Date.now(), tries: 0, next: 0 });
    } catch {
      form.submit(); // this browser keeps nothing: as without this script
      return;
    }
    shown.set(id, form);
    forget(form);
    if (form.hasAttribute("data-keep-on")) setTimeout(() => { release(form, id, "kept"); list(); }, PATIENCE);
    await alone();
  }

  document.addEventListener(
    "submit",
    (event) => {
      const form = event.target;
      if (!form.matches("form[data-keep]") || !window.indexedDB || event.defaultPrevented) return;
      if (form.matches("[data-keep-lost]") && navigator.onLine && window.htmx) return;
      event.preventDefault();
      event.stopPropagation();
      submit(form, event.submitter);
    },
    true,
  );
  document.addEventListener("keep", (event) => submit(event.target));
  for (const kind of ["input", "change"]) {
    document.addEventListener(kind, (event) => {
      const form = event.target.form;
      if (form?.matches("form[data-keep]")) remember(form);
    });
  }

  // --- what waits ---------------------------------------------------------------------------------------------------
  function part(tag, text, given = {}) {
    return Object.assign(document.createElement(tag), { textContent: text, ...given });
  }

  function line(kept, words) {
    const row = part("li", "");
    row.append(part("span", kept.label));
    if (kept.refused) row.append(part("small", kept.refused, { className: "refusal" }));
    if (kept.sent) row.append(part("small", words.sent), part("a", words.open, { href: kept.sent }));
    const form = document.querySelector(`form[data-keep="${kept.kind}"]`);
    if (kept.refused && form) row.append(act(words.mend, async () => (await drop(kept.id), fill(form, kept.fields), remember(form))));
    else if (kept.refused) row.append(part("a", words.open, { href: kept.page }));
    if (kept.refused || kept.sent) row.append(act(words.drop, () => drop(kept.id)));
    return row;
  }
  function act(text, does) {
    const button = part("button", text, { type: "button", className: "plain" });
    button.addEventListener("click", async () => (await does(), list()));
    return button;
  }

  async function list() {
    const kept = (await all().catch(() => [])).filter(mine);
    const told = kept.filter((one) => !shown.has(one.id));
    const waiting = kept.filter((one) => !one.sent && !one.refused);
    for (const part_ of document.querySelectorAll("[data-waiting]")) {
      const open = told.filter((one) => !one.sent && !one.refused).length;
      const words = (navigator.onLine ? "" : open ? part_.dataset.countOffline : part_.dataset.none) || (open ? part_.dataset.count : "");
      part_.hidden = told.length === 0 && !words;
      const count = part("strong", words.replace("{count}", open));
      const rows = part("ul", "");
      rows.append(...told.map((one) => line(one, part_.dataset)));
      part_.replaceChildren(count, rows);
    }
    if (waiting.length) again(Math.max(1000, Math.min(...waiting.map((one) => one.next)) - Date.now()));
  }

  if (!window.indexedDB) return;
  addEventListener("online", () => atOnce().catch(() => null));
  addEventListener("offline", list);
  addEventListener("pageshow", () => alone());
  document.addEventListener("visibilitychange", () => document.hidden || atOnce().catch(() => null));
  addEventListener("DOMContentLoaded", () => {
    for (const form of document.querySelectorAll("form[data-keep]")) restore(form);
    alone();
  });
})();
