//! Scrolling to what happens, unless a person is just looking at something else.

use super::window;
use wasm_bindgen::JsCast as _;
use web_sys::{Element, Event, ScrollIntoViewOptions, ScrollLogicalPosition};

/// Scrolls a strip of so many columns of one width sideways so that one of them is seen, with one before it and what will
/// follow in the same direction: the page is turned, and not moved with every step. A strip that a person points at or
/// walks on stays where it is.
pub fn follow(strip: &Element, at: usize, count: usize) -> Option<()> {
    if strip.matches(":hover, :focus-within").unwrap_or(false) {
        return None;
    }
    let own = strip.scroll_width() / i32::try_from(count.max(1)).ok()?;
    let start = own * i32::try_from(at).ok()?;
    let end = start + own;
    let (left, width) = (strip.scroll_left(), strip.client_width());
    if start < left {
        strip.set_scroll_left(end + own - width);
    } else if end > left + width {
        strip.set_scroll_left(start - own);
    }
    Some(())
}

/// The part of a strip that is in view: where it begins and where it ends, of 1.
pub fn part_in_view(strip: &Element) -> (f64, f64) {
    let (left, width) = (strip.scroll_left(), strip.client_width());
    let whole = f64::from(strip.scroll_width().max(1));
    (f64::from(left) / whole, f64::from(left + width) / whole)
}

/// Scrolls no further than needed to what a person has opened: the first that a selector finds in the element, named by
/// another, around what was clicked.
pub fn bring_opened(event: &Event, around: &str, opened: &str) -> Option<()> {
    let target: Element = event.target()?.dyn_into().ok()?;
    let around = target.closest(around).ok()??;
    bring(&around.query_selector(opened).ok()??);
    Some(())
}

/// Scrolls no further than needed to the first that a selector finds.
pub fn bring_first(selector: &str) -> Option<()> {
    let document = window()?.document()?;
    bring(&document.query_selector(selector).ok()??);
    Some(())
}

fn bring(element: &Element) {
    let options = ScrollIntoViewOptions::new();
    options.set_block(ScrollLogicalPosition::Nearest);
    options.set_inline(ScrollLogicalPosition::Nearest);
    element.scroll_into_view_with_scroll_into_view_options(&options);
}
