//! What was written answers with a pulse.

use leptos::prelude::*;

use crate::browser;
use crate::cluster::object::ObjectKey;
use crate::ui::terminal::name_of;
use crate::ui::use_app;

/// Lets what was written last answer, wherever it stands.
pub(super) fn watch() {
    let app = use_app();
    let thought = Memo::new(move |_| app.scene.read().thought.clone());
    Effect::new(move |_| {
        let thought = thought.read();
        let thought = thought.as_ref()?;
        let key = ObjectKey::new(thought.kind, &*thought.namespace, &*thought.name);
        browser::touch(&name_of(&key))
    });
}
