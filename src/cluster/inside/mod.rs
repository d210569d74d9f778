//! The inside of a container: its files, its environment, its place.
//!
//! Nothing runs there by itself. What a person starts (`kubectl exec`, `kubectl run`) reads and writes here.

pub mod env;
pub mod files;
pub mod image;

use super::object::pod::ContainerStatus;
use super::object::pod_spec::Container;
use super::object::{Kind, ObjectKey, Pod};
use super::store::Store;
use super::value::{Text, Value};

/// One container of one life of a pod.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spot {
    /// The pod's namespace.
    pub namespace: Text,
    /// Its name.
    pub pod: Text,
    /// Its uid.
    pub uid: Text,
    /// The container.
    pub container: Text,
}

impl Spot {
    /// A container of a pod.
    pub fn of(pod: &Pod, container: &str) -> Self {
        Self {
            namespace: pod.meta.namespace.clone(),
            pod: pod.meta.name.clone(),
            uid: pod.meta.uid.clone(),
            container: container.into(),
        }
    }

    /// The key of the pod.
    pub fn key(&self) -> ObjectKey {
        ObjectKey::new(Kind::Pod, self.namespace.clone(), self.pod.clone())
    }

    /// The pod, while it is the same one.
    pub fn find<'a>(&self, store: &'a Store) -> Option<&'a Pod> {
        let pod = store.find::<Pod>(&self.namespace, &self.pod)?;
        (pod.meta.uid == self.uid).then_some(pod)
    }

    /// The pod and the container's spec, while it is the same pod.
    pub fn spec<'a>(&self, store: &'a Store) -> Option<(&'a Pod, &'a Container)> {
        let pod = self.find(store)?;
        let mut all = pod.spec.containers.iter().chain(&*pod.spec.init_containers);
        Some((pod, all.find(|it| it.name == self.container)?))
    }

    /// What the kubelet says of the container.
    pub fn status<'a>(&self, store: &'a Store) -> Option<&'a ContainerStatus> {
        let pod = self.find(store)?;
        let (all, init) = (
            &pod.status.container_statuses,
            &pod.status.init_container_statuses,
        );
        let mut all = all.iter().chain(&**init);
        all.find(|it| it.name == self.container)
    }

    /// The image of the container; empty once the pod is gone.
    pub fn image<'a>(&self, store: &'a Store) -> &'a str {
        self.spec(store).map_or("", |(_, it)| &it.image)
    }

    /// Whether the container runs.
    pub fn runs(&self, store: &Store) -> bool {
        self.status(store)
            .is_some_and(|it| it.state.running.is_some())
    }
}

/// The host name inside of a pod.
pub fn hostname(pod: &Pod) -> &str {
    if pod.spec.hostname.is_empty() {
        &pod.meta.name
    } else {
        &pod.spec.hostname
    }
}

/// The full name that `/etc/hosts` gives a pod (`hostname -f`; reference 6.3).
pub fn full_name(pod: &Pod) -> String {
    let host = hostname(pod);
    if pod.spec.subdomain.is_empty() {
        return host.to_owned();
    }
    let (subdomain, namespace) = (&pod.spec.subdomain, &pod.meta.namespace);
    format!("{host}.{subdomain}.{namespace}.svc.{}", super::dns::ZONE)
}

/// What `/etc/hosts` says besides `localhost`: addresses with their names. The first is the pod's own; then come the
/// aliases of its spec.
pub fn hosts(pod: &Pod) -> Vec<(Text, Vec<Text>)> {
    let (host, full) = (Text::from(hostname(pod)), Text::from(full_name(pod)));
    let own = match full == host {
        true => vec![host],
        false => vec![full, host],
    };
    let aliases = pod.spec.rest.get("hostAliases").and_then(Value::as_list);
    let aliases = aliases.into_iter().flatten().map(|it| {
        let names = it.list_at(&["hostnames"]).iter();
        let names = names.filter_map(|name| name.as_str().map(Text::from));
        (it.plain_at(&["ip"]).into(), names.collect())
    });
    std::iter::once((pod.status.pod_ip.clone(), own))
        .chain(aliases)
        .collect()
}

/// Milliseconds of `sleep 5`, `sleep 1m`; `None` for `infinity`.
pub fn sleep_ms(text: &str) -> Option<i64> {
    let text = text.split_whitespace().next().unwrap_or_default();
    let digits = text.trim_end_matches(|letter: char| letter.is_ascii_alphabetic());
    let number: f64 = digits.parse().ok()?;
    let unit_s = match text.get(digits.len()..)? {
        "" | "s" => 1.0,
        "m" => 60.0,
        "h" => 3600.0,
        "d" => 86_400.0,
        _ => return None,
    };
    Some((number * unit_s * 1000.0) as i64)
}
