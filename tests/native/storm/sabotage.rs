//! Rules broken on purpose: each property must see it.

use std::rc::Rc;

use ordinal::cluster::api::DeleteOptions;
use ordinal::cluster::object::pod_spec::Volume;
use ordinal::cluster::object::{Kind, Object, ObjectKey, Pod};
use ordinal::cluster::record::Component;

use super::draw::Act;
use super::property::Broken;
use super::{Storm, repeat, shorten};
use crate::support::web;

/// A storm's cluster with a set of so many, as far as it is after some seconds.
fn town(replicas: u32, seconds: i64) -> Storm {
    let mut storm = Storm::new(1);
    let actions = [
        Act::Edit(web(replicas)),
        Act::Line("kubectl apply -f m.yaml".to_owned()),
        Act::Wait(seconds * 1000),
    ];
    for action in actions {
        storm.act(&action).expect("nothing breaks by itself");
    }
    storm
}

fn pod(storm: &Storm, name: &str) -> Pod {
    let found = storm.desk.cluster.api.store.find::<Pod>("default", name);
    found.cloned().expect("the pod is there")
}

fn verdict(storm: &mut Storm) -> Option<&'static str> {
    let result = storm.watch.follow(&storm.desk.cluster.api.log);
    result.err().map(|Broken { property, .. }| property)
}

/// Makes a pod like another in the name of the set's controller.
fn make(storm: &mut Storm, like: &str, name: &str, change: impl FnOnce(&mut Pod)) {
    let mut copy = pod(storm, like);
    copy.meta.name = name.into();
    copy.meta.uid = "".into();
    copy.meta.resource_version = 0;
    let spec = Rc::make_mut(&mut copy.spec);
    spec.node_name = "".into();
    rename_claims(&mut spec.volumes, |volume| format!("{volume}-{name}"));
    change(&mut copy);
    let made = storm
        .desk
        .cluster
        .request(Component::StatefulSet, |api| api.create(Object::Pod(copy)));
    made.expect("the server takes it");
}

fn rename_claims(volumes: &mut Rc<[Volume]>, name: impl Fn(&str) -> String) {
    let mut copy = volumes.to_vec();
    for volume in &mut copy {
        if let Some(claim) = &mut volume.claim {
            claim.claim_name = name(&volume.name).into();
        }
    }
    *volumes = copy.into();
}

fn delete(storm: &mut Storm, author: Component, kind: Kind, name: &str) {
    let key = ObjectKey::new(kind, "default", name);
    let gone = storm
        .desk
        .cluster
        .request(author, |api| api.delete(&key, &DeleteOptions::default()));
    gone.expect("the server does it");
}

#[test]
fn a_pod_made_out_of_order_is_seen() {
    let mut storm = town(3, 3);
    make(&mut storm, "web-0", "web-2", |_| {});
    assert_eq!(verdict(&mut storm), Some("ordered_pods_are_made_in_order"));
}

#[test]
fn two_pods_that_go_at_once_are_seen() {
    let mut storm = town(3, 30);
    delete(&mut storm, Component::StatefulSet, Kind::Pod, "web-2");
    assert_eq!(verdict(&mut storm), None, "one may go");
    delete(&mut storm, Component::StatefulSet, Kind::Pod, "web-1");
    assert_eq!(verdict(&mut storm), Some("ordered_pods_go_one_at_a_time"));
}

#[test]
fn a_retained_claim_that_a_controller_deletes_is_seen() {
    let mut storm = town(1, 30);
    delete(
        &mut storm,
        Component::GarbageCollector,
        Kind::PersistentVolumeClaim,
        "www-web-0",
    );
    assert_eq!(verdict(&mut storm), Some("retained_claims_stay"));
}

#[test]
fn a_pod_with_the_claim_of_another_is_seen() {
    let mut storm = town(2, 30);
    make(&mut storm, "web-0", "web-2", |pod| {
        let spec = Rc::make_mut(&mut pod.spec);
        rename_claims(&mut spec.volumes, |_| "www-web-0".to_owned());
    });
    assert_eq!(verdict(&mut storm), Some("same_ordinal_same_claim"));
}

/// Shortens a storm in which a line that nobody understands counts as the fault.
pub(super) fn shorten_rogue(seed: u64, actions: Vec<Act>) -> Vec<Act> {
    let rogue = Act::Line("@rogue".to_owned());
    let fault = Broken {
        property: "no_rogue",
        what: String::new(),
    };
    let judge = |actions: &[Act]| {
        let (_, result) = repeat(seed, actions, &super::Open::default());
        if actions.contains(&rogue) {
            Err(fault.clone())
        } else {
            result
        }
    };
    shorten(actions, fault.clone(), judge).0
}
