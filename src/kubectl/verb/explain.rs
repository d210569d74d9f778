//! `kubectl explain`: fields of a kind, from the tables of the schema.

use crate::cluster::object::Kind;
use crate::cluster::schema::Shape;

/// The kind that a word begins with, and the path of fields behind it: `sts.spec`, `statefulsets.apps.spec`.
pub(in crate::kubectl) fn find(word: &str) -> Option<(Kind, &str)> {
    let (first, rest) = word.split_once('.').unwrap_or((word, ""));
    let kind = Kind::of_command(first)?;
    let group = kind.info().group;
    let behind = rest.strip_prefix(group).filter(|it| {
        !group.is_empty() && first == kind.info().plural && (it.is_empty() || it.starts_with('.'))
    });
    Some((kind, behind.map_or(rest, |it| it.trim_start_matches('.'))))
}

/// A type as `explain` names it, without its brackets: `[]Container`, `map[string]string`, `integer`.
pub(in crate::kubectl) fn type_word(shape: &Shape) -> String {
    match shape {
        Shape::Text(_) | Shape::Bytes | Shape::Time => "string".to_owned(),
        Shape::Bool => "boolean".to_owned(),
        Shape::Int(_) => "integer".to_owned(),
        Shape::Float => "number".to_owned(),
        Shape::Quantity => "Quantity".to_owned(),
        Shape::IntOrString => "IntOrString".to_owned(),
        Shape::Any => "Object".to_owned(),
        Shape::Struct(name) => (*name).to_owned(),
        Shape::List(item) => format!("[]{}", type_word(item)),
        Shape::Map(item) => format!("map[string]{}", type_word(item)),
    }
}
