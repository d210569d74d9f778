//! What is different between two scenes, for those who do not see the stage.

use super::{Look, Scene, Standing};
use crate::cluster::object::{Kind, ObjectKey};
use crate::cluster::sorted::SortedMap;
use crate::cluster::value::Text;

/// What became of one thing on the stage.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// What it is.
    pub key: ObjectKey,
    /// How it is now; `None` if it is gone.
    pub now: Option<State>,
}

/// How a thing is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// A pod is drawn so.
    Pod(Look),
    /// kubectl's STATUS of a claim or a node, and the phase of a volume without a claim.
    Word(Text),
    /// A set asks for so many pods.
    Replicas(i32),
    /// A set is being deleted.
    Deleting,
}

/// The things that are in another state than before, in the order of the stage, and then those that are gone. A pod of
/// another life is another pod.
pub fn changes(before: &Scene, now: &Scene) -> Vec<Change> {
    let (old, new) = (states(before), states(now));
    let known: SortedMap<&ObjectKey, (&State, &Text)> = map(&old);
    let differs =
        |(key, state, life): &&(ObjectKey, State, Text)| known.get(key) != Some(&(state, life));
    let changed = new.iter().filter(differs);
    let changed = changed.map(|(key, state, _)| Change {
        key: key.clone(),
        now: Some(state.clone()),
    });
    let kept = map(&new);
    let gone = old.iter().filter(|(key, ..)| !kept.contains_key(key));
    let gone = gone.map(|(key, ..)| Change {
        key: key.clone(),
        now: None,
    });
    changed.chain(gone).collect()
}

fn map(all: &[(ObjectKey, State, Text)]) -> SortedMap<&ObjectKey, (&State, &Text)> {
    let mut out = SortedMap::new();
    for (key, state, life) in all {
        out.insert(key, (state, life));
    }
    out
}

/// Everything that has a state: what it is, how it is, and for a pod which life it is.
fn states(scene: &Scene) -> Vec<(ObjectKey, State, Text)> {
    let mut out = Vec::new();
    let mut add = |kind, namespace: &str, name: &Text, state, life: &Text| {
        let key = ObjectKey::new(kind, namespace, name.clone());
        out.push((key, state, life.clone()));
    };
    let none = Text::default();
    for shelf in &scene.shelves {
        let place = &shelf.place;
        let state = match shelf.standing {
            Standing::Kept => Some(State::Replicas(shelf.replicas)),
            Standing::Deleting => Some(State::Deleting),
            Standing::Gone => None,
        };
        if let Some(state) = state {
            add(
                Kind::StatefulSet,
                &place.namespace,
                &place.name,
                state,
                &none,
            );
        }
        for column in &shelf.columns {
            if let Some(pod) = &column.pod {
                let state = State::Pod(pod.look);
                add(Kind::Pod, &place.namespace, &pod.name, state, &pod.uid);
            }
        }
    }
    for heap in &scene.heaps {
        for pod in &heap.pods {
            let state = State::Pod(pod.look);
            add(Kind::Pod, &heap.namespace, &pod.name, state, &pod.uid);
        }
    }
    let of_columns = scene.shelves.iter().flat_map(|shelf| {
        let columns = shelf.columns.iter().flat_map(|it| &it.claims);
        columns.map(|it| (&shelf.place.namespace, it))
    });
    let of_heaps = scene.heaps.iter().flat_map(|heap| {
        let claims = heap.claims.iter();
        claims.map(|it| (&heap.namespace, it))
    });
    let loose = scene.claims.iter().map(|it| (&it.namespace, &it.tab));
    for (namespace, claim) in of_columns.chain(of_heaps).chain(loose) {
        let state = State::Word(claim.word.clone());
        add(
            Kind::PersistentVolumeClaim,
            namespace,
            &claim.name,
            state,
            &none,
        );
    }
    for loose in &scene.disks {
        let state = State::Word(loose.disk.phase.clone());
        add(Kind::PersistentVolume, "", &loose.disk.name, state, &none);
    }
    for node in &scene.nodes {
        let state = State::Word(node.word.clone());
        add(Kind::Node, "", &node.name, state, &none);
    }
    out
}
