// Texts and places in them.

/** The one replacement that turns a text into another and touches least; null if they are the same. */
export function difference(old, next) {
  if (old === next) return null;
  const most = Math.min(old.length, next.length);
  let head = 0;
  while (head < most && old[head] === next[head]) head++;
  let tail = 0;
  while (tail < most - head && old[old.length - 1 - tail] === next[next.length - 1 - tail]) tail++;
  return { from: head, to: old.length - tail, insert: next.slice(head, next.length - tail) };
}

/** The offset of a line and column (in characters), both from 0; what lies outside the text is moved to its edge. */
export function offset(doc, line, column) {
  if (line < 0) return 0;
  if (line >= doc.lines) return doc.length;
  const { from, text } = doc.line(line + 1);
  return from + [...text].slice(0, Math.max(column, 0)).join("").length;
}
