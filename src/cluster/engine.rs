//! The cluster as a whole: the API server, the queue and the components that run.
//!
//! Owns the loop: a request is made, its writes wake components, time moves on to the next thing
//! that is due, the component works on its key, and so on.

use std::rc::Rc;

use super::api::Api;
use super::config::Config;
use super::controller::deployment::DeploymentController;
use super::controller::disruption::DisruptionController;
use super::controller::endpoint_slice::EndpointSliceController;
use super::controller::endpoints::EndpointsController;
use super::controller::garbage_collector::GarbageCollector;
use super::controller::kubelet::Kubelet;
use super::controller::namespace::{NamespaceController, ServiceAccountController};
use super::controller::node_lifecycle::NodeLifecycle;
use super::controller::pod_collector::PodCollector;
use super::controller::protection::{ClaimProtection, VolumeProtection};
use super::controller::provisioner::Provisioner;
use super::controller::replica_set::ReplicaSetController;
use super::controller::scheduler::Scheduler;
use super::controller::stateful_set::StatefulSetController;
use super::controller::taint_eviction::TaintEviction;
use super::controller::volume_binder::{self, VolumeBinder};
use super::controller::volume_expander::VolumeExpander;
use super::controller::{Controller as _, Outcome, Wake};
use super::disk::Disks;
use super::net::Request;
use super::object::Kind;
use super::queue::{Queue, Task};
use super::record::{Because, Component, Record, Seq};
use super::setup;
use super::sorted::SortedMap;
use super::time::Time;
use super::value::Text;

/// Kinds as the bits of a number.
const fn set_of(kinds: &[Kind]) -> u32 {
    let (mut set, mut at) = (0, 0);
    while at < kinds.len() {
        set |= 1 << kinds[at] as u32;
        at += 1;
    }
    set
}

