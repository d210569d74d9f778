// <manifest-editor>: CodeMirror in the place of the textarea inside it. Until this is loaded the textarea does the work.

import { Annotation, Compartment, EditorState, Text } from "@codemirror/state";
import { EditorView } from "@codemirror/view";
import { isolateHistory } from "@codemirror/commands";

import { diagnosing, showDiagnostics } from "./diagnostics.js";
import { editing } from "./editing.js";
import { difference, offset } from "./text.js";

/** Marks a change that comes from the `value` attribute. */
const fromPage = Annotation.define();

/** How long the text rests before marks that moved with it go back to where the page has them. */
const restMs = 600;

/** `value`, `diagnostics`, `label` and `phrases` say what to show; `input` of the textarea and `fix` say what was done. */
class ManifestEditor extends HTMLElement {
  static observedAttributes = ["value", "diagnostics", "label", "phrases"];

  #textarea = null;
  #view = null;
  #rest = 0;
  #words = new Compartment();

  connectedCallback() {
    this.#textarea = this.querySelector("textarea");
    if (!this.#textarea) return;
    try {
      this.#mount();
    } catch (error) {
      console.warn("manifest-editor: the plain field stays", error);
      this.#unmount();
    }
  }

  disconnectedCallback() {
    this.#unmount();
  }

  attributeChangedCallback(name, _old, value) {
    if (!this.#view) return;
    if (name === "value") this.#replace(value);
    else if (name === "diagnostics") this.#mark();
    else this.#view.dispatch({ effects: this.#words.reconfigure(this.#wording()) });
  }

  /** Puts the cursor on a place, counted from 0, and shows it. */
  reveal(line, column) {
    if (this.#view) {
      const at = offset(this.#view.state.doc, line, column);
      this.#view.dispatch({ selection: { anchor: at }, effects: EditorView.scrollIntoView(at, { y: "center" }) });
      this.#view.focus();
    } else if (this.#textarea) {
      const at = offset(Text.of(this.#textarea.value.split("\n")), line, column);
      this.#textarea.setSelectionRange(at, at);
      this.#textarea.focus();
    }
  }

  #mount() {
    const textarea = this.#textarea;
    const isFocused = document.activeElement === textarea;
    const selection = isFocused ? { anchor: textarea.selectionStart, head: textarea.selectionEnd } : { anchor: 0 };
    this.#view = new EditorView({
      parent: this,
      doc: textarea.value,
      selection,
      scrollTo: EditorView.scrollIntoView(selection.head ?? 0, { y: "center" }),
      extensions: [
        this.#words.of(this.#wording()),
        editing,
        diagnosing,
        EditorView.updateListener.of((update) => this.#tell(update)),
      ],
    });
    this.#mark();
    if (isFocused) this.#view.focus();
    this.#hideTextarea(true);
  }

  #unmount() {
    clearTimeout(this.#rest);
    this.#view?.destroy();
    this.#view = null;
    if (this.#textarea) this.#hideTextarea(false);
  }

  #hideTextarea(isHidden) {
    this.#textarea.hidden = isHidden;
    this.#textarea.ariaHidden = isHidden ? "true" : null;
  }

  /** What is said and read aloud: labels and translations. */
  #wording() {
    const attributes = { "aria-label": this.getAttribute("label") ?? "" };
    const described = this.#textarea.getAttribute("aria-describedby");
    if (described) attributes["aria-describedby"] = described;
    return [EditorView.contentAttributes.of(attributes), EditorState.phrases.of(this.#json("phrases", {}))];
  }

  /** The textarea always has the text; its `input` event says when a person changed it. */
  #tell(update) {
    if (!update.docChanged) return;
    clearTimeout(this.#rest);
    this.#rest = setTimeout(() => this.#mark(), restMs);
    this.#textarea.value = update.state.doc.toString();
    if (update.transactions.some((it) => it.annotation(fromPage))) return;
    this.#textarea.dispatchEvent(new Event("input", { bubbles: true }));
  }

  #replace(value) {
    if (value === null) return;
    const changes = difference(this.#view.state.doc.toString(), value.replace(/\r\n?/g, "\n"));
    if (!changes) return;
    this.#view.dispatch({ changes, annotations: [fromPage.of(true), isolateHistory.of("full")] });
  }

  #mark() {
    showDiagnostics(this.#view, this.#json("diagnostics", []));
  }

  #json(name, otherwise) {
    try {
      return JSON.parse(this.getAttribute(name)) ?? otherwise;
    } catch (error) {
      console.warn(`manifest-editor: ${name} is not JSON`, error);
      return otherwise;
    }
  }
}

customElements.define("manifest-editor", ManifestEditor);
