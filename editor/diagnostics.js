// What is wrong with the text: underlined, marked in the gutter, explained in a tooltip, mended with a button.

import { EditorView, keymap } from "@codemirror/view";
import { forEachDiagnostic, lintGutter, nextDiagnostic, previousDiagnostic, setDiagnostics } from "@codemirror/lint";

import { offset } from "./text.js";

/** The gutter, and the keys: F8 and Shift-F8 go through the diagnostics, Mod-. asks for the fix of the one here. */
export const diagnosing = [
  lintGutter(),
  keymap.of([
    { key: "F8", run: aloud(nextDiagnostic), shift: aloud(previousDiagnostic) },
    { key: "Mod-.", run: fixHere },
  ]),
];

/** Shows what the page says: `{line, column, endLine, endColumn, severity, message, hint, fix}` each. */
export function showDiagnostics(view, items) {
  const wanted = items.map((item) => diagnosticOf(view.state, item));
  // Setting them closes an open tooltip, so what is there already is left alone.
  if (asText(wanted) === asText(present(view.state))) return;
  view.dispatch(setDiagnostics(view.state, wanted));
}

function diagnosticOf(state, item) {
  const { severity, message } = item;
  return { ...rangeOf(state, item), severity, message, item, renderMessage: (view) => explain(view, item) };
}

/** What is shown, at the places to which edits have moved it. */
function present(state) {
  const found = [];
  forEachDiagnostic(state, ({ item }, from, to) => found.push({ from, to, item }));
  return found;
}

function asText(diagnostics) {
  return diagnostics.map(({ from, to, item }) => JSON.stringify([from, to, item])).sort().join();
}

/** Where to underline: of an empty range the word there, else the rest of the line, else the line. */
function rangeOf(state, { line, column, endLine, endColumn }) {
  const from = offset(state.doc, line, column);
  const to = offset(state.doc, endLine ?? line, endColumn ?? column);
  if (to > from) return { from, to };
  const word = state.wordAt(from);
  if (word) return { from: word.from, to: word.to };
  const { from: start, to: end, text } = state.doc.lineAt(from);
  return { from: from < end ? from : start + text.search(/\S|$/), to: end };
}

function explain(view, { message, hint, fix }) {
  const body = document.createDocumentFragment();
  body.append(element("span", "cm-diagnosticMessage", message));
  if (hint) body.append(element("span", "cm-diagnosticHint", hint));
  if (fix) body.append(fixButton(view, fix));
  return body;
}

function element(tag, className, text) {
  const made = document.createElement(tag);
  made.className = className;
  made.textContent = text;
  return made;
}

// CodeMirror's own actions name their buttons in English for screen readers, so the button is made here.
function fixButton(view, { title, number }) {
  const button = element("button", "cm-diagnosticAction", title);
  button.type = "button";
  // A press leaves the focus, and with it the tooltip, where it is.
  button.addEventListener("mousedown", (event) => event.preventDefault());
  button.addEventListener("click", () => {
    view.focus();
    askForFix(view, number);
  });
  return button;
}

function askForFix(view, number) {
  view.dom.parentElement.dispatchEvent(new CustomEvent("fix", { bubbles: true, detail: number }));
}

function fixHere(view) {
  const fix = itemsHere(view.state).find((it) => it.fix)?.fix;
  if (fix) askForFix(view, fix.number);
  return Boolean(fix);
}

/** A command that goes to a diagnostic, and then has its message read aloud. */
function aloud(go) {
  return (view) => {
    if (!go(view)) return false;
    const texts = itemsHere(view.state).map((it) => it.message);
    view.dispatch({ effects: EditorView.announce.of(texts.join(" ")) });
    return true;
  };
}

function itemsHere(state) {
  const { from, to } = state.selection.main;
  return present(state).filter((it) => it.from <= to && it.to >= from).map((it) => it.item);
}