macro_rules! controllers {
    ($($(#[$meta:meta])* $field:ident: $type:ty,)*) => {
        /// The components that act by themselves, each with what it remembers.
        #[derive(Clone, Debug, Default)]
        pub struct Controllers {
            $( $(#[$meta])* pub $field: $type, )*
        }

        impl Controllers {
            /// Lets every component see a write.
            fn observe(&mut self, api: &Api, record: &Record, because: Because, queue: &mut Queue) {
                let Some(write) = record.write() else { return };
                let kind = write.object.kind();
                // Events are for people: no controller watches them.
                if kind == Kind::Event {
                    return;
                }
                let all_run = api.config.absent.is_empty();
                $(
                    if const { set_of(<$type>::WATCHES) } >> kind as u32 & 1 == 1
                        && (all_run || api.config.runs(<$type>::COMPONENT))
                    {
                        let component = <$type>::COMPONENT;
                        let mut wake = Wake::new(queue, component, api.now, because, record.author);
                        self.$field.observe(write, api, &mut wake);
                    }
                )*
            }

            /// Lets a component work on a key.
            fn sync(&mut self, task: &Task, api: &mut Api, queue: &mut Queue) -> Outcome {
                let mut wake = Wake::new(queue, task.component, api.now, task.because, task.component);
                match task.component {
                    $( component if component == <$type>::COMPONENT => {
                        self.$field.sync(&task.key, api, &mut wake)
                    } )*
                    _ => Outcome::Done,
                }
            }
        }
    };
}

controllers! {
    /// StatefulSets.
    stateful_set: StatefulSetController,
    /// ReplicaSets.
    replica_set: ReplicaSetController,
    /// Deployments.
    deployment: DeploymentController,
    /// Claims and volumes.
    volume_binder: VolumeBinder,
    /// Volumes of the standard class.
    provisioner: Provisioner,
    /// Claims in use.
    claim_protection: ClaimProtection,
    /// Volumes in use.
    volume_protection: VolumeProtection,
    /// Claims that grow.
    volume_expander: VolumeExpander,
    /// Services.
    endpoint_slice: EndpointSliceController,
    /// Services, in the old form.
    endpoints: EndpointsController,
    /// Owners.
    garbage_collector: GarbageCollector,
    /// Namespaces that go.
    namespace: NamespaceController,
    /// Namespaces that come.
    service_account: ServiceAccountController,
    /// Nodes that fall silent.
    node_lifecycle: NodeLifecycle,
    /// Pods on tainted nodes.
    taint_eviction: TaintEviction,
    /// Pods that nobody will confirm.
    pod_collector: PodCollector,
    /// Budgets.
    disruption: DisruptionController,
    /// Pods without a node.
    scheduler: Scheduler,
    /// Pods on their nodes.
    kubelet: Kubelet,
}

/// A simulated cluster.
///
/// Its state at any instant is a function of its configuration and of the requests made so far.
///
/// ```
/// use ordinal::cluster::{Cluster, config::Config, object::Kind};
///
/// let mut cluster = Cluster::new(Config::page(1));
/// cluster.run_for(1000);
/// assert_eq!(cluster.api.store.count(Kind::Node), 3);
/// ```
#[derive(Clone, Debug)]
pub struct Cluster {
    /// The API server.
    pub api: Api,
    /// The components.
    pub controllers: Controllers,
    /// The files on volumes and in containers.
    pub disks: Disks,
    /// The requests that pods have answered, by time.
    pub requests_made: Vec<Request>,
    /// What the programs of containers have printed, by container and restart.
    pub(super) printed: SortedMap<Text, Vec<(Time, String)>>,
    queue: Queue,
    seen: usize,
    requests: u32,
}

impl Cluster {
    /// Sets a cluster up: namespaces, nodes, the standard class.
    pub fn new(config: Config) -> Self {
        let mut api = Api::new(Rc::new(config));
        setup::furnish(&mut api);
        let mut cluster = Self {
            api,
            controllers: Controllers::default(),
            disks: Disks::default(),
            requests_made: Vec::new(),
            printed: SortedMap::new(),
            queue: Queue::default(),
            seen: 0,
            requests: 0,
        };
        let first_round = cluster
            .now()
            .plus_ms(cluster.api.config.latency.binder_first_resync_ms);
        let binder = Component::VolumeBinder;
        cluster
            .queue
            .add_later(first_round, binder, volume_binder::resync_key());
        cluster.dispatch();
        cluster
    }

    /// The cluster's clock.
    pub fn now(&self) -> Time {
        self.api.now
    }

    /// Milliseconds since the cluster was set up.
    pub fn elapsed_ms(&self) -> i64 {
        self.now().ms_since(self.api.config.epoch)
    }

    /// Makes requests in the name of a component, at the present instant.
    pub fn request<T>(&mut self, author: Component, request: impl FnOnce(&mut Api) -> T) -> T {
        let because = Because::Request(self.requests);
        self.requests += 1;
        self.api.act_as(author, because);
        let answer = request(&mut self.api);
        self.dispatch();
        answer
    }

    /// Tells a component something that no object says: a fault, or its end.
    pub(super) fn tell<T>(
        &mut self,
        component: Component,
        news: impl FnOnce(&mut Controllers, &Api, &mut Wake<'_>) -> T,
    ) -> T {
        let because = Because::Request(self.requests);
        self.requests += 1;
        let mut wake = Wake::new(
            &mut self.queue,
            component,
            self.api.now,
            because,
            Component::User,
        );
        news(&mut self.controllers, &self.api, &mut wake)
    }

    /// Lets the components see what was written since they last looked.
    fn dispatch(&mut self) {
        while let Some(record) = self.api.log.get(self.seen) {
            let because = Because::Record(Seq(u32::try_from(self.seen).unwrap_or(u32::MAX)));
            self.seen += 1;
            self.controllers
                .observe(&self.api, record, because, &mut self.queue);
        }
    }

    /// When the next thing is due by itself.
    pub fn next_due(&self) -> Option<Time> {
        self.queue
            .next_due()
            .into_iter()
            .chain(self.api.next_expiry())
            .min()
    }

    /// Does the next thing that is due by then; `false` if there is none.
    pub fn step(&mut self, by: Time) -> bool {
        let expiry = self.api.next_expiry().filter(|due| *due <= by);
        if let Some(due) = expiry.filter(|due| self.queue.next_due().is_none_or(|next| *due < next))
        {
            self.api.now = self.api.now.max(due);
            self.api.act_as(Component::ApiServer, Because::Clock);
            self.api.expire_events();
            self.dispatch();
            return true;
        }
        let Some((due, task)) = self.queue.pop(by) else {
            return false;
        };
        self.api.now = self.api.now.max(due);
        self.api.act_as(task.component, task.because);
        let outcome = self.controllers.sync(&task, &mut self.api, &mut self.queue);
        match outcome {
            Outcome::Done => self.queue.forget(task.component, &task.key),
            Outcome::Unfinished => {}
            Outcome::Retry => self.queue.retry(self.api.now, task.component, task.key),
        }
        self.dispatch();
        true
    }

    /// Lets time pass until an instant.
    pub fn run_until(&mut self, until: Time) {
        while self.step(until) {}
        self.api.now = self.api.now.max(until);
    }

    /// Sets the clock to an instant at which nothing is due yet.
    pub fn set_clock(&mut self, now: Time) {
        self.run_until(now.plus_ms(-1));
        self.api.now = self.api.now.max(now);
    }

    /// Lets so many milliseconds pass.
    pub fn run_for(&mut self, ms: i64) {
        self.run_until(self.now().plus_ms(ms));
    }

    /// What waits in the queue, in its order.
    pub fn waiting(&self) -> impl Iterator<Item = (Time, &Task)> {
        self.queue.waiting()
    }

    /// Compares everything that is remembered for speed with a plain search.
    pub fn check(&self) -> Result<(), String> {
        self.api.store.check_indexes()?;
        self.controllers.stateful_set.check(&self.api)?;
        self.controllers.volume_binder.check(&self.api)?;
        self.controllers.endpoint_slice.check(&self.api)?;
        self.controllers.endpoints.check()?;
        self.controllers.scheduler.check(&self.api)
    }
}
