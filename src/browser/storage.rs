//! What the browser keeps for the page: texts by key, which it may refuse or be too full for.

/// Every key begins with this, because other pages may share the host.
const PREFIX: &str = "ordinal.";

/// The key of the manifest.
pub const MANIFEST: &str = "manifest";
/// The key of the run: the log of actions and the clock.
pub const RUN: &str = "run";
/// The key of a run that could not be brought back.
pub const UNREAD: &str = "unread";
/// The key that is there while a run is being brought back.
pub const RESTORING: &str = "restoring";
/// The key of the theme.
pub(super) const THEME: &str = "theme";

fn storage() -> Option<web_sys::Storage> {
    super::window()?.local_storage().ok().flatten()
}

/// A kept text.
pub fn kept(key: &str) -> Option<String> {
    storage()?
        .get_item(&format!("{PREFIX}{key}"))
        .ok()
        .flatten()
}

/// Keeps a text; `false` if the browser refuses.
pub fn keep(key: &str, text: &str) -> bool {
    storage().is_some_and(|it| it.set_item(&format!("{PREFIX}{key}"), text).is_ok())
}

/// Keeps nothing under a key any more.
pub fn forget(key: &str) {
    if let Some(storage) = storage() {
        // What is not there need not be removed.
        storage.remove_item(&format!("{PREFIX}{key}")).ok();
    }
}
