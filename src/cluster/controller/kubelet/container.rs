//! One container on its node: pulled, started, running, ended, started again (reference 5.2 to 5.6).

use super::program::Program;
use crate::cluster::object::Meta;
use crate::cluster::object::pod::{ContainerState, ContainerStatus};
use crate::cluster::object::pod_spec::{Container, Probe};
use crate::cluster::time::Time;
use crate::cluster::value::{self, Text};

/// The first and the longest wait before a container that ended is started again, or a pull is tried again.
const BACKOFF_S: (i64, i64) = (10, 300);
/// A container that ran for so long starts counting anew.
const BACKOFF_RESET_S: i64 = 600;
/// From the end of a container to the kubelet's reaction.
const RESTART_MS: i64 = 1000;

/// What a container does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Doing {
    /// It has not been looked at.
    Waiting,
    /// Its image is being pulled until then.
    Pulling(Time),
    /// Its image could not be pulled: reason, message, and when it is tried again.
    PullFailed(&'static str, String, Time),
    /// It cannot be started: reason, message, and when it is tried again.
    Unstartable(&'static str, String, Time),
    /// It is being started until then.
    Starting(Time),
    /// It runs since then.
    Running(Time),
    /// It ended.
    Ended(Exit, Next),
    /// It waits out its back-off until then.
    BackingOff(Time),
}

/// How a container ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Exit {
    /// Its code.
    pub code: i32,
    /// In one word.
    pub reason: Text,
    /// When it had started.
    pub started: Time,
    /// When it ended.
    pub at: Time,
}

/// What follows the end of a container.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// Nothing: its pod's policy does not start it again.
    Nothing,
    /// It is started again then.
    Restart(Time),
    /// From the first instant on it waits out its back-off, until the second.
    BackOff(Time, Time),
}

/// A container and its past.
#[derive(Clone, Debug)]
pub(super) struct ContainerLife {
    /// Its name.
    pub name: Text,
    /// What it does.
    pub doing: Doing,
    /// Its image as it was last started or pulled.
    pub image: Text,
    /// How its program behaves.
    pub program: Program,
    /// How often it was started again.
    pub restarts: i32,
    /// How often it ended in a row.
    failures: u32,
    /// How often its pull failed in a row.
    pub pull_failures: u32,
    /// How it ended last time.
    pub last: Option<Exit>,
    /// When its readiness probe first passes, or passes again.
    pub ready_at: Option<Time>,
    /// When its readiness or liveness probe counts as failed.
    pub unready_at: Option<Time>,
    /// Whether its readiness probe has passed.
    pub ready: bool,
    /// The code with which it is told to end now: by a fault, or by who sits at its shell.
    pub ends_now: Option<i32>,
}

impl ContainerLife {
    /// A container that has not been looked at.
    pub(super) fn new(container: &Container, program: Program) -> Self {
        Self {
            name: container.name.clone(),
            ends_now: None,
            doing: Doing::Waiting,
            image: container.image.clone(),
            program,
            restarts: 0,
            failures: 0,
            pull_failures: 0,
            last: None,
            ready_at: None,
            unready_at: None,
            ready: false,
        }
    }

    /// When something happens to it by itself.
    pub(super) fn next_due(&self) -> Option<Time> {
        let own = match &self.doing {
            Doing::Waiting | Doing::Ended(_, Next::Nothing) => None,
            Doing::Pulling(until) | Doing::Starting(until) | Doing::BackingOff(until) => {
                Some(*until)
            }
            Doing::PullFailed(_, _, at) | Doing::Unstartable(_, _, at) => Some(*at),
            Doing::Running(since) => self.program.ends.map(|(ms, _)| since.plus_ms(ms)),
            Doing::Ended(_, Next::Restart(at) | Next::BackOff(at, _)) => Some(*at),
        };
        let probes = matches!(self.doing, Doing::Running(_))
            .then(|| self.ready_at.into_iter().chain(self.unready_at).min());
        own.into_iter().chain(probes.flatten()).min()
    }

    /// It runs from now on.
    pub(super) fn start(&mut self, container: &Container, now: Time) {
        self.doing = Doing::Running(now);
        self.image = container.image.clone();
        self.unready_at = None;
        let wait_ms = ready_after_ms(container);
        self.ready = wait_ms == 0;
        self.ready_at = (wait_ms > 0).then(|| now.plus_ms(wait_ms));
    }

    /// It ended; `again` says whether its pod's policy starts it again.
    pub(super) fn end(&mut self, code: i32, reason: &str, again: bool, now: Time) {
        let started = match self.doing {
            Doing::Running(since) => since,
            _ => now,
        };
        if now.ms_since(started) > BACKOFF_RESET_S * 1000 {
            self.failures = 0;
        }
        let exit = Exit {
            code,
            reason: reason.into(),
            started,
            at: now,
        };
        let next = match (again, self.failures) {
            (false, _) => Next::Nothing,
            (true, 0) => Next::Restart(now.plus_ms(RESTART_MS)),
            (true, failures) => {
                let wait_s = (BACKOFF_S.0 << (failures - 1).min(8)).min(BACKOFF_S.1);
                Next::BackOff(now.plus_ms(RESTART_MS), now.plus_s(wait_s))
            }
        };
        self.failures += u32::from(again);
        self.ready = false;
        self.ready_at = None;
        self.unready_at = None;
        self.last = Some(exit.clone());
        self.doing = Doing::Ended(exit, next);
    }

