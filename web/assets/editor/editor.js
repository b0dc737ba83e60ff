// The editor of rule authors: every <textarea data-editor> grows into CodeMirror; without this file it stays a textarea.
// It lives in a shadow root, whose styles are adopted sheets: the page's policy allows no inline style.
import { acceptCompletion, autocompletion, closeBrackets } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap, indentWithTab } from "@codemirror/commands";
import { yaml } from "@codemirror/lang-yaml";
import { HighlightStyle, bracketMatching, indentOnInput, syntaxHighlighting } from "@codemirror/language";
import { lintGutter, lintKeymap, setDiagnostics } from "@codemirror/lint";
import { EditorState } from "@codemirror/state";
import { EditorView, drawSelection, highlightActiveLine, keymap, lineNumbers } from "@codemirror/view";
import { tags } from "@lezer/highlight";
import { completes } from "./completion.js";
import { CHINESE } from "./phrases.js";

const PAUSE = 500; // ms without a key before what was written is looked through
const bench = document.querySelector("[data-bench]");
const editors = new Map(); // file name → EditorView

const look = EditorView.theme({
  "&": { backgroundColor: "var(--card)", color: "var(--ink)", border: "1px solid var(--edge)", borderRadius: "8px", fontSize: "14px" },
  "&.cm-focused": { outline: "3px solid var(--blue)", outlineOffset: "-1px" },
  ".cm-scroller": { fontFamily: "ui-monospace, Consolas, 'Noto Sans Mono CJK SC', monospace", lineHeight: "1.6", maxHeight: "70vh", overflow: "auto" },
  ".cm-gutters": { backgroundColor: "var(--ground)", color: "var(--soft)", borderRight: "1px solid var(--edge)" },
  ".cm-activeLine, .cm-activeLineGutter": { backgroundColor: "var(--blue-wash)" },
  "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground": { backgroundColor: "color-mix(in srgb, var(--blue) 30%, transparent)" },
  ".cm-cursor": { borderLeftColor: "var(--ink)" },
  ".cm-tooltip": { backgroundColor: "var(--card)", color: "var(--ink)", border: "1px solid var(--edge)", borderRadius: "8px" },
  ".cm-tooltip.cm-tooltip-autocomplete > ul > li[aria-selected]": { backgroundColor: "var(--blue)", color: "var(--on-blue)" },
  ".cm-diagnostic": { whiteSpace: "pre-wrap", maxWidth: "60ch" },
});
const colours = HighlightStyle.define([
  { tag: [tags.propertyName, tags.definition(tags.propertyName)], color: "var(--blue)" },
  { tag: [tags.string, tags.special(tags.string)], color: "var(--green)" },
  { tag: tags.comment, color: "var(--soft)", fontStyle: "italic" },
  { tag: [tags.punctuation, tags.separator, tags.bracket, tags.squareBracket, tags.brace], color: "var(--soft)" },
]);

function grow(area, words) {
  const host = document.createElement("div");
  host.className = "editor";
  const root = host.attachShadow({ mode: "open" });
  area.after(host);
  area.hidden = true;
  for (const one of ["keydown", "keypress"]) host.addEventListener(one, (event) => event.stopPropagation()); // single keys are text here
  const chinese = document.documentElement.lang.startsWith("zh") ? [EditorState.phrases.of(CHINESE)] : [];
  const named = area.dataset.editor === "yaml";
  const own = { "aria-label": area.getAttribute("aria-label") ?? area.name, "aria-multiline": "true", tabindex: "0" };
  const view = new EditorView({
    parent: root,
    root,
    state: EditorState.create({
      doc: area.value,
      extensions: [
        lineNumbers(), history(), drawSelection(), indentOnInput(), bracketMatching(), closeBrackets(), highlightActiveLine(),
        EditorView.lineWrapping, lintGutter(), look, syntaxHighlighting(colours), ...chinese,
        EditorState.tabSize.of(2), EditorState.readOnly.of(area.readOnly), EditorView.contentAttributes.of(own),
        ...(named ? [yaml(), autocompletion({ override: [completes(words)] })] : []),
        keymap.of([
          { key: "Mod-s", run: () => { save(); return true; }, preventDefault: true },
          { key: "Mod-Enter", run: () => { check().then(() => bench.querySelector("[data-results]").focus()); return true; } },
          { key: "Tab", run: acceptCompletion },
          { key: "Escape", run: () => { leaving = true; return false; } },
          ...lintKeymap, ...historyKeymap, ...defaultKeymap,
          { key: "Tab", run: (here) => !leaving && indentWithTab.run(here), shift: (here) => !leaving && indentWithTab.shift(here) },
        ]),
        EditorView.updateListener.of((update) => {
          if (!update.docChanged) return;
          leaving = false;
          area.value = update.state.doc.toString();
          area.dispatchEvent(new Event("input", { bubbles: true }));
        }),
      ],
    }),
  });
  editors.set(area.dataset.file, view);
  host.view = view;
}

let leaving = false; // after Escape, Tab moves on instead of indenting
let waiting = null;
let asked = 0;

function sent() {
  const given = new FormData();
  for (const field of bench.querySelectorAll("[data-sent]")) given.set(field.name, field.value);
  return given;
}

function ask(address) {
  return fetch(address, { method: "POST", body: new URLSearchParams(sent()), headers: { "HX-Request": "true" } });
}

