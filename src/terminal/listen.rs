//! Ports of the person's computer: `kubectl proxy` and `kubectl port-forward`.

use super::job::World;
use super::out::Printed;
use crate::cluster::object::{ObjectKey, Pod};
use crate::cluster::value::Text;

/// A port of the person's computer at which something listens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Listener {
    /// The port.
    pub port: u16,
    /// The job that it belongs to.
    pub job: usize,
    /// What answers.
    pub serves: Serves,
    /// How many connections it has had that were not told of.
    pub handled: usize,
}

/// What answers at a port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Serves {
    /// The API server (`kubectl proxy`).
    Api,
    /// A port of a pod (`kubectl port-forward`).
    Pod(ObjectKey, i32),
}

/// `kubectl proxy` and `kubectl port-forward`.
#[derive(Clone, Debug)]
pub(super) struct Listen {
    pod: Option<(ObjectKey, Text)>,
}

impl Listen {
    /// `kubectl proxy`.
    pub(super) fn proxy(
        port: u16,
        world: &mut World<'_>,
        out: &mut Printed,
    ) -> Result<Self, String> {
        listen(port, Serves::Api, world)?;
        out.out(&format!("Starting to serve on 127.0.0.1:{port}\n"));
        Ok(Self { pod: None })
    }

    /// `kubectl port-forward`: each port here with the one in the pod.
    pub(super) fn forward(
        pod: ObjectKey,
        uid: Text,
        ports: &[(u16, i32)],
        world: &mut World<'_>,
        out: &mut Printed,
    ) -> Result<Self, String> {
        for (here, there) in ports {
            listen(*here, Serves::Pod(pod.clone(), *there), world)?;
            for address in ["127.0.0.1", "[::1]"] {
                out.out(&format!("Forwarding from {address}:{here} -> {there}\n"));
            }
        }
        Ok(Self {
            pod: Some((pod, uid)),
        })
    }

    /// Tells of connections; its exit code once its pod is gone.
    pub(super) fn poll(&mut self, world: &mut World<'_>, out: &mut Printed) -> Option<i32> {
        let Some((key, uid)) = &self.pod else {
            return None;
        };
        let is_own = |it: &Listener| matches!(&it.serves, Serves::Pod(pod, _) if pod == key);
        let own = world.listeners.iter_mut();
        for listener in own.filter(|it| it.job == world.job && is_own(it)) {
            for _ in 0..std::mem::take(&mut listener.handled) {
                out.out(&format!("Handling connection for {}\n", listener.port));
            }
        }
        let found = world
            .cluster
            .api
            .store
            .find::<Pod>(&key.namespace, &key.name);
        if found.is_some_and(|it| it.meta.uid == *uid && !it.is_finished()) {
            return None;
        }
        let job = world.job;
        world.listeners.retain(|it| it.job != job || !is_own(it));
        out.error("error: lost connection to pod\n");
        Some(1)
    }
}

fn listen(port: u16, serves: Serves, world: &mut World<'_>) -> Result<(), String> {
    if world.listeners.iter().any(|it| it.port == port) {
        return Err(match serves {
            Serves::Api => {
                format!("error: listen tcp 127.0.0.1:{port}: bind: address already in use\n")
            }
            Serves::Pod(_, there) => format!(
                "Unable to listen on port {port}: Listeners failed to create with the following errors: [unable to create \
                 listener: Error listen tcp4 127.0.0.1:{port}: bind: address already in use]\nerror: unable to listen \
                 on any of the requested ports: [{{{port} {there}}}]\n"
            ),
        });
    }
    let job = world.job;
    world.listeners.push(Listener {
        port,
        job,
        serves,
        handled: 0,
    });
    Ok(())
}
