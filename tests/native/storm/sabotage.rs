//! Rules broken on purpose: each property must see it.

use std::rc::Rc;

use ordinal::cluster::api::DeleteOptions;
use ordinal::cluster::object::pod_spec::Volume;
use ordinal::cluster::object::{Kind, Object, ObjectKey, PersistentVolumeClaim, Pod};
use ordinal::cluster::record::{Component, Record};

use super::draw::{Act, Open};
use super::property::{Broken, Property};
use super::{Storm, guarded, repeat, shorten};
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

fn verdict(storm: &mut Storm) -> Option<Property> {
    broken(storm.watch.follow(&storm.desk.cluster.api.log))
}

fn broken(result: Result<(), Broken>) -> Option<Property> {
    result.err().map(|it| it.property)
}

/// Shows the watch a claim's last write once more, with the claim otherwise than it was.
fn tell(
    storm: &mut Storm,
    author: Component,
    change: impl FnOnce(&mut PersistentVolumeClaim),
) -> Option<Property> {
    let mut records: Vec<Record> = storm.desk.cluster.api.log.iter().cloned().collect();
    records.retain(|it| {
        let object = it.write().map(|write| write.object.kind());
        object == Some(Kind::PersistentVolumeClaim)
    });
    let mut record = records.pop().expect("there is a claim");
    record.author = author;
    let mut write = record.write().cloned().expect("it was written");
    write.before = Some(Rc::clone(&write.object));
    if let Object::PersistentVolumeClaim(claim) = Rc::make_mut(&mut write.object) {
        change(claim);
    }
    broken(storm.watch.look(&record, &write))
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

/// Breaks the rule behind a property; what is seen of it.
fn sabotage(property: Property) -> Option<Property> {
    let mut storm = town(3, 60);
    match property {
        Property::AtMostOnePodPerIdentity => {
            // As if every pod were made once more.
            storm.watch.rewind();
        }
        Property::OrderedPodsAreMadeInOrder => {
            storm = town(3, 3);
            make(&mut storm, "web-0", "web-2", |_| {});
        }
        Property::OrderedPodsGoOneAtATime => {
            delete(&mut storm, Component::StatefulSet, Kind::Pod, "web-2");
            assert_eq!(verdict(&mut storm), None, "one may go");
            delete(&mut storm, Component::StatefulSet, Kind::Pod, "web-1");
        }
        Property::SameOrdinalSameClaim => make(&mut storm, "web-0", "web-3", |pod| {
            let spec = Rc::make_mut(&mut pod.spec);
            rename_claims(&mut spec.volumes, |_| "www-web-0".to_owned());
        }),
        Property::SameClaimSameVolume => {
            return tell(&mut storm, Component::VolumeBinder, |claim| {
                Rc::make_mut(&mut claim.spec).volume_name = "another".into();
            });
        }
        Property::RetainedClaimsStay => {
            let author = Component::GarbageCollector;
            delete(&mut storm, author, Kind::PersistentVolumeClaim, "www-web-0");
        }
        Property::ClaimsAreOwnedByPolicy => {
            let owner = pod(&storm, "web-2").meta.owners;
            return tell(&mut storm, Component::StatefulSet, |claim| {
                claim.meta.owners = owner;
            });
        }
        Property::EveryStormComesToRest => {
            let line = "while true; do kubectl rollout restart sts/web; sleep 60; done";
            storm
                .act(&Act::Line(line.to_owned()))
                .expect("it may be asked");
            return broken(storm.settle(&Open::default()));
        }
        Property::IndexesFindWhatAPlainSearchFinds => {
            assert_eq!(broken(storm.check()), None, "they do");
            let mut moved = pod(&storm, "web-0");
            Rc::make_mut(&mut moved.spec).node_name = "node-z".into();
            storm
                .desk
                .cluster
                .api
                .store
                .put(Rc::new(Object::Pod(moved)));
            return broken(storm.check());
        }
        Property::ARepeatedStormGivesTheSameBytes => {
            assert_eq!(broken(storm.compare(&town(3, 60))), None, "it does");
            return broken(storm.compare(&town(2, 60)));
        }
        Property::NoPanic => return broken(guarded(|| panic!("on purpose"))),
    }
    verdict(&mut storm)
}

#[test]
fn every_property_sees_its_rule_broken() {
    for property in Property::ALL {
        assert_eq!(sabotage(property), Some(property));
    }
}

#[test]
fn a_claim_whose_owner_stays_is_retained() {
    let mut storm = town(1, 30);
    let policy = r#"{"spec":{"persistentVolumeClaimRetentionPolicy":{"whenDeleted":"Delete"}}}"#;
    let line = format!("kubectl patch sts web --type=merge -p '{policy}'");
    for action in [Act::Line(line), Act::Wait(10_000)] {
        storm.act(&action).expect("nothing breaks by itself");
    }
    let author = Component::GarbageCollector;
    delete(&mut storm, author, Kind::PersistentVolumeClaim, "www-web-0");
    assert_eq!(verdict(&mut storm), Some(Property::RetainedClaimsStay));
}

/// Shortens a storm in which a line that nobody understands counts as the fault.
pub(super) fn shorten_rogue(seed: u64, actions: Vec<Act>) -> Vec<Act> {
    let rogue = Act::Line("@rogue".to_owned());
    let fault = Broken {
        property: Property::NoPanic,
        what: String::new(),
    };
    let judge = |actions: &[Act]| {
        let (_, result) = repeat(seed, actions, &Open::default());
        if actions.contains(&rogue) {
            Err(fault.clone())
        } else {
            result
        }
    };
    shorten(actions, fault.clone(), judge).0
}
