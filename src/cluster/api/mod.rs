//! The API server: the one path by which users and controllers read and change objects.
//!
//! Owns requests, their order (resourceVersion, optimistic concurrency, generation, finalizers, graceful deletion)
//! and the log that they leave.
//! What a request may say is decided in `admission`; who asks for what is decided in `controller`.

mod addresses;
mod create;
mod delete;
mod event;
mod evict;
mod outage;
mod patch;
mod update;

use std::rc::Rc;

pub use delete::{DeleteOptions, Propagation};
pub use event::{About, Says};
pub use outage::Outage;
pub use patch::{FieldValidation, Patched};

use super::admission;
use super::config::Config;
use super::log::Log;
use super::lookup::Lookup;
use super::names::Names;
use super::object::{Object, ObjectKey};
use super::record::{Because, Component, Part, Record, Seq, Stop, Stopped, Verb, What, Write};
use super::rng::Rng;
use super::store::Store;
use super::time::Time;
use addresses::Addresses;
use event::Correlator;

/// The finalizer of a deletion that waits for dependents.
pub const FOREGROUND: &str = "foregroundDeletion";
/// The finalizer of a deletion that lets dependents go.
pub const ORPHAN: &str = "orphan";

/// The API server with everything that it keeps.
#[derive(Clone, Debug)]
pub struct Api {
    /// The objects.
    pub store: Store,
    /// The log.
    pub log: Log,
    /// How the cluster is set up.
    pub config: Rc<Config>,
    /// The cluster's clock.
    pub now: Time,
    /// All chance.
    pub rng: Rng,
    author: Component,
    because: Because,
    names: Names,
    /// The version of what was written last.
    pub version: u64,
    addresses: Addresses,
    correlator: Correlator,
    stops: Lookup<ObjectKey, Vec<(Component, Stop)>>,
    outages: Vec<Outage>,
    trying: bool,
    warnings: Vec<String>,
}

impl Api {
    /// A server without objects.
    pub fn new(config: Rc<Config>) -> Self {
        Self {
            store: Store::new(),
            log: Log::default(),
            now: config.epoch,
            rng: Rng::new(config.seed),
            author: Component::ApiServer,
            because: Because::Start,
            names: Names::new(config.naming),
            version: 0,
            addresses: Addresses::default(),
            correlator: Correlator::default(),
            stops: Lookup::default(),
            outages: Vec::new(),
            trying: false,
            warnings: Vec::new(),
            config,
        }
    }

    /// Says who makes the following requests, and because of what.
    pub fn act_as(&mut self, author: Component, because: Because) {
        self.author = author;
        self.because = because;
    }

    /// Who makes the requests now.
    pub fn author(&self) -> Component {
        self.author
    }

    /// The position that the next record will have.
    pub fn next_seq(&self) -> Seq {
        Seq(u32::try_from(self.log.len()).unwrap_or(u32::MAX))
    }

    /// Says why the present author does nothing more for an object, unless it has just said so.
    pub fn stop(&mut self, key: &ObjectKey, reason: Stop) {
        let said = match self.stops.get_mut(key) {
            Some(said) => said,
            None => self.stops.or_default(key.clone()),
        };
        match said.iter_mut().find(|(who, _)| *who == self.author) {
            Some((_, known)) if *known == reason => return,
            Some((_, known)) => *known = reason.clone(),
            None => {
                // Most objects hear of one component.
                said.reserve_exact(1);
                said.push((self.author, reason.clone()));
            }
        }
        let key = key.clone();
        self.log_what(What::Stopped(Rc::new(Stopped { key, reason })));
    }

    /// Why a component last stopped at an object.
    pub fn stopped(&self, component: Component, key: &ObjectKey) -> Option<&Stop> {
        let said = self.stops.get(key)?;
        let own = said.iter().find(|(who, _)| *who == component);
        own.map(|(_, reason)| reason)
    }

    fn log_what(&mut self, what: What) {
        self.log.push(Record {
            time: self.now,
            author: self.author,
            because: self.because,
            what,
        });
    }

    /// What a person's requests since the last call were warned of.
    pub fn take_warnings(&mut self) -> Vec<String> {
        std::mem::take(&mut self.warnings)
    }

    /// Warns who asks, if it is a person.
    fn warn(&mut self, object: &Object, old: Option<&Object>) {
        if self.trying || self.author == Component::User {
            self.warnings.extend(admission::warnings(object, old));
        }
    }

    /// Makes requests to see what would come of them: nothing is stored, logged or drawn by chance (a request with
    /// `dryRun: All`, upstream's `DryRunnableStorage`).
    pub fn try_out<T>(&mut self, request: impl FnOnce(&mut Self) -> T) -> T {
        let (rng, names, addresses) =
            (self.rng.clone(), self.names.clone(), self.addresses.clone());
        self.trying = true;
        let answer = request(self);
        self.trying = false;
        (self.rng, self.names, self.addresses) = (rng, names, addresses);
        answer
    }

    /// Stores a version of an object and logs it.
    fn commit(&mut self, verb: Verb, part: Part, mut object: Rc<Object>) -> Rc<Object> {
        Rc::make_mut(&mut object).meta_mut().resource_version = self.version + 1;
        if self.trying {
            return object;
        }
        self.version += 1;
        let before = self.store.put(Rc::clone(&object));
        self.log_what(What::Wrote(Write {
            verb,
            part,
            object: Rc::clone(&object),
            before,
        }));
        object
    }

    /// Takes an object out of the store and logs it.
    fn commit_removal(&mut self, key: &ObjectKey) -> Option<Rc<Object>> {
        if self.trying {
            return self.store.by_key(key).cloned();
        }
        let object = self.store.remove(key)?;
        self.version += 1;
        self.addresses.release(&object);
        self.stops.remove(key);
        let before = Some(Rc::clone(&object));
        let write = Write {
            verb: Verb::Removed,
            part: Part::Main,
            object: Rc::clone(&object),
            before,
        };
        self.log_what(What::Wrote(write));
        Some(object)
    }
}
