//! Which objects a command means: `pod web-0`, `sts/web`, `pods -l app=nginx`, `--all pvc`.

use super::args::Args;
use super::fault::Fault;
use super::selector;
use super::workspace::Workspace;
use crate::cluster::Cluster;
use crate::cluster::object::meta::Requirement;
use crate::cluster::object::{Foreign, Kind, Object, ObjectKey};
use crate::cluster::sorted::SortedMap;
use crate::cluster::value::Text;

/// What a command's words name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Named {
    /// All objects of these kinds.
    Kinds(Vec<Resource>),
    /// Certain objects.
    Objects(Vec<(Resource, String)>),
}

/// A kind that a word names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Resource {
    /// One that is simulated.
    Known(Kind),
    /// One that Kubernetes has and we lack: there are no objects of it.
    Foreign(&'static Foreign),
}

/// The kinds that `all` stands for (reference 8.3).
pub(super) const ALL: [Kind; 5] = [
    Kind::Pod,
    Kind::Service,
    Kind::Deployment,
    Kind::ReplicaSet,
    Kind::StatefulSet,
];

/// Reads the words that name objects.
pub(super) fn read(words: &[String]) -> Result<Named, Fault> {
    let Some((first, rest)) = words.split_first() else {
        return Ok(Named::Kinds(Vec::new()));
    };
    if words.iter().any(|word| word.contains('/')) {
        let mut objects = Vec::new();
        for word in words {
            let Some((kind, name)) = word.split_once('/') else {
                return Err(Fault::client(
                    "there is no need to specify a resource type as a separate argument when passing arguments in \
                     resource/name form (e.g. 'kubectl get resource/<resource_name>' instead of 'kubectl get resource \
                     resource/<resource_name>'",
                ));
            };
            if name.contains('/') {
                return Err(Fault::client(
                    "arguments in resource/name form may not have more than one slash",
                ));
            }
            if kind.is_empty() || name.is_empty() {
                return Err(Fault::client(
                    "arguments in resource/name form must have a single resource and name",
                ));
            }
            objects.push((resource(kind)?, name.to_owned()));
        }
        return Ok(Named::Objects(objects));
    }
    let mut kinds = Vec::new();
    for word in first.split(',') {
        let named = match word {
            "all" => ALL.map(Resource::Known).to_vec(),
            word => vec![resource(word)?],
        };
        // A kind that is named twice is shown once.
        kinds.extend(
            named
                .into_iter()
                .filter(|it| !kinds.contains(it))
                .collect::<Vec<_>>(),
        );
    }
    if rest.is_empty() {
        return Ok(Named::Kinds(kinds));
    }
    let pairs = kinds
        .iter()
        .flat_map(|kind| rest.iter().map(|name| (*kind, name.clone())));
    Ok(Named::Objects(pairs.collect()))
}

/// The kind that a word names.
pub(super) fn resource(word: &str) -> Result<Resource, Fault> {
    let known = Kind::of_command(word).map(Resource::Known);
    let foreign = || Foreign::of_command(word).map(Resource::Foreign);
    match known.or_else(foreign) {
        // Our own words: a real server answers with objects, or that these are only made.
        Some(Resource::Foreign(it)) if !it.starts_empty() => Err(Fault::client(format!(
            "{} ({}) is not simulated here",
            it.name, it.api_version
        ))),
        Some(found) => Ok(found),
        None => Err(Fault::client(format!(
            "the server doesn't have a resource type {word:?}"
        ))),
    }
}

impl Resource {
    /// The resource in messages: `statefulsets.apps`.
    pub(super) fn plural(self) -> String {
        match self {
            Self::Known(kind) => kind.resource(),
            Self::Foreign(foreign) => {
                let plural = foreign.words.first().copied().unwrap_or_default();
                match foreign.api_version.split_once('/') {
                    Some((group, _)) => format!("{plural}.{group}"),
                    None => plural.to_owned(),
                }
            }
        }
    }

