//! Requests from the person's own computer: through `kubectl proxy` and `kubectl port-forward`, and to a node's port.

use super::{Url, api};
use crate::cluster::dns;
use crate::cluster::net::{Ask, Response, Silence};
use crate::cluster::object::{Node, Service};
use crate::cluster::value::Text;
use crate::terminal::job::World;
use crate::terminal::listen::Serves;

/// A request from the person's own computer: to a port at which kubectl listens, or to a node's port.
pub(super) fn ask(url: &Url, ask: Ask<'_>, world: &mut World<'_>) -> Result<Response, Silence> {
    if matches!(&*url.host, "localhost" | "127.0.0.1") {
        let mut listeners = world.listeners.iter_mut();
        let found = listeners.find(|it| i32::from(it.port) == url.port);
        let Some(listener) = found else {
            return Err(Silence::Refused(Text::default()));
        };
        listener.handled += 1;
        return match listener.serves.clone() {
            Serves::Pod(pod, port) => world
                .cluster
                .ask_pod(None, None, &pod, port, ask)
                .map_err(|_| Silence::Empty(Text::default())),
            Serves::Api => Ok(api::answer(&url.path, ask, world)),
        };
    }
    let store = &world.cluster.api.store;
    let is_node = store
        .list::<Node>()
        .any(|it| it.status.addresses.iter().any(|it| *it.address == url.host));
    if is_node {
        let has_port = |it: &&Service| it.spec.ports.iter().any(|port| port.node_port == url.port);
        let service = store.list::<Service>().find(has_port).cloned();
        let Some(service) = service else {
            return Err(Silence::Refused(Text::default()));
        };
        let port = service
            .spec
            .ports
            .iter()
            .find(|it| it.node_port == url.port)
            .map(|it| it.port.to_string());
        let answer = world.cluster.ask_service(&service, port.as_deref(), ask);
        return answer.map_or(Err(Silence::Refused(Text::default())), |it| it.1);
    }
    let is_address = dns::is_address(&url.host);
    // The pods' network and DNS are inside of the cluster.
    Err(if is_address {
        Silence::NoRoute(Text::default())
    } else {
        Silence::UnknownHost
    })
}
