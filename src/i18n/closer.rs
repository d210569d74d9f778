//! The keys of the texts of the panel that looks closer and says why.

use crate::cluster::object::ObjectKey;
use crate::scene::{Change, ServiceCard, Thought};
use crate::session::{Deed, Inspection};

/// The texts of the panel.
pub struct Closer {
    /// What the panel is.
    pub title: &'static str,
    /// Goes back to the whole.
    pub back: &'static str,
    /// Why something is not happening.
    pub why: &'static str,
    /// Nothing waits.
    pub nothing_waits: &'static str,
    /// So many others wait for the same as the one that is named.
    pub and_others: fn(usize) -> String,
    /// Why an object is as it is, though nobody waits with it.
    pub all_well: fn(&Inspection) -> &'static str,
    /// What can be done with it.
    pub actions: &'static str,
    /// What a deed is called on its button.
    pub deed: fn(&Deed) -> String,
    /// How it came to this.
    pub history: &'static str,
    /// What woke somebody: takes the deed.
    pub because: fn(&Thought) -> String,
    /// The events about it.
    pub events: &'static str,
    /// There are none.
    pub no_events: &'static str,
    /// How often an event came.
    pub times: fn(i32) -> String,
    /// The object as the cluster has it.
    pub yaml: &'static str,
    /// It is not there.
    pub not_there: &'static str,
    /// The records of a headless Service, or the pods behind an address.
    pub service: fn(&ServiceCard) -> String,
    /// A Service without pods.
    pub no_endpoints: &'static str,
    /// A Service that chooses no pods.
    pub no_selector: &'static str,
    /// An endpoint that takes no requests.
    pub not_ready: &'static str,
    /// More endpoints than are drawn.
    pub more: fn(usize) -> String,
    /// Looks closer at an object.
    pub look_at: fn(&ObjectKey) -> String,
    /// What changed on the stage, for those who do not see it.
    pub announce: fn(&[Change]) -> String,
}
