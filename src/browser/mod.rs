//! The browser: the only place that touches the window.
//!
//! Owns the clock of real time, the clipboard, the theme, and what is shown when the program breaks.

mod broken;
mod editor;
mod files;
mod follow;
mod point;
mod storage;
mod walk;

pub use broken::{is_broken, keep_log, keep_manifest, watch};
pub use editor::{load_editor, reveal};
pub use files::{fetch_text, save};
pub use follow::{bring_first, bring_opened, follow, part_in_view};
pub use point::{NAME, chosen, fly, point, touch};
pub use storage::{
    FOLDED, MANIFEST, RUN, UNREAD, forget, is_about_run, keep, kept, set_tries_to_restore,
    tries_to_restore,
};
pub use walk::{walk_list, walk_table};

use wasm_bindgen::JsCast as _;
use web_sys::HtmlElement;

/// The attribute of the page's root that sets the theme.
const THEME: &str = "data-theme";

fn window() -> Option<web_sys::Window> {
    web_sys::window()
}

/// Milliseconds of real time since the page was opened.
pub fn real_ms() -> f64 {
    let performance = window().and_then(|it| it.performance());
    performance.map_or(0.0, |it| it.now())
}

/// Sets the language of the page.
pub fn set_language(tag: &str) {
    if let Some(root) = root() {
        root.set_lang(tag);
    }
}

/// Switches between light and dark.
pub fn switch_theme() {
    let Some(root) = root() else { return };
    let system_is_dark = window()
        .and_then(|it| {
            it.match_media("(prefers-color-scheme: dark)")
                .ok()
                .flatten()
        })
        .is_some_and(|it| it.matches());
    let is_dark = match root.get_attribute(THEME).as_deref() {
        Some("dark") => true,
        Some(_) => false,
        None => system_is_dark,
    };
    let theme = if is_dark { "light" } else { "dark" };
    // An attribute of a fixed name can always be set.
    root.set_attribute(THEME, theme).ok();
    keep(storage::THEME, theme);
}

/// Takes the theme that was chosen last time.
pub fn restore_theme() {
    if let (Some(root), Some(theme)) = (root(), kept(storage::THEME)) {
        root.set_attribute(THEME, &theme).ok();
    }
}

/// Hides all but the stage, or shows all of it again.
pub fn present(is_on: bool) {
    if let Some(root) = root() {
        root.toggle_attribute_with_force("data-present", is_on).ok();
    }
}

/// An attribute of the element that an event is about.
pub fn attribute_of(event: &web_sys::Event, name: &str) -> Option<String> {
    let element: web_sys::Element = event.target()?.dyn_into().ok()?;
    element.get_attribute(name)
}

/// Whether an event is about something that a person can use, or a part of it.
pub fn is_in_control(event: &web_sys::Event) -> bool {
    let element: Option<web_sys::Element> = event.target().and_then(|it| it.dyn_into().ok());
    let control =
        element.and_then(|it| it.closest("button, input, select, textarea").ok().flatten());
    control.is_some()
}

/// Shows a dialog above everything else; what had the focus gets it back when the dialog is closed.
pub fn show_dialog(id: &str) -> Option<()> {
    dialog(id)?.show_modal().ok()
}

/// Closes it.
pub fn close_dialog(id: &str) -> Option<()> {
    dialog(id).map(|it| it.close())
}

fn dialog(id: &str) -> Option<web_sys::HtmlDialogElement> {
    let document = window()?.document()?;
    document.get_element_by_id(id)?.dyn_into().ok()
}

/// Scrolls an element to its end.
pub fn scroll_to_end(element: &web_sys::Element) {
    element.set_scroll_top(element.scroll_height());
}

/// The text that is being pasted.
pub fn pasted(event: &web_sys::Event) -> Option<String> {
    let event: &web_sys::ClipboardEvent = event.dyn_ref()?;
    event.clipboard_data()?.get_data("text").ok()
}

/// Whether some text is selected, which Ctrl+C copies.
pub fn has_selection() -> bool {
    let selection = window().and_then(|it| it.get_selection().ok().flatten());
    selection.is_some_and(|it| !it.is_collapsed())
}

/// Whether a part of a field's text is selected.
pub fn has_selection_in(field: &web_sys::HtmlTextAreaElement) -> bool {
    field.selection_start().ok() != field.selection_end().ok()
}

/// Puts the cursor of a field behind its text.
pub fn put_cursor_at_end(field: &web_sys::HtmlTextAreaElement) {
    let end = u32::try_from(field.value().encode_utf16().count()).unwrap_or(u32::MAX);
    // A field that is not on the page has no cursor.
    field.set_selection_range(end, end).ok();
}

fn root() -> Option<HtmlElement> {
    window()?.document()?.document_element()?.dyn_into().ok()
}
