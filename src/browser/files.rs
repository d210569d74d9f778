//! Files: texts fetched from beside the page, and texts saved by the person.

use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, HtmlAnchorElement, Response, Url};

/// Fetches a text that lies beside the page; `None` if it cannot be had.
pub fn fetch_text(path: &str, then: impl FnOnce(Option<String>) + 'static) {
    fetch(path.to_owned(), Box::new(then));
}

/// One function for all that fetch: the code of a promise costs half a KB on the wire each time that it is made.
fn fetch(path: String, then: Box<dyn FnOnce(Option<String>)>) {
    wasm_bindgen_futures::spawn_local(async move { then(text_of(&path).await) });
}

async fn text_of(path: &str) -> Option<String> {
    let promise = super::window()?.fetch_with_str(path);
    let response: Response = JsFuture::from(promise).await.ok()?.dyn_into().ok()?;
    if !response.ok() {
        return None;
    }
    let text = JsFuture::from(response.text().ok()?).await.ok()?;
    text.as_string()
}

/// Lets the person save a text as a file.
pub fn save(name: &str, text: &str) -> Option<()> {
    let parts = js_sys::Array::of1(&JsValue::from_str(text));
    let blob = Blob::new_with_str_sequence(&parts).ok()?;
    let url = Url::create_object_url_with_blob(&blob).ok()?;
    let document = super::window()?.document()?;
    let link: HtmlAnchorElement = document.create_element("a").ok()?.dyn_into().ok()?;
    link.set_href(&url);
    link.set_download(name);
    link.click();
    Url::revoke_object_url(&url).ok()
}
