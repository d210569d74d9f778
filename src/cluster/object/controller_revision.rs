//! ControllerRevision: one template of a StatefulSet, kept so that it can be gone back to (reference 1.8).

use std::rc::Rc;

use crate::cluster::value::Value;
use crate::resource;

resource! {
    /// One revision.
    pub struct ControllerRevision {
        /// `{"spec":{"template":{…,"$patch":"replace"}}}`.
        data: Rc<Value> = "data",
        /// Its number: the highest is the newest.
        revision: i64 = "revision" always,
    }
}
