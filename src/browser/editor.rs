//! The manifest editor: a module of its own, loaded when the page is drawn.

use wasm_bindgen::prelude::*;

/// The element that the module defines.
const ELEMENT: &str = "manifest-editor";

/// Loads the editor; the page's text field grows into it, and stays as it is if that fails.
pub fn load_editor() -> Option<()> {
    let document = super::window()?.document()?;
    let script = document.create_element("script").ok()?;
    script.set_attribute("type", "module").ok()?;
    script.set_attribute("src", "editor.js").ok()?;
    document.head()?.append_child(&script).ok()?;
    Some(())
}

/// Puts the editor's cursor to a place, counted from 0.
pub fn reveal(line: usize, column: usize) -> Option<()> {
    let document = super::window()?.document()?;
    let element = document.query_selector(ELEMENT).ok()??;
    let reveal = js_sys::Reflect::get(&element, &"reveal".into()).ok()?;
    // A plain text field has no such method.
    let reveal: js_sys::Function = reveal.dyn_into().ok()?;
    let (line, column) = (line as f64, column as f64);
    reveal.call2(&element, &line.into(), &column.into()).ok()?;
    Some(())
}
