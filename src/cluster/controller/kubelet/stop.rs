//! Stopping a pod: preStop, SIGTERM, SIGKILL, and the kubelet's last word (reference 3.1, 5.3).

use super::Kubelet;
use super::container::{ContainerLife, Doing, Next};
use super::life::{Life, Stage};
use crate::cluster::api::{Api, DeleteOptions, Says};
use crate::cluster::object::{ObjectKey, Pod};
use crate::cluster::time::Time;

impl Kubelet {
    /// Does what is due for a pod whose deletion was asked for.
    pub(super) fn stop(&mut self, key: &ObjectKey, pod: &Pod, api: &mut Api) {
        let Some(mut life) = self.lives.remove(key) else {
            return;
        };
        let now = api.now;
        match life.stage {
            Stage::Stopping(until) if until <= now => end_all(&mut life, now, api),
            Stage::Stopping(_) => shorten(&mut life, pod, now),
            Stage::Confirming(at) if at <= now => {
                confirm(key, pod, api);
                self.attached.detach(&life.uid);
                life.stage = Stage::Over;
            }
            Stage::Confirming(_) => {}
            Stage::Over => {
                confirm(key, pod, api);
            }
            _ => begin(&mut life, pod, api),
        }
        self.lives.insert(key.clone(), life);
    }
}

/// Tells the containers to stop.
fn begin(life: &mut Life, pod: &Pod, api: &mut Api) {
    let now = api.now;
    let mut heed = true;
    let mut any = false;
    for (container, one) in pod.spec.containers.iter().zip(&life.containers) {
        if !matches!(one.doing, Doing::Running(_)) {
            continue;
        }
        any = true;
        heed &= one.program.on_term.is_some();
        let field = format!("spec.containers{{{}}}", container.name);
        let message = format!("Stopping container {}", container.name);
        api.say(
            pod,
            Says {
                warning: false,
                reason: "Killing",
                message: message.into(),
                field: &field,
            },
        );
    }
    let kill_at = pod.meta.deleted.unwrap_or(now).max(now);
    life.kill_at = Some(kill_at);
    let stop_ms = if any { api.config.latency.stop_ms } else { 0 };
    let until = if heed {
        now.plus_ms(stop_ms).min(kill_at.max(now))
    } else {
        kill_at
    };
    life.stage = Stage::Stopping(until);
    if until <= now {
        end_all(life, now, api);
    }
}

/// A second request may have shortened the grace period.
fn shorten(life: &mut Life, pod: &Pod, now: Time) {
    let kill_at = pod.meta.deleted.unwrap_or(now).max(now);
    if let Stage::Stopping(until) = life.stage {
        life.stage = Stage::Stopping(until.min(kill_at));
    }
    life.kill_at = Some(kill_at);
}

/// The containers are gone.
fn end_all(life: &mut Life, now: Time, api: &Api) {
    let killed = life.kill_at.is_some_and(|at| at <= now);
    for one in life.containers.iter_mut().chain(&mut life.inits) {
        end_one(one, killed, now);
    }
    life.stage = Stage::Confirming(now.plus_ms(api.config.latency.confirm_ms));
}

fn end_one(one: &mut ContainerLife, killed: bool, now: Time) {
    match &mut one.doing {
        Doing::Running(_) => match one.program.on_term {
            Some(0) => one.end(0, "Completed", false, now),
            Some(code) if !killed => one.end(code, "Error", false, now),
            _ => one.end(137, "Error", false, now),
        },
        Doing::Ended(_, next) => *next = Next::Nothing,
        Doing::BackingOff(_) => {
            if let Some(exit) = one.last.clone() {
                one.doing = Doing::Ended(exit, Next::Nothing);
            }
        }
        // What never ran ends as if it had been killed before its start.
        _ => one.end(137, "ContainerStatusUnknown", false, now),
    }
}

/// The kubelet's last word: a delete without grace, for just this pod.
pub(super) fn confirm(key: &ObjectKey, pod: &Pod, api: &mut Api) {
    let options = DeleteOptions {
        grace_s: Some(0),
        uid: Some(pod.meta.uid.clone()),
        propagation: None,
    };
    // A pod that is gone already needs no deleting; one with finalizers stays.
    let _gone = api.delete(key, &options);
}
