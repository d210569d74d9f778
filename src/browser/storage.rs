//! What the browser keeps for the page: texts by key, which it may refuse or be too full for.

/// Every key begins with this, because other pages may share the host.
const PREFIX: &str = "ordinal.";

/// The key of the manifest.
pub const MANIFEST: &str = "manifest";
/// The key of the run: the log of actions and the clock.
pub const RUN: &str = "run";
/// The key of a run that could not be brought back.
pub const UNREAD: &str = "unread";
/// The key, for this tab alone, that counts how often bringing back a run was tried.
const TRIES: &str = "ordinal.tries";
/// The key of what is folded.
pub const FOLDED: &str = "folded";
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

/// How often this tab has tried to bring back the run without coming to an end.
pub fn tries_to_restore() -> u32 {
    let tries = session().and_then(|it| it.get_item(TRIES).ok().flatten());
    tries.and_then(|it| it.parse().ok()).unwrap_or(0)
}

/// Remembers how often it has.
pub fn set_tries_to_restore(tries: u32) {
    if let Some(session) = session() {
        // Without a place to remember it, every try is the first.
        session.set_item(TRIES, &tries.to_string()).ok();
    }
}

fn session() -> Option<web_sys::Storage> {
    super::window()?.session_storage().ok().flatten()
}

/// Whether a change in another tab is one of the run.
pub fn is_about_run(event: &web_sys::StorageEvent) -> bool {
    event.key().as_deref() == Some(&*format!("{PREFIX}{RUN}"))
}

/// Keeps nothing under a key any more.
pub fn forget(key: &str) {
    if let Some(storage) = storage() {
        // What is not there need not be removed.
        storage.remove_item(&format!("{PREFIX}{key}")).ok();
    }
}