    /// Whether objects live in a namespace.
    pub(super) fn is_namespaced(self) -> bool {
        match self {
            Self::Known(kind) => kind.is_namespaced(),
            Self::Foreign(_) => true,
        }
    }
}

/// The NotFound of an object that a command names.
pub(super) fn not_found(resource: Resource, name: &str) -> Fault {
    let error = crate::cluster::error::ApiError::NotFound {
        resource: resource.plural(),
        name: name.into(),
    };
    error.into()
}

impl Named {
    /// Whether objects of a kind are among those that are named.
    pub(super) fn includes(&self, kind: Kind) -> bool {
        let kind = Resource::Known(kind);
        match self {
            Self::Kinds(kinds) => kinds.contains(&kind),
            Self::Objects(objects) => objects.iter().any(|(it, _)| *it == kind),
        }
    }
}

/// Where a command looks.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Scope {
    /// The namespace; `None` for all of them.
    pub namespace: Option<Text>,
    /// What labels must fulfil.
    pub labels: Vec<Requirement>,
    /// The same as it was typed.
    pub labels_text: Option<String>,
    /// What fields must be: path, whether equal, value.
    pub fields: Vec<(String, bool, String)>,
    /// The same as it was typed.
    fields_text: Option<String>,
    /// What the server does not understand of it.
    pub fault: Option<String>,
}

impl Scope {
    /// Reads `-n`, `-A`, `-l` and `--field-selector`.
    pub(super) fn read(args: &Args, workspace: &Workspace) -> Result<Self, Fault> {
        let namespace = if args.is_on("all-namespaces") {
            None
        } else {
            Some(
                args.get("namespace")
                    .map_or_else(|| workspace.namespace.clone(), Text::from),
            )
        };
        let labels = args.get("selector").map_or(Ok(Vec::new()), selector::read);
        let fields_text = args.get("field-selector");
        let fields = fields_text.map_or(Ok(Vec::new()), read_fields);
        let fault = labels.as_ref().err().or(fields.as_ref().err()).cloned();
        Ok(Self {
            namespace,
            labels: labels.unwrap_or_default(),
            labels_text: args.get("selector").map(str::to_owned),
            fields: fields.unwrap_or_default(),
            fields_text: fields_text.map(str::to_owned),
            fault,
        })
    }

    /// Whether it has a selector.
    pub(super) fn has_selector(&self) -> bool {
        !self.labels.is_empty() || !self.fields.is_empty() || self.fault.is_some()
    }

    /// The namespace of objects of a kind; empty for cluster-scoped ones.
    pub(super) fn namespace_of(&self, kind: Kind) -> Text {
        if kind.is_namespaced() {
            self.namespace.clone().unwrap_or_default()
        } else {
            Text::default()
        }
    }

    /// Refuses selectors that the server does not understand, and fields that it does not select by: each kind has a few, and all have name and namespace.
    pub(super) fn check(&self, kind: Kind) -> Result<(), Fault> {
        let known: &[&str] = match kind {
            Kind::Pod => &[
                "spec.nodeName",
                "spec.restartPolicy",
                "spec.schedulerName",
                "spec.serviceAccountName",
                "spec.hostNetwork",
                "status.phase",
                "status.podIP",
                "status.podIPs",
                "status.nominatedNodeName",
            ],
            Kind::Node => &["spec.unschedulable"],
            Kind::Namespace => &["status.phase"],
            Kind::Secret => &["type"],
            Kind::Service => &["spec.clusterIP", "spec.type"],
            Kind::ReplicaSet => &["status.replicas"],
            Kind::Event => &[
                "involvedObject.kind",
                "involvedObject.namespace",
                "involvedObject.name",
                "involvedObject.uid",
                "involvedObject.apiVersion",
                "involvedObject.resourceVersion",
                "involvedObject.fieldPath",
                "reason",
                "reportingComponent",
                "source",
                "type",
            ],
            _ => &[],
        };
        let is_known = |path: &str| {
            path == "metadata.name"
                || (path == "metadata.namespace" && kind.is_namespaced())
                || known.contains(&path)
        };
        let unknown = self.fields.iter().find(|(path, ..)| !is_known(path));
        let why = match (&self.fault, unknown, known) {
            (None, None, _) => return Ok(()),
            (Some(why), ..) => why.clone(),
            (None, Some((path, ..)), [_, ..]) => format!("field label not supported: {path}"),
            (None, Some((path, ..)), []) => {
                let known = match kind.is_namespaced() {
                    true => "\"metadata.name\", \"metadata.namespace\"",
                    false => "\"metadata.name\"",
                };
                format!("{path:?} is not a known field selector: only {known}")
            }
        };
        let info = kind.info();
        let group = match info.group {
            "" => "/v1",
            _ => kind.api_version(),
        };
        let typed = |text: &Option<String>| text.as_deref().unwrap_or_default().trim().to_owned();
        let (labels, fields) = (typed(&self.labels_text), typed(&self.fields_text));
        Err(Fault::Plain(format!(
            "Error from server (BadRequest): Unable to find \"{group}, Resource={}\" that match label selector {labels:?}, \
             field selector {fields:?}: {why}",
            info.plural
        )))
    }

