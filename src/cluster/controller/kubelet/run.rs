//! From the sandbox to running containers, and what becomes of them (reference 5.2, 5.4 to 5.6).

use super::Kubelet;
use super::container::{ContainerLife, Doing, Next, fails_after_ms};
use super::life::{Life, Stage};
use super::mounts::{self, Blocked};
use super::registry::{self, Pull};
use crate::cluster::api::{Api, Says};
use crate::cluster::object::pod_spec::{Container, Probe};
use crate::cluster::object::{ObjectKey, Pod};
use crate::cluster::record::{Component, Stop};
use crate::cluster::value::{Text, concat};

/// How often what keeps volumes away is looked at again. The kubelet's own wait is 2 min 3 s; objects that come up
/// wake it sooner here.
const BLOCKED_RETRY_S: i64 = 30;
/// To look whether a pulled image is still the newest.
const RECHECK_MS: i64 = 150;

/// Everything about one container that its next step needs.
struct Step<'a> {
    key: &'a ObjectKey,
    pod: &'a Pod,
    container: &'a Container,
    field: Text,
    /// Whether its end starts it again.
    again: bool,
    answers: bool,
}

impl Kubelet {
    /// Does what is due for a pod that shall run.
    pub(super) fn advance(&mut self, key: &ObjectKey, pod: &Pod, api: &mut Api) {
        let Some(mut life) = self.lives.remove(key) else {
            return;
        };
        if let Stage::Preparing(until) = life.stage
            && until <= api.now
        {
            self.prepare(key, pod, &mut life, api);
        }
        if let Stage::Init(_) = life.stage {
            self.initialize(key, pod, &mut life, api);
        }
        if life.stage == Stage::Main {
            self.run_all(key, pod, &mut life, api);
        }
        self.lives.insert(key.clone(), life);
    }

    /// Mounts the volumes, or says why they cannot be mounted.
    fn prepare(&mut self, key: &ObjectKey, pod: &Pod, life: &mut Life, api: &mut Api) {
        if let Some(blocked) = mounts::check(pod, &self.attached, api) {
            life.stage = Stage::Preparing(api.now.plus_s(BLOCKED_RETRY_S));
            let (who, reason, message, stop) = match blocked {
                Blocked::Missing { object, message } => {
                    let stop = Stop::Missing(object);
                    (Component::Kubelet, "FailedMount", message, stop)
                }
                // Attaching is not the kubelet's.
                Blocked::Attached { volume, message } => {
                    let stop = Stop::Attached(volume);
                    (Component::AttachDetach, "FailedAttachVolume", message, stop)
                }
            };
            if life.said.as_ref() != Some(&message) {
                api.say_as(who, pod, Says::warning(reason, message.clone()));
                life.said = Some(message);
                self.blocked.insert(key.clone());
            }
            api.stop(key, stop);
            return;
        }
        if life.said.take().is_some() {
            self.blocked.remove(key);
        }
        self.attached.attach(pod, api);
        life.stage = if life.inits.is_empty() {
            Stage::Main
        } else {
            Stage::Init(0)
        };
    }

    /// Runs init containers one after the other; sidecars stay and let the next one begin.
    fn initialize(&mut self, key: &ObjectKey, pod: &Pod, life: &mut Life, api: &mut Api) {
        while let Stage::Init(index) = life.stage {
            let (Some(container), Some(mut one)) = (
                pod.spec.init_containers.get(index),
                life.inits.get(index).cloned(),
            ) else {
                life.stage = Stage::Main;
                return;
            };
            let sidecar = Life::is_sidecar(pod, index);
            if !sidecar && one.program.ends.is_none() {
                // An init container does its work and ends; how long it takes is ours to say.
                one.program.ends = Some((api.config.latency.init_ms, 0));
            }
            let again = sidecar || &*pod.spec.restart_policy != "Never";
            let step = self.step_of(
                key,
                pod,
                container,
                "spec.initContainers",
                again,
                life.answers,
            );
            self.step(&step, &mut one, api);
            let done = match &one.doing {
                Doing::Running(_) => sidecar,
                Doing::Ended(exit, _) => !sidecar && exit.code == 0,
                _ => false,
            };
            if let (Doing::Ended(exit, next), false) = (&mut one.doing, sidecar)
                && exit.code == 0
            {
                *next = Next::Nothing;
                one.ready = true;
            }
            if let Some(slot) = life.inits.get_mut(index) {
                *slot = one;
            }
            if !done {
                return;
            }
            life.stage = if index + 1 < life.inits.len() {
                Stage::Init(index + 1)
            } else {
                Stage::Main
            };
        }
    }

