//! Lighting what is pointed at, and requests on their way across the stage.

use wasm_bindgen::JsCast as _;
use wasm_bindgen::closure::Closure;
use web_sys::{Document, Element};

use super::window;

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
