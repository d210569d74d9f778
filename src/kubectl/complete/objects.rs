//! Completing what is in the cluster: kinds, names, containers, labels, fields.

use super::Place;
use super::found::Found;
use super::kubectl::Given;
use crate::cluster::controller::deployment::REVISION;
use crate::cluster::object::pod_spec::PodSpec;
use crate::cluster::object::{ControllerRevision, KINDS, Kind, Object, ReplicaSet};
use crate::cluster::schema::{self, Type};
use crate::cluster::sorted::{SortedMap, SortedSet};
use crate::cluster::value::Text;
use crate::kubectl::status;
use crate::kubectl::verb::{explain, set};

impl Place<'_> {
    /// `TYPE NAME…` or `TYPE/NAME…`; without kinds, every kind.
    pub(super) fn targets(
        &self,
        only: &[Kind],
        named: &[&str],
        given: &Given<'_>,
        found: &mut Found<'_>,
    ) {
        if let Some((word, _)) = found.piece().split_once('/') {
            if let Some(kind) = Kind::of_command(word) {
                found.skip(word.len() + 1);
                let others = named.iter().filter_map(|it| it.split_once('/'));
                let taken: Vec<&str> = others
                    .filter(|(word, _)| Kind::of_command(word) == Some(kind))
                    .map(|(_, name)| name)
                    .collect();
                self.names(kind, &taken, given, found);
            }
            return;
        }
        match named.split_first() {
            None => kinds(only, found),
            Some((first, _)) if first.contains('/') => {
                for kind in if only.is_empty() { KINDS } else { only } {
                    found.offer(&format!("{}/", kind_word(*kind, only)), "");
                }
            }
            Some((first, taken)) => {
                for kind in first.split(',').filter_map(Kind::of_command) {
                    self.names(kind, taken, given, found);
                }
            }
        }
    }

    /// The names of the objects of a kind, without those that are there already.
    pub(super) fn names(
        &self,
        kind: Kind,
        taken: &[&str],
        given: &Given<'_>,
        found: &mut Found<'_>,
    ) {
        for object in self.objects(kind, given) {
            let name = &*object.meta().name;
            if name.starts_with(found.piece()) && !taken.contains(&name) {
                found.offer(name, &about(object));
            }
        }
    }

    /// The objects of a kind where a command looks.
    fn objects(&self, kind: Kind, given: &Given<'_>) -> Vec<&Object> {
        let store = &self.cluster.api.store;
        let namespace = given.flag("namespace").unwrap_or(&self.workspace.namespace);
        if kind.is_namespaced() && given.flag("all-namespaces").is_none() {
            let here = store.in_namespace(kind, namespace);
            return here.map(|it| &**it).collect();
        }
        store.all(kind).map(|it| &**it).collect()
    }

    /// The object that a command names first.
    fn object(&self, named: &[&str], given: &Given<'_>) -> Option<&Object> {
        let of_pods = matches!(
            given.verb_name(),
            "logs" | "exec" | "attach" | "debug" | "port-forward"
        );
        let (kind, name) = match named {
            [first, ..] if first.contains('/') => {
                let (word, name) = first.split_once('/')?;
                (Kind::of_command(word)?, name)
            }
            [name, ..] if of_pods => (Kind::Pod, *name),
            [word, name, ..] => (Kind::of_command(word)?, *name),
            _ => return None,
        };
        let mut objects = self.objects(kind, given).into_iter();
        objects.find(|it| &*it.meta().name == name)
    }

    /// Names and images of the containers of the object that a command names.
    pub(super) fn containers_of(&self, named: &[&str], given: &Given<'_>) -> Vec<(String, String)> {
        let found = self.object(named, given).and_then(set::pod_spec);
        let all = |spec: &PodSpec| {
            let all = spec.containers.iter().chain(spec.init_containers.iter());
            all.map(|it| (it.name.to_string(), it.image.to_string()))
                .collect()
        };
        found.map(|(_, spec)| all(spec)).unwrap_or_default()
    }

    /// The containers of the pod that a command names.
    pub(super) fn containers(&self, given: &Given<'_>, found: &mut Found<'_>) {
        for (name, image) in self.containers_of(given.named(), given) {
            found.offer(&name, &image);
        }
    }

    /// The labels that objects of the kinds of a command have, or pods.
    fn labels(&self, given: &Given<'_>) -> SortedMap<Text, SortedSet<Text>> {
        let word = given.named().first().copied().unwrap_or_default();
        let mut kinds: Vec<Kind> = word.split(',').filter_map(Kind::of_command).collect();
        if kinds.is_empty() {
            kinds.push(Kind::Pod);
        }
        let mut labels: SortedMap<Text, SortedSet<Text>> = SortedMap::new();
        for kind in kinds {
            for object in self.objects(kind, given) {
                for (key, value) in object.meta().labels.iter() {
                    labels.entry(key.clone()).or_default().insert(value.clone());
                }
            }
        }
        labels
    }

    /// `app=nginx,tier=…`: keys first, then the values of one.
    pub(super) fn selector(&self, given: &Given<'_>, found: &mut Found<'_>) {
        found.skip_to_last(',');
        let labels = self.labels(given);
        if let Some((key, _)) = found.piece().split_once('=') {
            let operator = found.piece().get(key.len()..).unwrap_or_default();
            let values = operator.trim_start_matches('=');
            let key = key.trim_end_matches('!');
            found.skip(found.piece().len() - values.len());
            for value in labels.get(key).into_iter().flatten() {
                found.offer(value, "");
            }
            return;
        }
        for (key, values) in &labels {
            match values.first().filter(|_| values.len() == 1) {
                Some(only) => found.offer(&format!("{key}={only}"), ""),
                None => found.offer(&format!("{key}="), ""),
            }
        }
    }

    /// Keys of labels, with commas between them.
    pub(super) fn label_keys(&self, given: &Given<'_>, found: &mut Found<'_>) {
        found.skip_to_last(',');
        for key in self.labels(given).keys() {
            found.offer(key, "");
        }
    }

    /// The numbers of the revisions that an object has.
    pub(super) fn revisions(&self, given: &Given<'_>, found: &mut Found<'_>) {
        let Some(object) = self.object(given.named(), given) else {
            return;
        };
        let store = &self.cluster.api.store;
        for key in store.owned_by(&object.meta().uid) {
            if let Some(it) = store.find::<ControllerRevision>(&key.namespace, &key.name)
                && key.kind == Kind::ControllerRevision
            {
                found.offer(&it.revision.to_string(), &key.name);
            }
            if let Some(it) = store.find::<ReplicaSet>(&key.namespace, &key.name)
                && key.kind == Kind::ReplicaSet
                && let Some(number) = it.meta.annotation(REVISION)
            {
                found.offer(number, &key.name);
            }
        }
    }

    /// `explain sts.spec.up…`: fields of a kind, or kinds.
    pub(super) fn explain(&self, found: &mut Found<'_>) {
        let piece = found.piece();
        if piece.contains('.')
            && let Some((kind, path)) = explain::find(piece)
        {
            let mut steps: Vec<&str> = path.split('.').collect();
            let last = steps.pop().unwrap_or_default();
            let owner = walk(kind, &steps);
            let fits = |owner: &&Type| owner.fields.iter().any(|it| it.name.starts_with(last));
            if let Some(owner) = owner.filter(fits) {
                found.skip_to_last('.');
                fields(owner, found);
                return;
            }
        }
        kinds(&[], found);
    }

    /// `.spec.replicas`: the fields of the kind of a command as a path.
    pub(super) fn path(&self, given: &Given<'_>, found: &mut Found<'_>) {
        let word = given.named().first().copied().unwrap_or_default();
        let kind = Kind::of_command(word).unwrap_or(Kind::Pod);
        let piece = found.piece();
        let bare = piece.trim_start_matches(['{', '.']);
        if bare.len() == piece.len() {
            found.offer(".", "");
            return;
        }
        let mut steps: Vec<&str> = bare.split('.').collect();
        steps.pop();
        found.skip_to_last('.');
        if let Some(owner) = walk(kind, &steps) {
            fields(owner, found);
        }
    }
}

