//! The fields of the API's types: which there are, of what type, how Go encodes them and how patches merge them.
//!
//! Owns the tables (`*.txt` beside this file) and their reader.
//! Strict decoding, strategic merge patches and the manifest pane all ask here, so that there is one truth.

use crate::cluster::sorted::SortedMap;
use std::sync::OnceLock;

use crate::cluster::value::Value;

const TABLES: &[&str] = &[
    include_str!("meta.txt"),
    include_str!("pod.txt"),
    include_str!("volume.txt"),
    include_str!("apps.txt"),
    include_str!("storage.txt"),
    include_str!("network.txt"),
    include_str!("cluster.txt"),
];

/// A Go struct of the API.
#[derive(Debug)]
pub struct Type {
    /// Its name, as Go's errors print it.
    pub name: &'static str,
    /// Its fields, in Go's order.
    pub fields: Vec<Field>,
    by_name: SortedMap<&'static str, usize>,
}

/// One field of a struct.
#[derive(Debug)]
pub struct Field {
    /// Its JSON name.
    pub name: &'static str,
    /// What it holds.
    pub shape: Shape,
    /// Whether Go holds a pointer, so that a zero value is kept.
    pub pointer: bool,
    /// Whether it is written even when it is empty.
    pub always: bool,
    /// How a patch merges it.
    pub merge: Merge,
    /// Whether the server asks for it.
    pub required: bool,
    /// Whether the engine acts on it; what it does not act on is kept, shown and marked.
    pub acted_on: bool,
}

/// What a field holds.
#[derive(Debug, PartialEq, Eq)]
pub enum Shape {
    /// A string, with the name of its Go type if it is not plain.
    Text(Option<&'static str>),
    /// `true` or `false`.
    Bool,
    /// A whole number of 32 or 64 bits.
    Int(u8),
    /// A number.
    Float,
    /// A resource quantity.
    Quantity,
    /// An instant in seconds, or in microseconds.
    Time,
    /// A number or a string.
    IntOrString,
    /// Base64.
    Bytes,
    /// Anything.
    Any,
    /// A struct.
    Struct(&'static str),
    /// A list.
    List(Box<Self>),
    /// A map from strings.
    Map(Box<Self>),
}

/// How a strategic merge patch treats a field.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Merge {
    /// The field that identifies the elements of a merged list; `.` for lists of scalars.
    pub key: Option<&'static str>,
    /// Whether a patch may name the keys to be kept.
    pub retain_keys: bool,
    /// Whether a map is replaced as a whole.
    pub replace: bool,
}

/// The type of this name.
pub fn find(name: &str) -> Option<&'static Type> {
    types().get(name)
}

/// Every type.
pub fn types() -> &'static SortedMap<&'static str, Type> {
    static TYPES: OnceLock<SortedMap<&'static str, Type>> = OnceLock::new();
    TYPES.get_or_init(|| {
        TABLES
            .iter()
            .flat_map(|table| read_table(table))
            .map(|it| (it.name, it))
            .collect()
    })
}

impl Type {
    /// The field of this JSON name.
    pub fn field(&self, name: &str) -> Option<&Field> {
        self.fields.get(*self.by_name.get(name)?)
    }
}

impl Shape {
    /// The struct that this is, or that its elements are.
    pub fn element(&self) -> Option<&'static Type> {
        match self {
            Self::Struct(name) => find(name),
            Self::List(item) | Self::Map(item) => item.element(),
            _ => None,
        }
    }

    /// The type as Go prints it in an error.
    pub fn go_name(&self) -> String {
        match self {
            Self::Text(None) | Self::IntOrString | Self::Bytes => "string".to_owned(),
            Self::Text(Some(name)) if name.contains('.') => (*name).to_owned(),
            Self::Text(Some(name)) | Self::Struct(name) => format!("v1.{name}"),
            Self::Bool => "bool".to_owned(),
            Self::Int(bits) => format!("int{bits}"),
            Self::Float => "float64".to_owned(),
            Self::Quantity => "resource.Quantity".to_owned(),
            Self::Time => "v1.Time".to_owned(),
            Self::Any => "interface {}".to_owned(),
            Self::List(item) => format!("[]{}", item.go_name()),
            Self::Map(item) => format!("map[string]{}", item.go_name()),
        }
    }
}

/// The fields that a value of a kind sets and nobody here acts on, by path, in the order of the value.
///
/// They are kept and shown again; what cannot be simulated (a probe's request, a security context) is only marked.
pub fn not_acted_on(kind: &str, value: &Value) -> Vec<String> {
    let mut out = Vec::new();
    if let Some(owner) = find(kind) {
        look_at_fields(owner, value, String::new(), &mut out);
    }
    out
}

fn look_at_fields(owner: &Type, value: &Value, path: String, out: &mut Vec<String>) {
    let Value::Map(map) = value else { return };
    for (name, item) in map {
        let Some(field) = owner.field(name) else {
            continue;
        };
        let path = if path.is_empty() {
            name.to_string()
        } else {
            format!("{path}.{name}")
        };
        if !field.acted_on {
            out.push(path);
        } else if let Some(element) = field.shape.element() {
            match item {
                Value::List(items) => {
                    for (index, item) in items.iter().enumerate() {
                        look_at_fields(element, item, format!("{path}[{index}]"), out);
                    }
                }
                item => look_at_fields(element, item, path, out),
            }
        }
    }
}