    /// The wait before the next try after a pull that failed.
    pub(super) fn pull_wait_s(&self) -> i64 {
        (BACKOFF_S.0 << self.pull_failures.saturating_sub(1).min(8)).min(BACKOFF_S.1)
    }

    /// The wait of the back-off that it is in.
    pub(super) fn backoff_s(&self) -> i64 {
        (BACKOFF_S.0 << self.failures.saturating_sub(2).min(8)).min(BACKOFF_S.1)
    }

    /// Whether it has run at all.
    pub(super) fn has_run(&self) -> bool {
        matches!(self.doing, Doing::Running(_)) || self.last.is_some()
    }

    /// Its status as the API shows it; `idle` is the reason while nothing has happened yet.
    pub(super) fn status(&self, container: &Container, idle: &str, pod: &Meta) -> ContainerStatus {
        let mut status = ContainerStatus {
            name: container.name.clone(),
            image: self.image.clone(),
            restart_count: self.restarts,
            ready: self.ready,
            started: Some(matches!(self.doing, Doing::Running(_))),
            ..ContainerStatus::default()
        };
        let ended = |exit: &Exit| {
            ContainerState::terminated(
                exit.code,
                &exit.reason,
                Some(exit.started.whole_seconds()),
                exit.at,
            )
        };
        status.state = match &self.doing {
            Doing::Waiting | Doing::Pulling(_) | Doing::Starting(_) => {
                ContainerState::waiting(idle, "")
            }
            Doing::PullFailed(reason, message, _) | Doing::Unstartable(reason, message, _) => {
                ContainerState::waiting(reason, message.as_str())
            }
            Doing::Running(since) => ContainerState::running(*since),
            Doing::BackingOff(_) => {
                let (wait_s, name) = (self.backoff_s(), &container.name);
                let pod = format!("{}_{}({})", pod.name, pod.namespace, pod.uid);
                let message =
                    format!("back-off {wait_s}s restarting failed container={name} pod={pod}");
                ContainerState::waiting("CrashLoopBackOff", message)
            }
            Doing::Ended(exit, _) => ended(exit),
        };
        let shows_end = status.state.terminated.is_some();
        if let Some(exit) = self.last.as_ref().filter(|_| !shows_end) {
            status.last_state = ended(exit);
        }
        if self.has_run() {
            let hash = crate::cluster::hash::fnv1a_64(self.image.as_bytes());
            let digits = value::hex(hash);
            let digits = str::from_utf8(&digits).unwrap_or_default();
            status.image_id = value::concat(&[&self.image, "@sha256:", digits]);
        }
        status
    }
}

/// From a container's start to the first pass of its probes.
fn ready_after_ms(container: &Container) -> i64 {
    let first_pass = |probe: &Probe| {
        let tries = i64::from(probe.success_threshold.max(1)) - 1;
        // A probe is first run after its delay, and an application needs a moment to answer it.
        (i64::from(probe.initial_delay_s) + tries * i64::from(probe.period_s.max(1))) * 1000 + 500
    };
    let startup = container.startup_probe.as_deref().map_or(0, first_pass);
    startup + container.readiness_probe.as_deref().map_or(0, first_pass)
}

/// From an application's failure to the moment at which a probe counts as failed.
pub(super) fn fails_after_ms(probe: &Probe) -> i64 {
    i64::from(probe.failure_threshold.max(1)) * i64::from(probe.period_s.max(1)) * 1000
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::rc::Rc;

    use crate::cluster::controller::kubelet::program;

    fn life() -> (Container, ContainerLife) {
        let container = Container {
            name: "nginx".into(),
            image: "nginx".into(),
            ..Container::default()
        };
        let life = ContainerLife::new(&container, program::of(&container));
        (container, life)
    }

    #[test]
    fn backoff_grows_from_an_immediate_restart_to_five_minutes() {
        let (container, mut life) = life();
        let mut now = Time(0);
        let mut waits = Vec::new();
        for _ in 0..8 {
            life.start(&container, now);
            now = now.plus_s(2);
            life.end(1, "Error", true, now);
            let Doing::Ended(_, Next::Restart(at) | Next::BackOff(_, at)) = life.doing else {
                panic!("it is started again")
            };
            waits.push(at.ms_since(now) / 1000);
            now = at;
        }
        assert_eq!(waits, [1, 10, 20, 40, 80, 160, 300, 300]);
        // Ten minutes without a failure count as health.
        life.start(&container, now);
        life.end(1, "Error", true, now.plus_s(601));
        assert!(matches!(life.doing, Doing::Ended(_, Next::Restart(_))));
    }

    #[test]
    fn probes_hold_readiness_back() {
        let (mut container, mut life) = life();
        container.readiness_probe = Some(Rc::new(Probe {
            initial_delay_s: 5,
            period_s: 10,
            success_threshold: 1,
            ..Probe::default()
        }));
        life.start(&container, Time(0));
        assert_eq!((life.ready, life.ready_at), (false, Some(Time(5500))));
    }
}
