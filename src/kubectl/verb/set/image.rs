//! `kubectl set image`: other images for containers.

use super::{Command, Holder, LISTS, Told, each};
use crate::cluster::object::ObjectKey;
use crate::cluster::value::Value;
use crate::kubectl::fault::Fault;
use crate::kubectl::verb::label::resources_and_pairs;

const TOLD: Told = Told {
    word: "image updated",
    refused: "failed to patch image update to pod template: ",
};

pub(super) fn run(command: &mut Command<'_>, words: &[String]) -> Result<(), Fault> {
    let (words, pairs) = resources_and_pairs(words, "image")?;
    if words.is_empty() && command.args.get("filename").is_none() {
        return Err(Fault::client(
            "one or more resources must be specified as <resource> <name> or <resource>/<name>",
        ));
    }
    if pairs.is_empty() {
        return Err(Fault::client("at least one image update is required"));
    }
    let images: Vec<(&str, &str)> = pairs
        .iter()
        .filter_map(|pair| pair.split_once('='))
        .collect();
    each(command, &words, |command, key| one(command, key, &images))
}

fn one(command: &mut Command<'_>, key: &ObjectKey, images: &[(&str, &str)]) -> Result<(), Fault> {
    let holder = Holder::find(command, key)?;
    let mut changes = Vec::new();
    for (name, image) in images {
        let mut is_found = false;
        for list in LISTS {
            for container in holder.containers(list, |it| *name == "*" || it == *name) {
                is_found = true;
                if container.str_at(&["image"]) != Some(image) {
                    let name = container.get("name").cloned().unwrap_or_default();
                    let image = Value::text(*image);
                    changes.push((list, Value::map([("name", name), ("image", image)])));
                }
            }
        }
        if !is_found {
            return Err(Fault::client(format!(
                "unable to find container named {name:?}"
            )));
        }
    }
    // Nothing to say where the image is that already.
    if changes.is_empty() {
        return Ok(());
    }
    holder.patch_containers(command, &changes, TOLD)
}