fn read_table(table: &'static str) -> Vec<Type> {
    let mut types: Vec<Type> = Vec::new();
    for line in table
        .lines()
        .map(|line| line.split_once('#').map_or(line, |(before, _)| before))
    {
        let mut words = line.split_whitespace();
        match (words.next(), words.next(), types.last_mut()) {
            (Some("type"), Some(name), _) if !line.starts_with(' ') => {
                types.push(Type {
                    name,
                    fields: Vec::new(),
                    by_name: SortedMap::new(),
                });
            }
            (Some(name), Some(shape), Some(owner)) => {
                owner.by_name.insert(name, owner.fields.len());
                owner.fields.push(read_field(name, shape, words));
            }
            _ => {}
        }
    }
    types
}

fn read_field(
    name: &'static str,
    shape: &'static str,
    attributes: std::str::SplitWhitespace<'static>,
) -> Field {
    let (pointer, shape) = shape
        .strip_prefix('*')
        .map_or((false, shape), |rest| (true, rest));
    let (always, shape) = shape
        .strip_suffix('!')
        .map_or((false, shape), |rest| (true, rest));
    let mut field = Field {
        name,
        shape: read_shape(shape),
        pointer,
        always,
        merge: Merge::default(),
        required: false,
        acted_on: true,
    };
    // What Go always writes is asked for, structs and instants aside, unless the table says otherwise.
    let is_given =
        matches!(field.shape, Shape::Struct(_)) && !pointer || field.shape == Shape::Time;
    field.required = always && !is_given;
    for attribute in attributes {
        match attribute.split_once('=') {
            Some(("key", key)) => field.merge.key = Some(key),
            _ if attribute == "retainKeys" => field.merge.retain_keys = true,
            _ if attribute == "replace" => field.merge.replace = true,
            _ if attribute == "inert" => field.acted_on = false,
            _ if attribute == "required" => field.required = true,
            _ if attribute == "optional" => field.required = false,
            _ => {}
        }
    }
    field
}

fn read_shape(text: &'static str) -> Shape {
    if let Some(item) = text.strip_prefix("[]") {
        return Shape::List(Box::new(read_shape(item)));
    }
    if let Some(item) = text.strip_prefix("map[string]") {
        return Shape::Map(Box::new(read_shape(item)));
    }
    if let Some((_, alias)) = text
        .strip_prefix("string")
        .and_then(|rest| rest.split_once('='))
    {
        return Shape::Text(Some(alias));
    }
    match text {
        "string" => Shape::Text(None),
        "bool" => Shape::Bool,
        "int32" => Shape::Int(32),
        "int64" => Shape::Int(64),
        "float64" => Shape::Float,
        "quantity" => Shape::Quantity,
        "time" | "microtime" => Shape::Time,
        "intstr" => Shape::IntOrString,
        "bytes" => Shape::Bytes,
        "any" => Shape::Any,
        name => Shape::Struct(name),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cluster::object::KINDS;

    #[test]
    fn every_kind_is_described_to_its_leaves() {
        let mut open: Vec<&str> = KINDS.iter().map(|kind| kind.name()).collect();
        let mut seen = std::collections::BTreeSet::new();
        while let Some(name) = open.pop() {
            if !seen.insert(name) {
                continue;
            }
            let found = find(name).unwrap_or_else(|| panic!("{name} is named and not described"));
            open.extend(
                found
                    .fields
                    .iter()
                    .filter_map(|field| struct_name(&field.shape)),
            );
        }
        let unused: Vec<_> = types()
            .keys()
            .filter(|name| !seen.contains(*name) && !name.starts_with("Scale"))
            .collect();
        assert!(unused.is_empty(), "described and never named: {unused:?}");
    }

    fn struct_name(shape: &Shape) -> Option<&'static str> {
        match shape {
            Shape::Struct(name) => Some(name),
            Shape::List(item) | Shape::Map(item) => struct_name(item),
            _ => None,
        }
    }

    #[test]
    fn merge_keys_are_fields_of_the_elements() {
        for (name, described) in types() {
            for field in &described.fields {
                let Some(key) = field.merge.key.filter(|key| *key != ".") else {
                    continue;
                };
                let element = field
                    .shape
                    .element()
                    .unwrap_or_else(|| panic!("{name}.{} has no elements", field.name));
                assert!(
                    element.field(key).is_some(),
                    "{name}.{} merges by {key}",
                    field.name
                );
            }
        }
    }

    #[test]
    fn the_merge_keys_of_the_reference_are_there() {
        // Reference 8.10, the table of merge keys.
        for (owner, list, key) in [
            ("ObjectMeta", "ownerReferences", Some("uid")),
            ("ObjectMeta", "finalizers", Some(".")),
            ("PodSpec", "containers", Some("name")),
            ("PodSpec", "volumes", Some("name")),
            ("PodSpec", "hostAliases", Some("ip")),
            ("PodSpec", "topologySpreadConstraints", Some("topologyKey")),
            ("PodSpec", "tolerations", None),
            ("Container", "ports", Some("containerPort")),
            ("Container", "env", Some("name")),
            ("Container", "volumeMounts", Some("mountPath")),
            ("Container", "envFrom", None),
            ("ServiceSpec", "ports", Some("port")),
            ("StatefulSetSpec", "volumeClaimTemplates", None),
            ("NodeSpec", "taints", None),
            ("ServiceAccount", "secrets", Some("name")),
        ] {
            let field = find(owner)
                .and_then(|it| it.field(list))
                .unwrap_or_else(|| panic!("{owner}.{list}"));
            assert_eq!(field.merge.key, key, "{owner}.{list}");
        }
    }
}
