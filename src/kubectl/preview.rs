//! What `kubectl apply` would do, object by object, without doing it: for the manifest pane.
//!
//! Where the command stops at the first fault of an object, this goes on and gives every one that can be found.

use super::fault::Fault;
use super::files::{self, FileObject};
use super::verb::apply::{LAST_APPLIED, modified, patch, without_nulls};
use super::workspace::Workspace;
use crate::cluster::Cluster;
use crate::cluster::admission;
use crate::cluster::admission::decode::{self, Decoded};
use crate::cluster::api::FieldValidation;
use crate::cluster::error::{ApiError, Cause};
use crate::cluster::object::{Kind, Object, ObjectKey};
use crate::cluster::patch::{PatchType, strategic_merge};
use crate::cluster::value::{Map, Value};
use crate::manifest::Document;

/// What would become of one object.
#[derive(Clone, Debug, PartialEq)]
pub struct Preview {
    /// Which document of the text it stands in, counted from 0.
    pub document: usize,
    /// Where the object stands in the cluster; `None` if that cannot be told.
    pub key: Option<ObjectKey>,
    /// What the cluster would do.
    pub prospect: Prospect,
    /// What is wrong with it.
    pub refusals: Vec<Refusal>,
}

/// What applying an object would do.
#[derive(Clone, Debug, PartialEq)]
pub enum Prospect {
    /// It cannot be said: the object cannot be read.
    Unknown,
    /// It would be new.
    Created,
    /// Nothing would change.
    Unchanged,
    /// It would change: what the cluster has, and what it would have.
    Configured(Value, Value),
}

/// One reason why an object would be refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// A field that the kind does not have, by its path.
    UnknownField(String),
    /// A value of a wrong type, in the decoder's words.
    WrongType(String),
    /// A field that does not fit.
    Cause(Cause),
    /// Anything else, in kubectl's words.
    Other(String),
}

/// Says what `kubectl apply` would do with the documents of a file.
pub fn preview(
    cluster: &mut Cluster,
    workspace: &Workspace,
    file: &str,
    documents: &[Document],
) -> Vec<Preview> {
    let mut out: Vec<Preview> = Vec::new();
    for (document, read) in documents.iter().enumerate() {
        let mut objects = Vec::new();
        let value = read.value.clone();
        files::collect(file, value, None, workspace, None, &mut objects);
        for object in objects {
            let preview = match object {
                Ok(object) => of_object(cluster, &object, document, &out),
                Err(fault) => Preview {
                    document,
                    key: None,
                    prospect: Prospect::Unknown,
                    refusals: vec![Refusal::Other(fault.to_string())],
                },
            };
            out.push(preview);
        }
    }
    out
}

fn of_object(
    cluster: &mut Cluster,
    object: &FileObject,
    document: usize,
    before: &[Preview],
) -> Preview {
    let key = object.key();
    let modified = modified(object);
    let decoded = decode::decode(object.kind, &without_nulls(&modified));
    let mut refusals: Vec<Refusal> = decoded
        .unknown
        .iter()
        .cloned()
        .map(Refusal::UnknownField)
        .collect();
    let mut prospect = Prospect::Unknown;
    if let Some(mismatch) = &decoded.mismatch {
        refusals.push(Refusal::WrongType(mismatch.clone()));
    } else if object.name.is_empty() {
        refusals.push(Refusal::Other(
            "error: resource name may not be empty".to_owned(),
        ));
    } else {
        let (found, error) = ask_server(cluster, object, &modified, decoded);
        prospect = found;
        if let Some(error) = error.filter(|it| !is_made_before(it, before)) {
            refusals.extend(read_refusal(error, object));
        }
    }
    Preview {
        document,
        key: Some(key),
        prospect,
        refusals,
    }
}

/// Lets the server try it out.
fn ask_server(
    cluster: &mut Cluster,
    object: &FileObject,
    modified: &Value,
    decoded: Decoded,
) -> (Prospect, Option<ApiError>) {
    let key = object.key();
    let Some(live) = cluster.api.store.by_key(&key).cloned() else {
        let made = Object::read(object.kind, decoded.value);
        let error = cluster.api.try_out(|api| api.create(made)).err();
        return (Prospect::Created, error);
    };
    let patch = patch(&live, modified);
    if patch == Value::Map(Map::new()) {
        return (Prospect::Unchanged, None);
    }
    let was = live.to_value();
    let mut now = was.clone();
    if let Err(error) = strategic_merge(key.kind.name(), &mut now, &patch) {
        return (
            Prospect::Unknown,
            Some(ApiError::BadRequest(error.to_string())),
        );
    }
    // Unknown fields have been reported already; defaults are no change.
    let mut wanted = Object::read(key.kind, decode::decode(key.kind, &now).value);
    admission::default(&mut wanted);
    let now = wanted.to_value();
    let tried = cluster
        .api
        .try_out(|api| api.patch(&key, PatchType::Strategic, &patch, FieldValidation::Ignore));
    let prospect = Prospect::Configured(without_bookkeeping(was), without_bookkeeping(now));
    (prospect, tried.err())
}

/// Whether the server only misses a namespace that an earlier document makes.
fn is_made_before(error: &ApiError, before: &[Preview]) -> bool {
    let ApiError::NotFound { resource, name } = error else {
        return false;
    };
    *resource == Kind::Namespace.resource()
        && before.iter().any(|it| {
            it.key
                .as_ref()
                .is_some_and(|key| key.kind == Kind::Namespace && key.name == *name)
        })
}