    fn run_all(&mut self, key: &ObjectKey, pod: &Pod, life: &mut Life, api: &mut Api) {
        let again = &*pod.spec.restart_policy != "Never";
        let answers = life.answers;
        for (container, one) in pod.spec.containers.iter().zip(&mut life.containers) {
            let step = self.step_of(key, pod, container, "spec.containers", again, answers);
            self.step(&step, one, api);
            // OnFailure leaves alone what ended well.
            if let Doing::Ended(exit, next) = &mut one.doing
                && exit.code == 0
                && &*pod.spec.restart_policy == "OnFailure"
            {
                *next = Next::Nothing;
            }
        }
        for (index, container) in pod
            .spec
            .init_containers
            .iter()
            .enumerate()
            .filter(|(index, _)| Life::is_sidecar(pod, *index))
        {
            let step = self.step_of(key, pod, container, "spec.initContainers", true, answers);
            if let Some(one) = life.inits.get_mut(index) {
                self.step(&step, one, api);
            }
        }
    }

    fn step_of<'a>(
        &self,
        key: &'a ObjectKey,
        pod: &'a Pod,
        container: &'a Container,
        field: &str,
        again: bool,
        answers: bool,
    ) -> Step<'a> {
        let field = concat(&[field, "{", &container.name, "}"]);
        Step {
            key,
            pod,
            container,
            field,
            again,
            answers,
        }
    }

    /// Does what is due for one container.
    fn step(&mut self, step: &Step<'_>, life: &mut ContainerLife, api: &mut Api) {
        // Bounded: every turn either ends or moves on in time.
        for _ in 0..8 {
            let now = api.now;
            match life.doing.clone() {
                Doing::Waiting => self.begin(step, life, api),
                Doing::Pulling(until) if until <= now => self.finish_pull(step, life, api),
                Doing::PullFailed(..) if life.image != step.container.image => {
                    // The image of the pod was changed: a new try at once.
                    life.image = step.container.image.clone();
                    life.pull_failures = 0;
                    life.doing = Doing::Waiting;
                }
                Doing::PullFailed("ErrImagePull", message, at) if at <= now => {
                    back_off_pull(step, life, &message, api);
                }
                Doing::PullFailed(_, _, at) if at <= now => self.begin(step, life, api),
                Doing::Unstartable(_, _, at) if at <= now => self.begin(step, life, api),
                Doing::Starting(until) if until <= now => {
                    life.start(step.container, now);
                    say(step, "Started", Text::new_static("Container started"), api);
                }
                Doing::Running(since) => {
                    if !self.watch(step, life, since, api) {
                        return;
                    }
                }
                Doing::Ended(_, Next::Restart(at)) if at <= now => {
                    life.restarts += 1;
                    self.begin(step, life, api);
                }
                Doing::Ended(_, Next::BackOff(from, until)) if from <= now => {
                    life.doing = Doing::BackingOff(until);
                    let (pod, container) = (step.pod, &step.container.name);
                    let message = format!(
                        "Back-off restarting failed container {container} in pod {}_{}({})",
                        pod.meta.name, pod.meta.namespace, pod.meta.uid
                    );
                    warn(step, "BackOff", message, api);
                    api.stop(step.key, Stop::BackOff(until));
                }
                Doing::BackingOff(until) if until <= now => {
                    life.restarts += 1;
                    self.begin(step, life, api);
                }
                _ => return,
            }
        }
    }

    /// Brings the image, or finds it on the node.
    fn begin(&mut self, step: &Step<'_>, life: &mut ContainerLife, api: &mut Api) {
        life.image = step.container.image.clone();
        let image = &step.container.image;
        let node = &step.pod.spec.node_name;
        let on_node = self
            .images
            .get(node)
            .is_some_and(|images| images.contains(image));
        let policy = &*step.container.image_pull_policy;
        match (policy, on_node) {
            ("IfNotPresent" | "Never", true) => {
                let message = concat(&[
                    "Container image ",
                    &quoted(image),
                    " already present on machine and can be accessed by the pod",
                ]);
                say(step, "Pulled", message, api);
                self.create(step, life, api);
            }
            ("Never", false) => {
                let message =
                    format!("Container image {image:?} is not present with pull policy of Never");
                warn(step, "ErrImageNeverPull", message.clone(), api);
                life.doing = Doing::Unstartable("ErrImageNeverPull", message, api.now.plus_s(10));
                api.stop(step.key, Stop::ImagePull(image.clone()));
            }
            _ => match registry::look_up(image, &self.lost_images) {
                Pull::InvalidName(message) => {
                    warn(step, "InspectFailed", message.clone(), api);
                    life.doing =
                        Doing::Unstartable("InvalidImageName", message, api.now.plus_s(30));
                    api.stop(step.key, Stop::ImagePull(image.clone()));
                }
                _ => {
                    say(step, "Pulling", format!("Pulling image {image:?}"), api);
                    let wait_ms = if on_node {
                        RECHECK_MS
                    } else {
                        api.config.latency.pull_ms
                    };
                    life.doing = Doing::Pulling(api.now.plus_ms(wait_ms));
                }
            },
        }
    }

    fn finish_pull(&mut self, step: &Step<'_>, life: &mut ContainerLife, api: &mut Api) {
        let image = &step.container.image;
        if let Pull::Missing(error) = registry::look_up(image, &self.lost_images) {
            warn(
                step,
                "Failed",
                format!("Failed to pull image {image:?}: {error}"),
                api,
            );
            warn(step, "Failed", "Error: ErrImagePull".to_owned(), api);
            life.pull_failures += 1;
            // The error shows for a moment before the wait does.
            life.doing = Doing::PullFailed("ErrImagePull", error, api.now.plus_s(2));
            api.stop(step.key, Stop::ImagePull(image.clone()));
            return;
        }
        let took_ms = api.config.latency.pull_ms;
        let took = format!("{}.{:03}s", took_ms / 1000, took_ms % 1000);
        let size = registry::size(image);
        let message = format!(
            "Successfully pulled image {image:?} in {took} ({took} including waiting). Image size: {size} bytes."
        );
        say(step, "Pulled", message, api);
        life.pull_failures = 0;
        self.images
            .entry(step.pod.spec.node_name.clone())
            .or_default()
            .insert(image.clone());
        self.create(step, life, api);
    }

    /// Makes the container, unless its environment cannot be had.
    fn create(&mut self, step: &Step<'_>, life: &mut ContainerLife, api: &mut Api) {
        if let Some(lacking) = mounts::check_environment(step.pod, step.container, api) {
            warn(step, "Failed", format!("Error: {lacking}"), api);
            life.doing =
                Doing::Unstartable("CreateContainerConfigError", lacking, api.now.plus_s(10));
            return;
        }
        say(step, "Created", Text::new_static("Container created"), api);
        life.doing = Doing::Starting(api.now.plus_ms(api.config.latency.start_ms));
    }

    /// Looks after a container that runs; `false` when nothing more is due.
    fn watch(
        &mut self,
        step: &Step<'_>,
        life: &mut ContainerLife,
        since: crate::cluster::time::Time,
        api: &mut Api,
    ) -> bool {
        let now = api.now;
        let told = life.ends_now.take();
        let by_itself = life
            .program
            .ends
            .filter(|(ms, _)| since.plus_ms(*ms) <= now);
        if let Some(code) = told.or(by_itself.map(|(_, code)| code)) {
            let reason = if code == 0 { "Completed" } else { "Error" };
            life.end(code, reason, step.again, now);
            return true;
        }
        if life.image != step.container.image {
            let message = format!(
                "Container {} definition changed, will be restarted",
                step.container.name
            );
            say(step, "Killing", message, api);
            life.end(life.program.on_term.unwrap_or(137), "Completed", true, now);
            return true;
        }
        self.probe(step, life, api)
    }

    /// Readiness and liveness, as far as they are due.
    fn probe(&mut self, step: &Step<'_>, life: &mut ContainerLife, api: &mut Api) -> bool {
        let now = api.now;
        let readiness = step.container.readiness_probe.as_deref();
        let liveness = step.container.liveness_probe.as_deref();
        if step.answers {
            life.unready_at = None;
            if !life.ready && life.ready_at.is_none() {
                life.ready_at = Some(now);
            }
            if life.ready_at.is_some_and(|at| at <= now) {
                life.ready = true;
                life.ready_at = None;
            }
            return false;
        }
        // The application does not answer: each probe fails after its own number of tries.
        life.ready_at = life.ready_at.filter(|_| readiness.is_none());
        let first = [readiness, liveness]
            .into_iter()
            .flatten()
            .map(fails_after_ms)
            .min();
        let Some(after_ms) = first else { return false };
        let due = *life.unready_at.get_or_insert(now.plus_ms(after_ms));
        if due > now {
            return false;
        }
        if let Some(probe) = readiness.filter(|_| life.ready) {
            life.ready = false;
            let refused = refused(probe, step.pod);
            warn(
                step,
                "Unhealthy",
                format!("Readiness probe failed: {refused}"),
                api,
            );
            api.stop(step.key, Stop::ProbeFails);
        }
        let is_dead = |probe: &&Probe| now >= due.plus_ms(fails_after_ms(probe) - after_ms);
        if let Some(probe) = liveness.filter(is_dead) {
            let refused = refused(probe, step.pod);
            warn(
                step,
                "Unhealthy",
                format!("Liveness probe failed: {refused}"),
                api,
            );
            let message = format!(
                "Container {} failed liveness probe, will be restarted",
                step.container.name
            );
            say(step, "Killing", message, api);
            life.end(life.program.on_term.unwrap_or(137), "Error", true, now);
            return true;
        }
        // Comes again for the probe that is still to fail, or to look whether the application is back.
        life.unready_at = Some(
            now.plus_s(
                readiness
                    .or(liveness)
                    .map_or(10, |probe| i64::from(probe.period_s.max(1))),
            ),
        );
        false
    }
}

