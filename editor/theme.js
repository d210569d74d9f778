// The looks of CodeMirror's own parts. Its style sheet stands outside all layers, so only a theme can overrule it;
// every colour is a token of the page. The colours of YAML are in style/editor.css.

import { tagHighlighter, tags } from "@lezer/highlight";

/** The class of each kind of YAML. */
export const yamlClasses = tagHighlighter([
  { tag: tags.definition(tags.propertyName), class: "yaml-key" },
  { tag: [tags.string, tags.special(tags.string)], class: "yaml-string" },
  { tag: tags.lineComment, class: "yaml-comment" },
  { tag: [tags.labelName, tags.typeName], class: "yaml-name" },
  { tag: [tags.meta, tags.keyword, tags.attributeValue], class: "yaml-meta" },
  { tag: [tags.separator, tags.punctuation, tags.squareBracket, tags.brace], class: "yaml-mark" },
]);

const control = {
  font: "inherit",
  color: "inherit",
  background: "none",
  border: "1px solid var(--line)",
  borderRadius: "var(--r1)",
  padding: "2px var(--s2)",
};

// An outline would lie behind the gutter.
const focusRing = {
  content: "''", position: "absolute", inset: 0, zIndex: 400, pointerEvents: "none", border: "2px solid var(--accent)",
};

const frame = {
  "&": { flex: 1, minHeight: 0, color: "var(--ink)", background: "var(--surface)" },
  "&.cm-focused": { outline: "none" },
  "&.cm-focused::after": focusRing,
  ".cm-scroller": { font: "inherit", overflow: "auto" },
  ".cm-content": { padding: "var(--s2) 0", caretColor: "var(--ink)" },
  ".cm-line": { padding: "0 var(--s4) 0 var(--s1)" },
  ".cm-gutters": { color: "var(--ink-3)", background: "var(--surface)", border: 0 },
  ".cm-lineNumbers .cm-gutterElement": { padding: "0 0 0 var(--s2)", minWidth: "4ch" },
  ".cm-activeLine, .cm-activeLineGutter": { background: "none" },
  "&.cm-focused .cm-activeLine": { background: "color-mix(in srgb, var(--accent-soft) 45%, transparent)" },
  "&.cm-focused .cm-activeLineGutter": { color: "var(--ink)" },
  ".cm-specialChar": { color: "var(--failed)" },
  "&.cm-focused .cm-matchingBracket": { background: "none", outline: "1px solid var(--line-strong)" },
  "&.cm-focused .cm-nonmatchingBracket": { background: "none", outline: "1px dashed var(--failed)" },
};

const searching = {
  // Above the text and below what opens over the editor, as the list of starting manifests does.
  ".cm-panels": { color: "var(--ink)", background: "var(--sunken)", zIndex: 1 },
  ".cm-panels-top": { borderBottom: "1px solid var(--line)" },
  ".cm-panel.cm-search": {
    display: "flex", flexWrap: "wrap", alignItems: "center", gap: "var(--s1) var(--s2)",
    padding: "var(--s2) var(--s6) var(--s2) var(--s3)", font: "12.5px/1.5 var(--font)",
    // What follows the line break replaces; it begins a row of its own.
    "& br": { display: "block", content: "''", flexBasis: "100%" },
    "& input, & button, & label": { margin: 0 },
    "& label": { display: "flex", alignItems: "center", gap: "var(--s1)", fontSize: "inherit" },
    "& [name=close]": { top: "var(--s1)", right: "var(--s2)", padding: "0 var(--s2)", fontSize: "16px" },
  },
  ".cm-textfield": { ...control, background: "var(--surface)", flex: "1 1 8em", minWidth: 0 },
  ".cm-button": control,
  ".cm-button:hover": { background: "var(--accent-soft)", borderColor: "var(--accent)" },
  ".cm-button:active": { background: "var(--accent-soft)" },
  ".cm-searchMatch": { background: "var(--creating-soft)", outline: "1px dotted var(--creating)" },
  ".cm-searchMatch-selected": { background: "var(--accent-soft)", outline: "2px solid var(--accent)" },
};

/** Underline, gutter mark and explanation of one severity; its shape says it as well as its colour. */
function severity(name, line, mark, color) {
  return {
    [`.cm-lintRange-${name}`]: { background: "none", textDecoration: `underline ${line} 1px ${color}` },
    [`.cm-lintPoint-${name}:after`]: { borderBottomColor: color },
    [`.cm-lint-marker-${name}`]: { content: "normal", color },
    [`.cm-lint-marker-${name}::before`]: { content: `"${mark}"` },
    [`.cm-diagnostic-${name}`]: { borderLeft: `3px solid ${color}` },
  };
}

const diagnosing = {
  ".cm-lintRange": { padding: 0, textDecorationSkipInk: "none", textUnderlineOffset: "3px" },
  ".cm-gutter-lint": { width: "1.5em" },
  ".cm-gutter-lint .cm-gutterElement": { padding: 0 },
  ".cm-lint-marker": { width: "auto", height: "auto", textAlign: "center", cursor: "help" },
  ...severity("error", "wavy", "●", "var(--failed)"),
  ...severity("warning", "wavy", "▲", "var(--creating)"),
  ...severity("info", "dotted", "■", "var(--ink-3)"),
  ".cm-tooltip": {
    color: "var(--ink)", background: "var(--surface)", border: "1px solid var(--line-strong)",
    borderRadius: "var(--r2)", overflow: "hidden", maxWidth: "min(56ch, 92vw)", font: "12.5px/1.5 var(--font)",
  },
  ".cm-diagnostic": { margin: 0, padding: "var(--s2) var(--s3)", overflowWrap: "anywhere" },
  ".cm-diagnosticHint": { display: "block", color: "var(--ink-2)" },
  ".cm-diagnosticAction": {
    ...control, display: "block", margin: "var(--s1) 0 0", color: "var(--accent)", borderColor: "var(--accent)",
  },
  ".cm-diagnosticAction:hover": { background: "var(--accent-soft)" },
};

/** For EditorView.theme. */
export const theme = { ...frame, ...searching, ...diagnosing };
