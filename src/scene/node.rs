//! A node as a strip with the pods that it carries.

use std::sync::Arc;

use super::{Scene, keep};
use crate::cluster::object::pod::parent_and_ordinal;
use crate::cluster::object::{Node, Pod};
use crate::cluster::sorted;
use crate::cluster::value::Text;
use crate::kubectl::status::node_status;
use crate::timeline::View;

/// A node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NodeStrip {
    /// Its name.
    pub name: Text,
    /// The words of kubectl's STATUS column.
    pub word: Text,
    /// Whether it answers.
    pub is_ready: bool,
    /// Its pods: the ordinal of each, or its name if it has none or there are several sets.
    pub pods: Vec<Text>,
}

pub(super) fn draw(view: &View, last: &Scene) -> Vec<Arc<NodeStrip>> {
    // An ordinal alone says which pod it is as long as there is one set.
    let all = view.store.list::<Pod>();
    let mut sets = all.filter_map(|it| parent_and_ordinal(&it.meta.name).map(|(set, _)| set));
    let first = sets.next();
    let is_one = sets.all(|it| Some(it) == first);
    let strips = view.store.list::<Node>().map(|node| {
        let label = |name: &Text| match parent_and_ordinal(name) {
            Some((_, ordinal)) if is_one => ordinal.to_string().into(),
            _ => name.clone(),
        };
        let on_node = view.store.pods_on(&node.meta.name);
        let mut pods: Vec<&Text> = on_node.map(|(_, name)| name).collect();
        sorted::sort_by(&mut pods, |a, b| {
            parent_and_ordinal(a).cmp(&parent_and_ordinal(b))
        });
        NodeStrip {
            name: node.meta.name.clone(),
            word: node_status(node).into(),
            is_ready: node.is_ready(),
            pods: pods.into_iter().map(label).collect(),
        }
    });
    strips.map(|strip| keep(strip, last.nodes.iter())).collect()
}