// Looks through what is written: markers beside the lines, and the panel of findings and tests.
async function check() {
  const mine = (asked += 1);
  const panel = bench.querySelector("[data-results]");
  panel.setAttribute("aria-busy", "true");
  try {
    const answer = await ask(bench.dataset.check);
    const shown = await answer.text();
    if (mine !== asked) return;
    const open = [...panel.querySelectorAll("details[open]")].map((one) => one.id);
    panel.innerHTML = shown;
    for (const id of open) if (id) panel.querySelector(`#${CSS.escape(id)}`)?.setAttribute("open", "");
    mark(panel);
  } finally {
    if (mine === asked) panel.removeAttribute("aria-busy");
  }
}

function mark(panel) {
  for (const [file, view] of editors) {
    const doc = view.state.doc;
    const found = [...panel.querySelectorAll("[data-line]")].filter((one) => one.dataset.file === file).map((one) => {
      const line = doc.line(Math.min(Math.max(Number(one.dataset.line), 1), doc.lines));
      const from = line.from + line.text.search(/\S|$/);
      return {
        from, to: line.to, severity: one.dataset.weight ?? "error", source: one.dataset.code,
        message: one.dataset.words,
      };
    });
    view.dispatch(setDiagnostics(view.state, found));
  }
}

// What is written is kept by itself, one save after the other; one that is refused says why.
let saving = Promise.resolve();
function save() {
  saving = saving.then(saveNow, saveNow);
  return saving;
}

async function saveNow() {
  const answer = await ask(bench.dataset.save);
  const said = bench.querySelector("[data-saved]");
  said.innerHTML = await answer.text();
  const now = said.querySelector("[data-now]");
  if (now) for (const field of document.querySelectorAll("[name=seq]")) field.value = now.dataset.now;
  return answer.ok;
}

function goTo(file, number) {
  const view = editors.get(file);
  if (!view) return false;
  const line = view.state.doc.line(Math.min(Math.max(number, 1), view.state.doc.lines));
  view.dispatch({ selection: { anchor: line.from }, effects: EditorView.scrollIntoView(line.from, { y: "center" }) });
  view.focus();
  return true;
}

async function start() {
  const words = bench.dataset.words ? await (await fetch(bench.dataset.words)).json() : {};
  for (const area of bench.querySelectorAll("textarea[data-editor]")) grow(area, words);
  mark(bench.querySelector("[data-results]"));
  const line = Number(new URLSearchParams(location.search).get("line"));
  if (line) goTo("ruleset.yaml", line);
  for (const button of bench.querySelectorAll("[data-run]")) button.hidden = false;
  bench.dataset.ready = "";
}

if (bench) {
  start();
  bench.addEventListener("input", (event) => {
    if (!event.target.matches("[data-sent]")) return;
    clearTimeout(waiting);
    waiting = setTimeout(() => { check(); save(); }, PAUSE);
  });
  bench.addEventListener("click", (event) => {
    const finding = event.target.closest("[data-goto]");
    if (finding && goTo(finding.dataset.file, Number(finding.dataset.goto))) event.preventDefault();
  });
  bench.addEventListener("click", (event) => {
    if (!event.target.closest("[data-run]")) return;
    event.preventDefault();
    check().then(() => bench.querySelector("[data-results]").focus());
  });
  let open = []; // what was unfolded stays so when the form is drawn anew: at once, or whoever types there loses the field
  const unanswered = new Set(); // parts of the form that were sent
  const ofTheForm = (asked) => asked.sourceElement?.closest("[data-model]");
  document.addEventListener("htmx:config:request", ({ detail }) => { if (ofTheForm(detail.ctx)) unanswered.add(detail.ctx); });
  document.addEventListener("htmx:finally:request", ({ detail }) => unanswered.delete(detail.ctx));
  document.addEventListener("htmx:before:swap", (event) => {
    const { ctx } = event.detail;
    // what was written since is on its way: drawing the form without it would take it out of the author's hands
    if (unanswered.has(ctx) && unanswered.size > 1 && ctx.response.status < 400) event.preventDefault();
    open = [...bench.querySelectorAll("[data-model] details[open]")].map((one) => one.id);
  });
  document.addEventListener("htmx:before:settle", () => {
    for (const id of open) document.getElementById(id)?.setAttribute("open", "");
  });
  document.addEventListener("htmx:after:swap", () => {
    const model = bench.querySelector("[data-model]");
    const made = model?.dataset.inPart && document.getElementById(model.dataset.inPart); // what a button made or moved
    if (!made) return;
    delete model.dataset.inPart;
    for (const form of model.querySelectorAll("form.adds")) form.reset();
    for (const fold of model.querySelectorAll("form.adds > details")) fold.open = false;
    for (const fold of made.querySelectorAll(":scope > details")) fold.open = true;
    made.scrollIntoView({ block: "nearest" });
    made.querySelector("input:not([type=hidden]), select")?.focus({ preventScroll: true });
  });
  document.addEventListener("keydown", (event) => {
    if (!(event.ctrlKey || event.metaKey)) return;
    if (event.key === "Enter") check().then(() => bench.querySelector("[data-results]").focus());
    else if (event.key === "s") { event.preventDefault(); if (editors.size) save(); }
  });
}