/// The type at the end of a path.
fn walk(kind: Kind, steps: &[&str]) -> Option<&'static Type> {
    let mut owner = schema::find(kind.name())?;
    for step in steps {
        let name = step.split('[').next().unwrap_or(step);
        owner = owner.field(name)?.shape.element()?;
    }
    Some(owner)
}

fn fields(owner: &Type, found: &mut Found<'_>) {
    for field in &owner.fields {
        found.offer(field.name, &explain::type_word(field));
    }
}

/// The kinds: all in full, or some as kubectl lists them where it takes only these.
fn kinds(only: &[Kind], found: &mut Found<'_>) {
    found.skip_to_last(',');
    let all = if only.is_empty() { KINDS } else { only };
    for kind in all {
        let short = kind.info().short.first().copied().unwrap_or_default();
        found.offer(&kind_word(*kind, only), short);
    }
    // What was begun with a short name stays.
    if found.is_empty() {
        for kind in all {
            for short in kind.info().short {
                found.offer(short, kind.name());
            }
        }
    }
    let piece = found.piece();
    if found.is_empty()
        && let Some(kind) = Kind::of_command(piece).filter(|it| all.contains(it))
    {
        found.offer(piece, kind.name());
    }
}

fn kind_word(kind: Kind, only: &[Kind]) -> String {
    if only.is_empty() {
        kind.resource()
    } else {
        kind.name().to_ascii_lowercase()
    }
}

/// What is told beside a name: what the table's STATUS or READY says.
fn about(object: &Object) -> String {
    match object {
        Object::Pod(it) => status::pod_status(it).to_string(),
        Object::Node(it) => status::node_status(it),
        Object::PersistentVolumeClaim(it) => status::claim_status(it).to_owned(),
        Object::PersistentVolume(it) => it.phase().as_str().to_owned(),
        Object::StatefulSet(it) => {
            format!("{}/{}", it.status.ready_replicas, it.spec.replicas())
        }
        _ => String::new(),
    }
}
