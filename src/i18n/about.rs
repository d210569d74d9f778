//! The keys of the texts of the About panel, and what the core knows to say in them.

use crate::cluster::config::{Config, KUBERNETES_VERSION};
use crate::cluster::object::KINDS;
use crate::cluster::object::kind::FOREIGN;
use crate::cluster::record::Component;
use crate::i18n::Messages;
use crate::proof::{Played, Proof};

/// The texts of the panel.
pub struct About {
    /// The button that opens it.
    pub open: &'static str,
    /// Its heading.
    pub title: &'static str,
    /// The button that closes it.
    pub close: &'static str,
    /// What the page is; to be [`filled`].
    pub lead: &'static str,
    /// What is simulated, what is not, and how time relates to reality.
    pub chapters: &'static [Chapter],
    /// The heading of the recordings.
    pub proof: &'static str,
    /// What a recording is, and what it is held to.
    pub proof_means: &'static str,
    /// How many are reproduced, and how much was compared.
    pub summary: fn(&Proof) -> String,
    /// The list is on its way.
    pub loading: &'static str,
    /// The list could not be had.
    pub not_loaded: &'static str,
    /// Tries again.
    pub retry: &'static str,
    /// How many steps a recording has, and how much of it is compared.
    pub measure: fn(&Played) -> String,
    /// A recording is reproduced.
    pub reproduced: &'static str,
    /// It is not.
    pub not_reproduced: &'static str,
}

/// Some things that belong together.
pub struct Chapter {
    /// What they are.
    pub title: &'static str,
    /// Each with what is said of it; to be [`filled`].
    pub items: &'static [(&'static str, &'static str)],
}

/// A text in which names in braces give way to what the core knows of them.
pub fn filled(text: &str, texts: &Messages) -> String {
    let mut out = String::new();
    // Every other part stands between braces.
    for (at, part) in text.split(['{', '}']).enumerate() {
        match at % 2 {
            0 => out.push_str(part),
            _ => out.push_str(&known(part, texts).unwrap_or_default()),
        }
    }
    out
}

/// What the core knows of a name; times are of the page's cluster, in seconds but for `detach`, which is in minutes.
fn known(name: &str, texts: &Messages) -> Option<String> {
    let config = Config::page(0);
    let latency = &config.latency;
    let ms = match name {
        "controller" => latency.stateful_set_ms,
        "scheduler" => latency.schedule_ms,
        "pull" => latency.pull_ms,
        "provision" => latency.provision_ms,
        "sandbox" => latency.sandbox_ms,
        "stop" => latency.stop_ms,
        "lost" => latency.node_grace_ms,
        "detach" => latency.force_detach_ms / 60,
        "version" => return Some(KUBERNETES_VERSION.to_owned()),
        "pods" => return config.pods_max.map(grouped),
        "kinds" => return Some(list(KINDS.iter().map(|it| it.name()).collect())),
        "foreign" => return Some(foreign()),
        "controllers" => return Some(controllers(&config, texts)),
        _ => return None,
    };
    let (whole, rest) = (ms / 1000, format!("{:03}", ms % 1000));
    let number = format!("{whole}.{}", rest.trim_end_matches('0'));
    Some(number.trim_end_matches('.').to_owned())
}

/// The kinds that are refused; a kind that has several versions is named once.
fn foreign() -> String {
    let mut names: Vec<&str> = FOREIGN.iter().map(|it| it.name).collect();
    names.dedup();
    names.retain(|name| KINDS.iter().all(|it| it.name() != *name));
    list(names)
}

fn controllers(config: &Config, texts: &Messages) -> String {
    let others = [
        Component::User,
        Component::ApiServer,
        Component::Scheduler,
        Component::Kubelet,
        Component::Provisioner,
        Component::AttachDetach,
    ];
    let controllers = Component::ALL.iter().copied();
    let running = controllers.filter(|it| config.runs(*it) && !others.contains(it));
    list(running.map(texts.component).collect())
}

fn list(words: Vec<&str>) -> String {
    words.join(", ")
}

/// A number with its thousands apart.
pub(super) fn grouped(number: usize) -> String {
    match number / 1000 {
        0 => number.to_string(),
        thousands => format!("{}\u{202f}{:03}", grouped(thousands), number % 1000),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::i18n::Locale;

    #[test]
    fn numbers_read_well() {
        assert_eq!(grouped(70), "70");
        assert_eq!(grouped(1_036_014), "1\u{202f}036\u{202f}014");
        let texts = Locale::En.messages();
        assert_eq!(
            filled("{scheduler} {provision} {lost} {detach} {pods}", texts),
            "0.7 0.25 50 6 1\u{202f}000"
        );
    }

    #[test]
    fn every_name_in_braces_is_known() {
        let texts = Locale::En.messages();
        let items = texts.about.chapters.iter().flat_map(|it| it.items);
        for text in items.map(|(_, text)| *text).chain([texts.about.lead]) {
            for name in text.split(['{', '}']).skip(1).step_by(2) {
                assert!(known(name, texts).is_some(), "{name} in {text}");
            }
        }
        let of = |name| known(name, texts).unwrap_or_default();
        assert!(of("controllers").starts_with("StatefulSet controller, ReplicaSet controller"));
        assert!(of("kinds").contains("StatefulSet"));
        assert!(of("foreign").contains("DaemonSet"));
    }
}
