//! Outages: requests that the server fails to serve although nothing is wrong with them.
//!
//! A real API server answers so when its database is slow or gone. What a component makes of it (it says so, and
//! comes again) is as much a rule as anything else, and this is how a test holds a component to it.

use super::Api;
use crate::cluster::error::ApiError;
use crate::cluster::object::Kind;
use crate::cluster::record::{Component, Part, Verb};

/// Requests that fail: who makes them, what they ask for, and how many of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outage {
    /// Who makes the requests.
    pub author: Component,
    /// What is asked for: `Created`, `Updated`, or `Deleting` for every delete.
    pub verb: Verb,
    /// The part of the object; creations and deletes are of `Part::Main`.
    pub part: Part,
    /// The kind of the object.
    pub kind: Kind,
    /// How many requests still fail.
    pub left: u32,
}

impl Api {
    /// Lets the next requests of a sort fail, after those of earlier outages of the same sort.
    pub fn fail_next(&mut self, outage: Outage) {
        if outage.left > 0 {
            self.outages.push(outage);
        }
    }

    /// The outages that still have requests to fail.
    pub fn outages(&self) -> &[Outage] {
        &self.outages
    }

    /// Refuses a request that an outage is for; every request passes through here.
    pub(super) fn serve(&mut self, verb: Verb, part: Part, kind: Kind) -> Result<(), ApiError> {
        if self.outages.is_empty() {
            return Ok(());
        }
        let author = self.author;
        let hit = self
            .outages
            .iter_mut()
            .find(|it| (it.author, it.verb, it.part, it.kind) == (author, verb, part, kind));
        let Some(outage) = hit else {
            return Ok(());
        };
        outage.left -= 1;
        self.outages.retain(|it| it.left > 0);
        Err(ApiError::Internal("etcdserver: request timed out".into()))
    }
}

#[cfg(test)]
mod tests {
    use std::rc::Rc;

    use super::*;
    use crate::cluster::api::DeleteOptions;
    use crate::cluster::config::Config;
    use crate::cluster::object::{Node, ObjectKey, Resource as _};
    use crate::cluster::record::Because;

    #[test]
    fn so_many_requests_of_one_sort_by_one_author_fail() {
        let mut api = Api::new(Rc::new(Config::page(1)));
        let mut node = Node::default();
        node.meta.name = "a".into();
        api.act_as(Component::Kubelet, Because::Start);
        api.create(node.clone().into_object()).expect("it is made");
        let outage = |verb, part, left| Outage {
            author: Component::Kubelet,
            verb,
            part,
            kind: Kind::Node,
            left,
        };
        api.fail_next(outage(Verb::Updated, Part::Status, 2));
        api.fail_next(outage(Verb::Deleting, Part::Main, 1));
        api.fail_next(outage(Verb::Created, Part::Main, 0));
        assert_eq!(api.outages().len(), 2, "an outage of nothing is none");
        let timed_out = ApiError::Internal("etcdserver: request timed out".into());
        let touch = |api: &mut Api, part| api.modify::<Node>("", "a", part, |_| {}).err();
        assert_eq!(touch(&mut api, Part::Main), None, "another part");
        api.act_as(Component::User, Because::Start);
        assert_eq!(touch(&mut api, Part::Status), None, "another author");
        api.act_as(Component::Kubelet, Because::Start);
        assert_eq!(touch(&mut api, Part::Status), Some(timed_out.clone()));
        assert_eq!(touch(&mut api, Part::Status), Some(timed_out.clone()));
        assert_eq!(touch(&mut api, Part::Status), None, "two failed");
        let key = ObjectKey::new(Kind::Node, "", "a");
        let refused = api.delete(&key, &DeleteOptions::default()).err();
        assert_eq!(refused, Some(timed_out.clone()));
        assert!(api.store.by_key(&key).is_some(), "nothing was done");
        assert_eq!(api.outages(), []);
        api.delete(&key, &DeleteOptions::default())
            .expect("the outage is over");
        api.fail_next(outage(Verb::Created, Part::Main, 1));
        let refused = api.create(node.into_object()).err();
        assert_eq!(refused, Some(timed_out));
        assert!(api.store.by_key(&key).is_none());
    }
}
