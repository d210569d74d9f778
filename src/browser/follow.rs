//! Scrolling to what happens, unless a person is just looking at something else.

use wasm_bindgen::JsCast as _;
use web_sys::{Element, HtmlElement};

/// Scrolls a strip sideways as far as it takes to see one of its children. A strip that a person points at, walks on
/// or has scrolled with the pointer over it stays where it is.
pub fn follow(strip: &Element, child: &str) -> Option<()> {
    if strip.matches(":hover, :focus-within").unwrap_or(false) {
        return None;
    }
    let child: HtmlElement = strip.query_selector(child).ok()??.dyn_into().ok()?;
    let strip: &HtmlElement = strip.dyn_ref()?;
    let start = child.offset_left() - strip.offset_left();
    let end = start + child.offset_width();
    let (left, width) = (strip.scroll_left(), strip.client_width());
    if start < left {
        strip.set_scroll_left(start);
    } else if end > left + width {
        strip.set_scroll_left(end - width);
    }
    Some(())
}
