//! When the program breaks: a page that keeps the manifest and the log of actions.
//!
//! It is made by hand from plain elements, because nothing else of the program can be trusted any more.

use std::cell::RefCell;

use wasm_bindgen::prelude::*;
use web_sys::{Document, Element, HtmlElement};

use crate::i18n::Broken;

/// What is kept for the worst case.
#[derive(Clone, Debug, Default)]
struct Rescue {
    manifest: String,
    log: String,
    shown: bool,
}

thread_local! {
    static RESCUE: RefCell<Rescue> = RefCell::default();
}

/// Keeps the manifest for the case that the program breaks.
pub fn keep_manifest(manifest: &str) {
    RESCUE.with_borrow_mut(|rescue| manifest.clone_into(&mut rescue.manifest));
}

/// Keeps the log of actions for the case that the program breaks.
pub fn keep_log(log: String) {
    RESCUE.with_borrow_mut(|rescue| rescue.log = log);
}

/// Whether the page that keeps what is there is shown.
pub fn is_broken() -> bool {
    // While it is being shown it cannot be asked.
    RESCUE.with(|it| it.try_borrow().map_or(true, |it| it.shown))
}

/// Watches for panics, and for errors that never become one, such as a lack of memory.
pub fn watch(texts: &'static Broken) {
    std::panic::set_hook(Box::new(move |info| show(texts, &info.to_string())));
    let on_error =
        Closure::<dyn FnMut(web_sys::ErrorEvent)>::new(move |event: web_sys::ErrorEvent| {
            // Only what comes from the program itself: a trap of WebAssembly.
            if event
                .error()
                .is_instance_of::<js_sys::WebAssembly::RuntimeError>()
            {
                show(texts, &event.message());
            }
        });
    if let Some(window) = super::window() {
        let listener = on_error.as_ref().unchecked_ref();
        window
            .add_event_listener_with_callback("error", listener)
            .ok();
    }
    // It listens as long as the page is open.
    on_error.forget();
}

fn show(texts: &'static Broken, error: &str) {
    let Ok(rescue) = RESCUE.try_with(|it| {
        let mut rescue = it.try_borrow_mut().ok()?;
        let first = !std::mem::replace(&mut rescue.shown, true);
        first.then(|| rescue.clone())
    }) else {
        return;
    };
    // The first error is the cause; what follows from it is not.
    if let Some(rescue) = rescue {
        draw(texts, &rescue, error);
    }
}

/// Puts the page in place of everything; a step that the browser refuses is left out.
fn draw(texts: &'static Broken, rescue: &Rescue, error: &str) -> Option<()> {
    let document = super::window()?.document()?;
    let body = document.body()?;
    body.set_text_content(None);
    let page = append(&document, &body, "main", "")?;
    page.set_class_name("broken");
    append(&document, &page, "h1", texts.title)?;
    append(&document, &page, "p", texts.text)?;
    let buttons = append(&document, &page, "p", "")?;
    let copy = append(&document, &buttons, "button", texts.copy)?;
    let restart = append(&document, &buttons, "button", texts.restart)?;
    let said = append(&document, &buttons, "span", "")?;
    said.set_attribute("role", "status").ok();
    let mut all = String::new();
    for (title, text) in [
        (texts.error, error),
        (texts.manifest, &*rescue.manifest),
        (texts.log, &*rescue.log),
    ] {
        append(&document, &page, "h2", title)?;
        let shown = append(&document, &page, "pre", text)?;
        // What scrolls is reached by keyboard.
        shown.set_tab_index(0);
        all.push_str(&format!("# {title}\n{text}\n\n"));
    }
    on_click(&copy, move || copy_text(&all, texts, &said));
    on_click(&restart, || {
        // The run that broke the program is not done again.
        super::forget(super::RUN);
        if let Some(window) = super::window() {
            window.location().reload().ok();
        }
    });
    Some(())
}

fn append(document: &Document, parent: &Element, tag: &str, text: &str) -> Option<HtmlElement> {
    let element: HtmlElement = document.create_element(tag).ok()?.dyn_into().ok()?;
    element.set_text_content(Some(text));
    parent.append_child(&element).ok()?;
    Some(element)
}

fn on_click(element: &HtmlElement, does: impl FnMut() + 'static) {
    let closure = Closure::<dyn FnMut()>::new(does);
    element.set_onclick(Some(closure.as_ref().unchecked_ref()));
    closure.forget();
}

fn copy_text(text: &str, texts: &'static Broken, said: &HtmlElement) {
    let Some(window) = super::window() else {
        return;
    };
    let done = said.clone();
    let copied = Closure::once(move |_: JsValue| done.set_text_content(Some(texts.copied)));
    let failed = said.clone();
    let not_copied =
        Closure::once(move |_: JsValue| failed.set_text_content(Some(texts.not_copied)));
    let clipboard = window.navigator().clipboard();
    // Without a secure context there is no clipboard at all.
    if clipboard.is_undefined() {
        said.set_text_content(Some(texts.not_copied));
        return;
    }
    let _promise = clipboard.write_text(text).then2(&copied, &not_copied);
    copied.forget();
    not_copied.forget();
}
