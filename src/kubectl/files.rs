//! Objects of files: `-f web.yaml`, `-f .` (reference 7.3).

use super::fault::Fault;
use super::workspace::Workspace;
use crate::cluster::admission::decode;
use crate::cluster::object::{Foreign, Kind, ObjectKey};
use crate::cluster::value::{Map, Text, Value};
use crate::manifest;

/// The directory of the files, as a person names it.
const HOME: &str = "/home/you";

/// One object of a file.
#[derive(Clone, Debug)]
pub(super) struct FileObject {
    /// The file's name, as messages give it.
    pub file: String,
    /// The object's kind.
    pub kind: Kind,
    /// What the file says, with the namespace filled in.
    pub value: Value,
    /// The namespace; empty for cluster-scoped kinds.
    pub namespace: Text,
    /// The name; may be empty.
    pub name: Text,
}

impl FileObject {
    /// Where the object stands in the cluster.
    pub(super) fn key(&self) -> ObjectKey {
        ObjectKey {
            kind: self.kind,
            namespace: self.namespace.clone(),
            name: self.name.clone(),
        }
    }
}

/// The objects of files in order, each or what is wrong with it.
///
/// After a document that does not parse the rest of its file is left.
pub(super) fn objects(
    paths: &[&str],
    workspace: &Workspace,
    namespace: Option<&str>,
) -> Result<Vec<Result<FileObject, Fault>>, Fault> {
    let mut out = Vec::new();
    for path in paths {
        for (name, text) in files(path, workspace)? {
            read_file(&name, text, workspace, namespace, &mut out);
        }
    }
    Ok(out)
}

/// The files behind a path: one, or those of the directory in the order of their names.
fn files<'a>(path: &str, workspace: &'a Workspace) -> Result<Vec<(String, &'a str)>, Fault> {
    if path == "-" {
        // Messages call it so.
        let text = workspace.input.as_deref().unwrap_or_default();
        return Ok(vec![("STDIN".to_owned(), text)]);
    }
    if path.starts_with("https://") || path.starts_with("http://") {
        return Err(Fault::client(format!(
            "unable to read URL {path:?}: this page fetches nothing. Save its text as a file of the pane, and name that \
             with -f"
        )));
    }
    let plain = plain_name(path);
    if matches!(plain, "." | "") {
        let is_manifest = |name: &&String| {
            [".json", ".yaml", ".yml"]
                .iter()
                .any(|end| name.ends_with(end))
        };
        let found = workspace.files.iter().filter(|(name, _)| is_manifest(name));
        return Ok(found.map(|(name, text)| (name.clone(), &**text)).collect());
    }
    match workspace.files.get(plain) {
        Some(text) => Ok(vec![(path.to_owned(), text)]),
        None => Err(Fault::client(format!("the path {path:?} does not exist"))),
    }
}

/// A file's name, as the working directory has it.
pub(super) fn plain_name(path: &str) -> &str {
    let inside = path.strip_prefix(HOME);
    let inside = inside.filter(|it| it.is_empty() || it.starts_with('/'));
    let plain = inside.map_or(path, |it| it.trim_start_matches('/'));
    plain.trim_start_matches("./")
}

fn read_file(
    file: &str,
    text: &str,
    workspace: &Workspace,
    namespace: Option<&str>,
    out: &mut Vec<Result<FileObject, Fault>>,
) {
    let reading = manifest::read(text);
    for document in reading.documents {
        collect(file, document.value, None, workspace, namespace, out);
    }
    if let Some(error) = reading.error {
        out.push(Err(Fault::client(format!("error parsing {file}: {error}"))));
    }
}

/// Takes an object in, or the items of a list.
pub(super) fn collect(
    file: &str,
    value: Value,
    list: Option<(&str, &str)>,
    workspace: &Workspace,
    namespace: Option<&str>,
    out: &mut Vec<Result<FileObject, Fault>>,
) {
    let is_list = value.get("items").and_then(Value::as_list).is_some();
    if !is_list {
        out.push(object(file, value, list, workspace, namespace));
        return;
    }
    let kind = value.str_at(&["kind"]).unwrap_or_default().to_owned();
    let api_version = value.str_at(&["apiVersion"]).unwrap_or_default().to_owned();
    let item_kind = kind.strip_suffix("List").unwrap_or_default();
    let items = value
        .get("items")
        .and_then(Value::as_list)
        .unwrap_or_default()
        .to_vec();
    for item in items {
        let inherited = (!item_kind.is_empty()).then_some((&*api_version, item_kind));
        collect(file, item, inherited, workspace, namespace, out);
    }
}

