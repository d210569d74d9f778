//! English: the panel that looks closer and says why.

use super::look;
use crate::i18n::Closer;
use crate::scene::{Change, State};
use crate::session::{Cascade, Deed, Force};

/// The most things that an announcement names.
const NAMED_MAX: usize = 4;

pub(super) const CLOSER: Closer = Closer {
    title: "Why, and a closer look",
    back: "Back to the whole",
    why: "Why",
    nothing_waits: "Nobody waits for anything.",
    and_others: |count| format!(" and {count} more"),
    all_well: |inspection| match inspection.yaml {
        Some(_) => "Nobody waits with it.",
        None => "It is not there, and nobody is about to make it.",
    },
    actions: "What you can do",
    deed,
    history: "How it came to this",
    because: |thought| format!("because: {} {}", super::who(thought), super::did(thought)),
    events: "Events",
    no_events: "None.",
    times: |count| format!("{count} times"),
    yaml: "As the cluster has it",
    not_there: "The cluster has no such object now.",
    service: |card| match &card.address {
        None => format!("DNS of {}", card.place.name),
        Some(address) => format!("Service {} at {address}", card.place.name),
    },
    no_endpoints: "no pod behind it",
    no_selector: "chooses no pods",
    not_ready: "not ready",
    more: |count| format!("… and {count} more"),
    look_at: |key| format!("Look at {} {}", key.kind.name(), key.name),
    announce,
};

fn deed(deed: &Deed) -> String {
    match deed {
        Deed::Scale(..) => "Scale",
        Deed::DeletePod(_, Force::No) => "Delete it, with its grace period",
        Deed::DeletePod(_, Force::Yes) => "Delete it by force, at once",
        Deed::DeleteSet(_, Cascade::Background) => "Delete it; its pods go after it",
        Deed::DeleteSet(_, Cascade::Foreground) => "Delete it; its pods go before it",
        Deed::DeleteSet(_, Cascade::Orphan) => "Delete it; its pods stay",
        Deed::SetImage { .. } => "Set the image",
        Deed::DeleteClaim(_) => "Delete it; its volume goes or stays as the reclaim policy says",
        Deed::Cordon(_) => "Cordon: no new pods",
        Deed::Uncordon(_) => "Uncordon: pods may come again",
        Deed::Drain(_) => "Drain: evict its pods",
        Deed::Silence(_) => "Silence: stop its kubelet",
        Deed::Revive(_) => "Revive: start its kubelet",
    }
    .to_owned()
}

/// What became of something, after its name.
fn became(change: &Change) -> String {
    match &change.now {
        None => "gone".to_owned(),
        Some(State::Pod(drawn)) => look(*drawn).to_owned(),
        Some(State::Word(word)) => word.to_string(),
        Some(State::Replicas(1)) => "1 replica".to_owned(),
        Some(State::Replicas(count)) => format!("{count} replicas"),
        Some(State::Deleting) => "being deleted".to_owned(),
    }
}

fn announce(changes: &[Change]) -> String {
    if changes.len() <= NAMED_MAX {
        let each = changes.iter().map(|it| {
            let (kind, name) = (it.key.kind.name(), &it.key.name);
            format!("{kind} {name}: {}", became(it))
        });
        return each.collect::<Vec<_>>().join("; ");
    }
    // The order of kinds is that of the stage.
    let mut counts: Vec<((&str, String), usize)> = Vec::new();
    for change in changes {
        let what = (change.key.kind.name(), became(change));
        match counts.iter_mut().find(|(it, _)| *it == what) {
            Some((_, count)) => *count += 1,
            None => counts.push((what, 1)),
        }
    }
    let each = counts
        .into_iter()
        .map(|((kind, became), count)| format!("{count} {kind}: {became}"));
    each.collect::<Vec<_>>().join("; ")
}