/// What a probe finds of an application that does not answer (reference 9). A program says nothing of its own.
fn refused(probe: &Probe, pod: &Pod) -> String {
    let port = probe
        .tcp_socket
        .as_ref()
        .and_then(|it| it.get("port")?.as_int());
    match (&probe.http_get, &probe.tcp_socket) {
        (Some(_), _) => "HTTP probe failed with statuscode: 503".to_owned(),
        (None, Some(_)) => format!(
            "dial tcp {}:{}: connect: connection refused",
            pod.status.pod_ip,
            port.unwrap_or_default()
        ),
        (None, None) => String::new(),
    }
}

/// The wait after a pull that failed.
fn back_off_pull(step: &Step<'_>, life: &mut ContainerLife, error: &str, api: &mut Api) {
    let image = &step.container.image;
    say(
        step,
        "BackOff",
        format!("Back-off pulling image {image:?}"),
        api,
    );
    warn(step, "Failed", "Error: ImagePullBackOff".to_owned(), api);
    let message = format!("Back-off pulling image {image:?}: ErrImagePull: {error}");
    life.doing = Doing::PullFailed(
        "ImagePullBackOff",
        message,
        api.now.plus_s(life.pull_wait_s()),
    );
}

/// A text in quotes, as Go's `%q` writes it.
fn quoted(text: &str) -> Text {
    let is_plain = |byte: u8| matches!(byte, b' '..=b'~') && byte != b'"' && byte != b'\\';
    match text.bytes().all(is_plain) {
        true => concat(&["\"", text, "\""]),
        false => format!("{text:?}").into(),
    }
}

fn say(step: &Step<'_>, reason: &'static str, message: impl Into<Text>, api: &mut Api) {
    let says = Says {
        warning: false,
        reason,
        message: message.into(),
        field: &step.field,
    };
    api.say(step.pod, says);
}

fn warn(step: &Step<'_>, reason: &'static str, message: impl Into<Text>, api: &mut Api) {
    let says = Says {
        warning: true,
        reason,
        message: message.into(),
        field: &step.field,
    };
    api.say(step.pod, says);
}
