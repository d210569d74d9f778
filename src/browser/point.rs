//! Lighting what is pointed at, and requests on their way across the stage.

use wasm_bindgen::JsCast as _;
use wasm_bindgen::closure::Closure;
use web_sys::{Document, Element};

use super::{is_in_control, window};

/// The attribute by which what shows an object is found: `Kind/namespace/name`.
pub const NAME: &str = "data-name";
/// What is lit.
const LIT: &str = "is-lit";

fn document() -> Option<Document> {
    window()?.document()
}

fn showing(name: &str) -> Option<Element> {
    // Names of objects hold no quotes.
    document()?
        .query_selector(&format!(".app [{NAME}=\"{name}\"]:not(a)"))
        .ok()?
}

/// Lights what shows an object, and nothing else.
pub fn point(name: Option<&str>) -> Option<()> {
    let old = document()?.get_elements_by_class_name(LIT);
    while let Some(element) = old.item(0) {
        element.class_list().remove_1(LIT).ok()?;
    }
    showing(name?)?.class_list().add_1(LIT).ok()
}

/// The attribute that lets a thing answer with a pulse. Of two values each has the other one in its turn, so that each
/// deed begins the pulse anew; what is over is remembered for that.
const TOUCHED: &str = "data-touched";
/// The part of what shows an object that answers for all of it. It has the attribute itself: one on the whole has the
/// browser look at the style of everything within.
const ANSWERS: &str =
    ":scope > .cell:nth-child(2), :scope > .pod, :scope > h3, :scope > .shelf__head";

/// Lets what shows an object answer to a deed, and nothing else.
pub fn touch(name: &str) -> Option<()> {
    let active = "[data-touched=even], [data-touched=odd]";
    if let Some(old) = document()?.query_selector(active).ok()? {
        let was = match old.get_attribute(TOUCHED)?.as_str() {
            "even" => "was-even",
            _ => "was-odd",
        };
        old.set_attribute(TOUCHED, was).ok()?;
    }
    let whole = showing(name)?;
    let element = whole.query_selector(ANSWERS).ok()?.unwrap_or(whole);
    let turn = match element.get_attribute(TOUCHED).as_deref() {
        Some("was-even") => "odd",
        _ => "even",
    };
    element.set_attribute(TOUCHED, turn).ok()
}

/// The name of what a click is about: of what was clicked, or of the cell's part after the one that is selected. A
/// control has a meaning of its own.
pub fn chosen(event: &web_sys::Event, selected: Option<&str>) -> Option<String> {
    let target: Element = event.target()?.dyn_into().ok()?;
    let named = format!("[{NAME}]");
    if is_in_control(event) || target.closest("a, summary").ok()?.is_some() {
        return None;
    }
    if target.matches("[role=gridcell]").ok()? {
        let parts = target.query_selector_all(&named).ok()?;
        let names = (0..parts.length()).filter_map(|at| {
            let part: Element = parts.item(at)?.dyn_into().ok()?;
            part.get_attribute(NAME)
        });
        let names: Vec<String> = names.collect();
        let known = names.iter().position(|it| Some(&**it) == selected);
        let next = known.map_or(0, |at| (at + 1) % names.len());
        if let Some(name) = names.into_iter().nth(next) {
            return Some(name);
        }
    }
    target.closest(&named).ok()??.get_attribute(NAME)
}

/// Lets a request fly: from what shows one object (or from the terminal) to what shows another.
pub fn fly(from: Option<&str>, to: &str, label: &str, is_good: bool) -> Option<()> {
    let document = document()?;
    let target = showing(to)?.get_bounding_client_rect();
    let source = from
        .and_then(showing)
        .or_else(|| document.query_selector(".commands").ok()?)?;
    let source = source.get_bounding_client_rect();
    let middle = |rect: &web_sys::DomRect| {
        (
            rect.left() + rect.width() / 2.0,
            rect.top() + rect.height().min(120.0) / 2.0,
        )
    };
    let ((x, y), (to_x, to_y)) = (middle(&source), middle(&target));
    let chip = document.create_element("div").ok()?;
    chip.set_class_name(if is_good {
        "flight"
    } else {
        "flight flight--refused"
    });
    chip.set_text_content(Some(label));
    chip.set_attribute("aria-hidden", "true").ok()?;
    let style = format!(
        "left:{x}px;top:{y}px;--dx:{}px;--dy:{}px",
        to_x - x,
        to_y - y
    );
    chip.set_attribute("style", &style).ok()?;
    let landed = {
        let chip = chip.clone();
        Closure::once_into_js(move || chip.remove())
    };
    chip.add_event_listener_with_callback("animationend", landed.unchecked_ref())
        .ok()?;
    document.body()?.append_child(&chip).ok()?;
    Some(())
}
