//! One line of what is done to a cluster: a command, or a manual verb or fault that begins with `@`.

use crate::cluster::Cluster;
use crate::cluster::fault::{Fault, FaultError};
use crate::cluster::manual::{Manual, PodVerb};
use crate::cluster::object::{Kind, ObjectKey, PodPhase};
use crate::cluster::value::Text;
use crate::terminal::{BY_HAND, Desk};

/// Why a line that begins with `@` cannot be done.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ActionError {
    /// No verb of this name, or other words than it takes.
    #[error("cannot be understood: {0}")]
    Unknown(String),
    /// The cluster refuses it.
    #[error("{0}")]
    Refused(#[from] crate::cluster::error::ApiError),
    /// The fault cannot happen.
    #[error("{0}")]
    Fault(#[from] FaultError),
}

/// Does what a line says, by hand: a command, or a manual verb or fault. Those are for pods of `namespace`.
pub fn act(desk: &mut Desk, namespace: &str, line: &str) {
    if !line.starts_with('@') {
        desk.enter(BY_HAND, line);
        return;
    }
    let done = act_manually(&mut desk.cluster, namespace, line);
    desk.note(line, done.map_err(|error| format!("{line}: {error}\n")));
}

fn act_manually(cluster: &mut Cluster, namespace: &str, line: &str) -> Result<(), ActionError> {
    let words: Vec<&str> = line.split_whitespace().collect();
    if let Some(fault) = read_fault(&words, namespace) {
        return Ok(cluster.inject(&fault)?);
    }
    let verbs = read(&words).ok_or_else(|| ActionError::Unknown(line.to_owned()))?;
    for verb in verbs {
        cluster.act_manually(namespace, &verb)?;
    }
    Ok(())
}

/// The writes that a line asks for; none for `@wait`, since time passes by itself.
fn read(words: &[&str]) -> Option<Vec<Manual>> {
    let (verb, words) = words.split_first()?;
    let (name, words) = words.split_first()?;
    let name = Text::from(*name);
    let node = || Some(Text::from(*words.first()?));
    let code = |word: &str| word.parse::<i32>().ok();
    let verbs = match (*verb, words) {
        ("@wait", []) => vec![],
        ("@choose", [_]) => {
            return Some(vec![Manual::Choose {
                claim: name,
                node: node()?,
            }]);
        }
        ("@boot", [_]) => {
            vec![
                PodVerb::Bind(node()?),
                PodVerb::Creating,
                PodVerb::Running { ready: true },
            ]
        }
        ("@bind", [_]) => vec![PodVerb::Bind(node()?)],
        ("@creating", []) => vec![PodVerb::Creating],
        ("@running" | "@unready", []) => vec![PodVerb::Running { ready: false }],
        ("@ready", []) => vec![PodVerb::Running { ready: true }],
        ("@waiting", [reason]) => {
            vec![PodVerb::Waiting {
                reason: (*reason).into(),
                restarts: None,
            }]
        }
        ("@waiting", [reason, restarts]) => {
            vec![PodVerb::Waiting {
                reason: (*reason).into(),
                restarts: Some(code(restarts)?),
            }]
        }
        ("@exited", [exit, reason]) => {
            vec![PodVerb::Exited {
                code: code(exit)?,
                reason: (*reason).into(),
            }]
        }
        ("@phase", [phase]) => {
            vec![PodVerb::Phase(
                *PodPhase::ALL.iter().find(|it| it.as_str() == *phase)?,
            )]
        }
        ("@stopped", []) => vec![PodVerb::Stopped(0)],
        ("@stopped", [exit]) => vec![PodVerb::Stopped(code(exit)?)],
        ("@gone", []) => vec![PodVerb::Gone],
        _ => return None,
    };
    Some(
        verbs
            .into_iter()
            .map(|verb| Manual::Pod(name.clone(), verb))
            .collect(),
    )
}

/// The fault that a line asks for.
fn read_fault(words: &[&str], namespace: &str) -> Option<Fault> {
    let pod = |name: &str| ObjectKey::new(Kind::Pod, namespace, name);
    Some(match words {
        ["@silence", node] => Fault::SilenceNode((*node).into()),
        ["@revive", node] => Fault::ReviveNode((*node).into()),
        ["@crash", name] => Fault::Crash(pod(name), None),
        ["@crash", name, container] => Fault::Crash(pod(name), Some((*container).into())),
        ["@fail-probes", name] => Fault::FailProbes(pod(name)),
        ["@mend-probes", name] => Fault::MendProbes(pod(name)),
        ["@lose-image", image] => Fault::LoseImage((*image).into()),
        ["@restore-image", image] => Fault::RestoreImage((*image).into()),
        ["@stop-provisioner"] => Fault::StopProvisioner,
        ["@start-provisioner"] => Fault::StartProvisioner,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn manual_lines_name_their_verbs() {
        assert_eq!(
            read(&["@boot", "web-0", "node-a"]).map(|verbs| verbs.len()),
            Some(3)
        );
        assert_eq!(read(&["@wait", "5s"]), Some(vec![]));
        assert_eq!(
            read(&["@stopped", "web-0", "137"]),
            Some(vec![Manual::Pod("web-0".into(), PodVerb::Stopped(137))])
        );
        for bad in [
            &["@boot", "web-0"][..],
            &["@frob", "x"],
            &["@phase", "x", "Dead"],
            &["@gone"],
        ] {
            assert_eq!(read(bad), None, "{bad:?}");
        }
    }
}
