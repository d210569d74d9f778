//! `kubectl port-forward`: a door from a person's computer to a pod.

use super::exec::pod_of;
use super::help::{Group, Help};
use super::{Command, Verb};
use crate::cluster::json::IntOrString;
use crate::cluster::object::{Kind, Pod, PodPhase, Resource as _, Service};
use crate::kubectl::args::value;
use crate::kubectl::fault::Fault;
use crate::kubectl::next::Next;
use crate::kubectl::target::{self, Resource};

pub(super) const VERB: Verb = Verb {
    name: "port-forward",
    flags: &[
        value("address", ' '),
        value("pod-running-timeout", ' ').refused(),
    ],
    help: Help {
        group: Group::Troubleshooting,
        about: "Forward ports of this computer to a pod.",
        usage: "port-forward (POD | KIND/NAME) [LOCAL:]REMOTE ... [options]",
        examples: &[(
            "Port 8080 here to port 80 of the first pod",
            "port-forward web-0 8080:80",
        )],
        ..Help::PLAIN
    },
    run: forward,
};

fn forward(command: &mut Command<'_>) -> Result<(), Fault> {
    let words = command.args.words.clone();
    let Some((word, ports)) = words.split_first().filter(|(_, ports)| !ports.is_empty()) else {
        return Err(Fault::client(
            "TYPE/NAME and list of ports are required for port-forward\nSee 'kubectl port-forward -h' for help and \
             examples",
        ));
    };
    let pod = pod_of(command, word)?;
    let service = service_of(command, word)?;
    let mut pairs = Vec::new();
    for spec in ports {
        let invalid = || {
            Fault::client(format!(
                "error parsing remote port in port specification {spec:?}"
            ))
        };
        let (local, remote) = spec.split_once(':').unwrap_or((spec, spec));
        let asked = match remote.parse::<i32>() {
            Ok(number) => number,
            Err(_) => named_port(&pod, service.as_ref(), remote).ok_or_else(invalid)?,
        };
        let there = service
            .as_ref()
            .map_or(Ok(asked), |service| target_port(service, &pod, asked))?;
        let here = match local {
            "" => 40_000_u16.saturating_add(u16::try_from(pairs.len()).unwrap_or(0)),
            local => match local.parse() {
                Ok(number) => number,
                Err(_) => u16::try_from(asked).map_err(|_| invalid())?,
            },
        };
        pairs.push((here, there));
    }
    if pod.status.phase != PodPhase::Running {
        return Err(Fault::client(format!(
            "unable to forward port because pod is not running. Current status={}",
            pod.status.phase.as_str()
        )));
    }
    command.next = Some(Next::Forward {
        pod: pod.key(),
        uid: pod.meta.uid.clone(),
        ports: pairs,
    });
    Ok(())
}

/// The Service that a word names.
fn service_of(command: &Command<'_>, word: &str) -> Result<Option<Service>, Fault> {
    let Some((kind, name)) = word.split_once('/') else {
        return Ok(None);
    };
    if target::resource(kind)? != Resource::Known(Kind::Service) {
        return Ok(None);
    }
    let namespace = command.scope()?.namespace.unwrap_or_default();
    Ok(command
        .cluster
        .api
        .store
        .find::<Service>(&namespace, name)
        .cloned())
}

/// The pod's port behind a Service's port.
fn target_port(service: &Service, pod: &Pod, port: i32) -> Result<i32, Fault> {
    let mut ports = service.spec.ports.iter();
    let Some(found) = ports.find(|it| it.port == port) else {
        return Err(Fault::client(format!(
            "Service {} does not have a service port {port}",
            service.meta.name
        )));
    };
    if service.is_headless() {
        return Ok(port);
    }
    match &found.target_port {
        Some(IntOrString::Int(number)) => Ok(i32::try_from(*number).unwrap_or(port)),
        Some(IntOrString::Text(name)) => named_port(pod, None, name).ok_or_else(|| {
            Fault::client(format!(
                "Pod '{}' does not have a named port '{name}'",
                pod.meta.name
            ))
        }),
        _ => Ok(port),
    }
}

fn named_port(pod: &Pod, service: Option<&Service>, name: &str) -> Option<i32> {
    if let Some(service) = service {
        let mut ports = service.spec.ports.iter();
        return ports.find(|it| &*it.name == name).map(|it| it.port);
    }
    let mut ports = pod.spec.containers.iter().flat_map(|it| &it.ports);
    ports
        .find(|it| &*it.name == name)
        .map(|it| it.container_port)
}