fn read_refusal(error: ApiError, object: &FileObject) -> Vec<Refusal> {
    match error {
        ApiError::Invalid { causes, .. } => causes.into_iter().map(Refusal::Cause).collect(),
        other => {
            let fault = Fault::with_file(other, "applying", &object.file);
            vec![Refusal::Other(fault.to_string())]
        }
    }
}

/// What nobody writes into a manifest: the status, and what server and kubectl keep for themselves.
fn without_bookkeeping(mut value: Value) -> Value {
    value.remove(&["status"]);
    for field in ["uid", "resourceVersion", "generation", "creationTimestamp"] {
        value.remove(&["metadata", field]);
    }
    value.remove(&["metadata", "annotations", LAST_APPLIED]);
    let annotations = ["metadata", "annotations"];
    if value.at(&annotations) == Some(&Value::Map(Map::new())) {
        value.remove(&annotations);
    }
    value
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cluster::config::Config;
    use crate::manifest;

    const SET: &str = "
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: web}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: nginx}]}
";

    fn cluster_with(text: &str) -> (Cluster, Workspace) {
        let mut cluster = Cluster::new(Config::page(1));
        let mut workspace = Workspace::default();
        workspace.files.insert("web.yaml".into(), text.into());
        let words = ["apply", "-f", "web.yaml"].map(String::from).to_vec();
        let answer = crate::kubectl::run(&mut cluster, &mut workspace, words, None);
        assert_eq!(answer.output.exit, 0, "{}", answer.output.stderr);
        (cluster, workspace)
    }

    fn of(cluster: &mut Cluster, workspace: &Workspace, text: &str) -> Vec<Preview> {
        preview(
            cluster,
            workspace,
            "manifest.yaml",
            &manifest::read(text).documents,
        )
    }

    #[test]
    fn it_says_what_would_happen_and_nothing_happens() {
        let (mut cluster, workspace) = cluster_with(SET);
        let records = cluster.api.log.len();
        let text = format!(
            "{}---\nkind: Service\napiVersion: v1\nmetadata: {{name: web}}\nspec: {{ports: [{{port: 80}}]}}\n",
            SET.replace("replicas: 2", "replicas: 5")
        );
        let found = of(&mut cluster, &workspace, &text);
        let Prospect::Configured(was, now) = &found[0].prospect else {
            panic!("{found:?}");
        };
        assert_eq!(was.at(&["spec", "replicas"]), Some(&Value::Int(2)));
        assert_eq!(now.at(&["spec", "replicas"]), Some(&Value::Int(5)));
        assert_eq!(found[1].prospect, Prospect::Created);
        assert!(found.iter().all(|it| it.refusals.is_empty()), "{found:?}");
        assert_eq!(
            of(&mut cluster, &workspace, SET)[0].prospect,
            Prospect::Unchanged
        );
        assert_eq!(cluster.api.log.len(), records);
        assert_eq!(cluster.check(), Ok(()));
    }

    #[test]
    fn looking_ahead_does_not_change_what_comes() {
        let uid = |looks: usize| {
            let mut cluster = Cluster::new(Config::page(1));
            let workspace = Workspace::default();
            for _ in 0..looks {
                of(&mut cluster, &workspace, SET);
            }
            let read = manifest::read(SET).documents.remove(0).value;
            let object = decode::decode_strictly(Kind::StatefulSet, &read).expect("it is fine");
            let object = without_namespace(object);
            cluster.api.create(object).map(|it| it.meta().uid.clone())
        };
        assert_eq!(uid(0), uid(3));
    }

    fn without_namespace(mut object: Object) -> Object {
        object.meta_mut().namespace = "default".into();
        object
    }

    #[test]
    fn every_fault_is_given_and_not_the_first_alone() {
        let (mut cluster, workspace) = cluster_with(SET);
        let text = "
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: other}
spec:
  replica: 2
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: nginx, port: 80}]}
";
        let found = of(&mut cluster, &workspace, text).remove(0).refusals;
        let unknown = |path: &str| Refusal::UnknownField(path.into());
        assert_eq!(found[0], unknown("spec.replica"));
        assert_eq!(found[1], unknown("spec.template.spec.containers[0].port"));
        let Refusal::Cause(cause) = &found[2] else {
            panic!("{found:?}");
        };
        assert_eq!(cause.field, "spec.selector");
    }

    #[test]
    fn a_namespace_made_in_the_same_text_is_not_missed() {
        let (mut cluster, workspace) = cluster_with(SET);
        let elsewhere = SET.replace("{name: web}\nspec", "{name: web, namespace: shop}\nspec");
        let refused = of(&mut cluster, &workspace, &elsewhere).remove(0).refusals;
        assert_eq!(
            refused,
            [Refusal::Other(
                "Error from server (NotFound): error when applying \"manifest.yaml\": namespaces \"shop\" not found"
                    .into()
            )]
        );
        let both =
            format!("apiVersion: v1\nkind: Namespace\nmetadata: {{name: shop}}\n---{elsewhere}");
        let found = of(&mut cluster, &workspace, &both);
        assert!(found.iter().all(|it| it.refusals.is_empty()), "{found:?}");
    }
}
