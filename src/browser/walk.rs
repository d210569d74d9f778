//! Walking with the arrow keys: the cells of a table, the entries of a list.

use wasm_bindgen::prelude::*;
use web_sys::{Element, HtmlElement, KeyboardEvent};

/// Arrow keys go from column to column and from cell to cell; Enter and the space bar are a click.
pub fn walk_table(event: KeyboardEvent) {
    if has_modifier(&event) {
        return;
    }
    let Some(target) = target(&event) else { return };
    let cell = target
        .closest("[role=rowheader], [role=gridcell]")
        .ok()
        .flatten();
    let Some(cell) = cell else {
        // The table itself has the focus: into its first cell.
        if event.key().starts_with("Arrow") {
            event.prevent_default();
            focus(target.query_selector("[role=rowheader]").ok().flatten());
        }
        return;
    };
    if matches!(&*event.key(), "Enter" | " ") {
        if cell == target {
            event.prevent_default();
            click(&cell);
        }
        return;
    }
    let row = cell.parent_element();
    let across = |find: fn(&Element, bool) -> Option<Element>, after| {
        alike(&cell, &find(row.as_ref()?, after)?)
    };
    let to = match &*event.key() {
        "ArrowDown" => cell.next_element_sibling(),
        "ArrowUp" => cell.previous_element_sibling(),
        "ArrowRight" => across(beside, true),
        "ArrowLeft" => across(beside, false),
        "Home" => across(outermost, false),
        "End" => across(outermost, true),
        _ => return,
    };
    event.prevent_default();
    focus(to);
}

/// The row after or before this one: in its part of the table, or in the next one.
fn beside(row: &Element, after: bool) -> Option<Element> {
    let part = row.parent_element()?;
    match after {
        true => row
            .next_element_sibling()
            .or_else(|| part.next_element_sibling()?.first_element_child()),
        false => row
            .previous_element_sibling()
            .or_else(|| part.previous_element_sibling()?.last_element_child()),
    }
}

/// The last or the first row of the table that this one is in.
fn outermost(row: &Element, last: bool) -> Option<Element> {
    let part = row.parent_element()?;
    let part = end(Some(&part), last)?;
    match last {
        true => part.last_element_child(),
        false => part.first_element_child(),
    }
}

/// Arrow keys go from entry to entry.
pub fn walk_list(event: KeyboardEvent) {
    if has_modifier(&event) {
        return;
    }
    let Some(target) = target(&event) else { return };
    let is_entry = target.has_attribute("data-ordinal");
    let to = match &*event.key() {
        "ArrowRight" | "ArrowDown" if !is_entry => target.first_element_child(),
        "ArrowRight" | "ArrowDown" => target.next_element_sibling(),
        "ArrowLeft" | "ArrowUp" => target.previous_element_sibling(),
        "Home" => end(Some(&target), false),
        "End" => end(Some(&target), true),
        _ => return,
    };
    event.prevent_default();
    focus(to.filter(|it| it.has_attribute("data-ordinal")));
}

/// With Ctrl, Alt or the like a key is the browser's.
fn has_modifier(event: &KeyboardEvent) -> bool {
    event.ctrl_key() || event.alt_key() || event.meta_key()
}

fn target(event: &KeyboardEvent) -> Option<Element> {
    event.target()?.dyn_into().ok()
}

/// The cell of a row at the same position as this one in its own.
fn alike(cell: &Element, row: &Element) -> Option<Element> {
    let siblings = cell.parent_element()?.children();
    let at = (0..siblings.length()).find(|at| siblings.item(*at).as_ref() == Some(cell))?;
    row.children().item(at)
}

/// The first or the last of an element's siblings.
fn end(element: Option<&Element>, last: bool) -> Option<Element> {
    let parent = element?.parent_element()?;
    match last {
        true => parent.last_element_child(),
        false => parent.first_element_child(),
    }
}

fn focus(element: Option<Element>) {
    if let Some(element) = element.and_then(|it| it.dyn_into::<HtmlElement>().ok()) {
        element.focus().ok();
    }
}

fn click(element: &Element) {
    if let Some(element) = element.dyn_ref::<HtmlElement>() {
        element.click();
    }
}