    /// The objects of a kind that it takes in.
    pub(super) fn select(&self, kind: Kind, cluster: &Cluster) -> Vec<ObjectKey> {
        let store = &cluster.api.store;
        let fits = |object: &Object| self.matches(object);
        match &self.namespace {
            Some(namespace) if kind.is_namespaced() => store
                .in_namespace(kind, namespace)
                .filter(|it| fits(it))
                .map(|it| it.key())
                .collect(),
            _ => store
                .all(kind)
                .filter(|it| fits(it))
                .map(|it| it.key())
                .collect(),
        }
    }

    /// Whether an object fulfils the selectors.
    pub(super) fn matches(&self, object: &Object) -> bool {
        let labels: &SortedMap<Text, Text> = &object.meta().labels;
        if !self.labels.iter().all(|it| it.matches(labels)) {
            return false;
        }
        if self.fields.is_empty() {
            return true;
        }
        let value = object.to_value();
        self.fields.iter().all(|(path, equal, wanted)| {
            let steps: Vec<&str> = path.split('.').collect();
            (value.plain_at(&steps) == *wanted) == *equal
        })
    }
}

fn read_fields(text: &str) -> Result<Vec<(String, bool, String)>, String> {
    text.split(',')
        .filter(|part| !part.is_empty())
        .map(|part| {
            let (path, equal, value) = if let Some((path, value)) = part.split_once("!=") {
                (path, false, value)
            } else if let Some((path, value)) =
                part.split_once("==").or_else(|| part.split_once('='))
            {
                (path, true, value)
            } else {
                return Err(format!(
                    "invalid selector: '{text}'; can't understand '{part}'"
                ));
            };
            Ok((path.to_owned(), equal, value.to_owned()))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(line: &str) -> Vec<String> {
        line.split_whitespace().map(str::to_owned).collect()
    }

    #[test]
    fn objects_are_named_in_two_ways() {
        let known = |kind| Resource::Known(kind);
        assert_eq!(
            read(&words("sts/web pod/web-0")).unwrap(),
            Named::Objects(vec![
                (known(Kind::StatefulSet), "web".into()),
                (known(Kind::Pod), "web-0".into())
            ])
        );
        assert_eq!(
            read(&words("po,svc a")).unwrap(),
            Named::Objects(vec![
                (known(Kind::Pod), "a".into()),
                (known(Kind::Service), "a".into())
            ])
        );
        assert_eq!(
            read(&words("pods")).unwrap(),
            Named::Kinds(vec![known(Kind::Pod)])
        );
        assert!(read(&words("pods/web-0 svc")).is_err());
        assert_eq!(
            read(&words("nothing")).unwrap_err().to_string(),
            "error: the server doesn't have a resource type \"nothing\""
        );
    }
}
