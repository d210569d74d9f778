// How text is edited: keys, YAML, search, line numbers.

import { EditorState } from "@codemirror/state";
import {
  EditorView, highlightActiveLine, highlightActiveLineGutter, highlightSpecialChars, keymap, lineNumbers,
} from "@codemirror/view";
import { defaultKeymap, history, historyKeymap, indentWithTab } from "@codemirror/commands";
import { bracketMatching, indentUnit, syntaxHighlighting } from "@codemirror/language";
import { yaml } from "@codemirror/lang-yaml";
import { closeSearchPanel, findNext, findPrevious, openSearchPanel, search } from "@codemirror/search";

import { theme, yamlClasses } from "./theme.js";

/** How long after Escape a Tab leaves the editor. */
const leaveMs = 2000;

const scope = "editor search-panel";
const searchKeys = [
  { key: "Mod-f", run: openSearchPanel, scope },
  { key: "F3", run: findNext, shift: findPrevious, scope, preventDefault: true },
  { key: "Mod-g", run: findNext, shift: findPrevious, scope, preventDefault: true },
  { key: "Escape", run: closeSearchPanel, scope },
];

// CodeMirror lets the next Tab out only after an Escape that did nothing else.
const leaveKey = { key: "Escape", run: (view) => view.setTabFocusMode(leaveMs) };

// Mod-Enter belongs to the page.
const editKeys = defaultKeymap.filter((it) => it.key !== "Mod-Enter");

/**
 * Several lines put in at once, as dictation and tools do, become one change. Left to itself the browser builds
 * them line by line, which takes seconds for a long text.
 */
function insertLines(event, view) {
  const isText = event.inputType === "insertText" && event.data?.length > 1 && event.data.includes("\n");
  if (!isText || view.contentDOM.editContext) return false;
  // The browser tells of a new selection late; CodeMirror reads it now.
  document.dispatchEvent(new Event("selectionchange"));
  view.dispatch(view.state.replaceSelection(event.data), { userEvent: "input.paste", scrollIntoView: true });
  event.preventDefault();
  return true;
}

/** Everything but what depends on the element. Tab indents; Escape and then Tab leaves, and so does Ctrl-m and Tab. */
export const editing = [
  lineNumbers(),
  history(),
  yaml(),
  indentUnit.of("  "),
  EditorState.tabSize.of(2),
  syntaxHighlighting(yamlClasses),
  bracketMatching(),
  highlightActiveLine(),
  highlightActiveLineGutter(),
  highlightSpecialChars(),
  search({ top: true }),
  keymap.of([leaveKey, ...searchKeys, ...historyKeymap, ...editKeys, indentWithTab]),
  // A text that scrolls must be reachable by Tab: a browser may not take an editable element for that by itself.
  EditorView.contentAttributes.of({ tabindex: "0" }),
  EditorView.domEventHandlers({ beforeinput: insertLines }),
  EditorView.theme(theme),
];