fn object(
    file: &str,
    mut value: Value,
    list: Option<(&str, &str)>,
    workspace: &Workspace,
    namespace: Option<&str>,
) -> Result<FileObject, Fault> {
    let invalid = |what: &str| {
        Fault::client(format!(
            "error validating {file:?}: error validating data: {what}; if you choose to ignore these errors, turn \
             validation off with --validate=false"
        ))
    };
    let Value::Map(map) = &mut value else {
        return Err(invalid("invalid object to validate"));
    };
    inherit(map, list);
    let word = |key: &str| value.str_at(&[key]).unwrap_or_default().to_owned();
    let (api_version, kind_name) = (word("apiVersion"), word("kind"));
    let missing: Vec<&str> = [
        (&api_version, "apiVersion not set"),
        (&kind_name, "kind not set"),
    ]
    .iter()
    .filter(|(word, _)| word.is_empty())
    .map(|(_, text)| *text)
    .collect();
    match &*missing {
        [] => {}
        [one] => return Err(invalid(one)),
        many => return Err(invalid(&format!("[{}]", many.join(", ")))),
    }
    check_metadata(file, &value)?;
    let name: Text = value
        .str_at(&["metadata", "name"])
        .unwrap_or_default()
        .into();
    let own_namespace = value
        .str_at(&["metadata", "namespace"])
        .unwrap_or_default()
        .to_owned();
    let Some(kind) = Kind::of_manifest(&api_version, &kind_name) else {
        return Err(unknown_kind(
            file,
            &api_version,
            &kind_name,
            &name,
            &own_namespace,
        ));
    };
    let namespace = place(kind, &own_namespace, workspace, namespace)?;
    if kind.is_namespaced() {
        value.set(&["metadata", "namespace"], Value::Text(namespace.clone()));
    }
    Ok(FileObject {
        file: file.to_owned(),
        kind,
        value,
        namespace,
        name,
    })
}

fn inherit(map: &mut Map, list: Option<(&str, &str)>) {
    if let Some((api_version, kind)) = list
        && !map.contains_key("kind")
        && !map.contains_key("apiVersion")
    {
        map.insert("apiVersion".into(), Value::text(api_version));
        map.insert("kind".into(), Value::text(kind));
    }
}

/// kubectl itself looks into the metadata (reference 7.2, row 23b).
fn check_metadata(file: &str, value: &Value) -> Result<(), Fault> {
    let Some(metadata) = value.get("metadata") else {
        return Ok(());
    };
    let wrapped = Value::map([("metadata", metadata.clone())]);
    match decode::decode_as("ConfigMap", &wrapped).mismatch {
        Some(mismatch) => Err(Fault::client(format!(
            "unable to decode {file:?}: {mismatch}"
        ))),
        None => Ok(()),
    }
}

fn unknown_kind(file: &str, api_version: &str, kind: &str, name: &str, namespace: &str) -> Fault {
    if Foreign::of_manifest(api_version, kind).is_some() {
        // Our own words: a real cluster has this kind.
        return Fault::client(format!(
            "{kind} ({api_version}) in {file:?} is not simulated here; a real cluster would take it. Leave the document \
             out to apply the others."
        ));
    }
    Fault::client(format!(
        "resource mapping not found for name: {name:?} namespace: {namespace:?} from {file:?}: no matches for kind \
         {kind:?} in version {api_version:?}\nensure CRDs are installed first"
    ))
}

/// The namespace that an object goes to.
fn place(kind: Kind, own: &str, workspace: &Workspace, asked: Option<&str>) -> Result<Text, Fault> {
    if !kind.is_namespaced() {
        return Ok(Text::default());
    }
    match asked {
        Some(asked) if !own.is_empty() && own != asked => Err(Fault::client(format!(
            "the namespace from the provided object {own:?} does not match the namespace {asked:?}. You must pass \
             '--namespace={own}' to perform this operation."
        ))),
        Some(asked) => Ok(asked.into()),
        None if own.is_empty() => Ok(workspace.namespace.clone()),
        None => Ok(own.into()),
    }
}
