//! What was written answers with a pulse.

use leptos::prelude::*;

use crate::browser;
use crate::cluster::object::ObjectKey;
use crate::ui::App;
use crate::ui::terminal::name_of;

/// Lets what was written last answer, wherever it stands: once.
pub(in crate::ui) fn beat(app: App) {
    let scene = app.scene.read_untracked();
    let is_new = app.pulsed.try_update_value(|last| {
        let is_new = *last != scene.thought;
        *last = scene.thought.clone();
        is_new
    });
    if let (Some(true), Some(thought)) = (is_new, &scene.thought) {
        let key = ObjectKey::new(thought.kind, &*thought.namespace, &*thought.name);
        browser::touch(&name_of(&key));
    }
}
