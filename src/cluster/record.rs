//! The causal log: who wrote what, when and because of what, and who stopped for which reason.
//!
//! Everything that is drawn, explained, compared or replayed is derived from these records.

use std::fmt;
use std::rc::Rc;

use super::object::{Object, ObjectKey};
use super::time::Time;
use super::value::Text;

/// Who acts. The names are those of the real components.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Component {
    /// The person.
    User,
    /// The API server itself, where it expires events.
    ApiServer,
    /// Places pods.
    Scheduler,
    /// Runs the pods of one node.
    Kubelet,
    /// Makes and deletes volumes.
    Provisioner,
    /// Keeps StatefulSets.
    StatefulSet,
    /// Keeps ReplicaSets.
    ReplicaSet,
    /// Keeps Deployments.
    Deployment,
    /// Binds claims to volumes.
    VolumeBinder,
    /// Keeps claims while pods use them.
    ClaimProtection,
    /// Keeps volumes while claims are bound to them.
    VolumeProtection,
    /// Grows volumes.
    VolumeExpander,
    /// Attaches volumes to nodes.
    AttachDetach,
    /// Lists the pods behind Services.
    EndpointSlice,
    /// Lists them in the old form.
    Endpoints,
    /// Deletes what has no owner any more.
    GarbageCollector,
    /// Watches over nodes.
    NodeLifecycle,
    /// Evicts pods from tainted nodes.
    TaintEviction,
    /// Removes pods of nodes that are gone.
    PodCollector,
    /// Empties namespaces that are deleted.
    Namespace,
    /// Gives every namespace its default account.
    ServiceAccount,
    /// Counts the pods under disruption budgets.
    Disruption,
}

impl Component {
    /// Every component.
    pub const ALL: &'static [Self] = &[
        Self::User,
        Self::ApiServer,
        Self::Scheduler,
        Self::Kubelet,
        Self::Provisioner,
        Self::StatefulSet,
        Self::ReplicaSet,
        Self::Deployment,
        Self::VolumeBinder,
        Self::ClaimProtection,
        Self::VolumeProtection,
        Self::VolumeExpander,
        Self::AttachDetach,
        Self::EndpointSlice,
        Self::Endpoints,
        Self::GarbageCollector,
        Self::NodeLifecycle,
        Self::TaintEviction,
        Self::PodCollector,
        Self::Namespace,
        Self::ServiceAccount,
        Self::Disruption,
    ];

    /// The name that the API server knows it by.
    pub fn name(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::ApiServer => "kube-apiserver",
            Self::Scheduler => "scheduler",
            Self::Kubelet => "kubelet",
            Self::Provisioner => "provisioner",
            Self::StatefulSet => "statefulset-controller",
            Self::ReplicaSet => "replicaset-controller",
            Self::Deployment => "deployment-controller",
            Self::VolumeBinder => "persistent-volume-binder",
            Self::ClaimProtection => "pvc-protection-controller",
            Self::VolumeProtection => "pv-protection-controller",
            Self::VolumeExpander => "expand-controller",
            Self::AttachDetach => "attachdetach-controller",
            Self::EndpointSlice => "endpointslice-controller",
            Self::Endpoints => "endpoint-controller",
            Self::GarbageCollector => "generic-garbage-collector",
            Self::NodeLifecycle => "node-controller",
            Self::TaintEviction => "taint-eviction-controller",
            Self::PodCollector => "pod-garbage-collector",
            Self::Namespace => "namespace-controller",
            Self::ServiceAccount => "service-account-controller",
            Self::Disruption => "disruption-controller",
        }
    }
}

impl fmt::Display for Component {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Position of a record in the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Seq(pub u32);

/// What led to a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Because {
    /// The cluster was set up.
    Start,
    /// Somebody asked for it: the number of the request, counted from 0.
    Request(u32),
    /// An earlier record woke the component.
    Record(Seq),
    /// Time passed: a resync, a back-off, a probe, a grace period.
    Clock,
}

/// What was done to an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verb {
    /// It is new.
    Created,
    /// It changed.
    Updated,
    /// Its deletion was asked for; it is still there.
    Deleting,
    /// It is gone.
    Removed,
}

/// The part of an object that a write went to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// The object itself.
    Main,
    /// Its status.
    Status,
    /// A pod's node.
    Binding,
    /// The number of replicas.
    Scale,
}

/// One write.
#[derive(Clone, Debug)]
pub struct Write {
    /// What was done.
    pub verb: Verb,
    /// To which part.
    pub part: Part,
    /// The object afterwards; what it last was, for `Removed`.
    pub object: Rc<Object>,
    /// The object before.
    pub before: Option<Rc<Object>>,
}

/// Why a component does nothing (more) for an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stop {
    /// The set waits until a pod is Running and Ready.
    PodNotReady(Text),
    /// The set waits until a pod is Available, at this time if it stays Ready.
    PodNotAvailable(Text, Option<Time>),
    /// The set waits until a pod is gone.
    PodTerminating(Text),
    /// The set has asked for the deletion of a pod and waits for it.
    PodDeleted(Text),
    /// The set has made a pod and waits for it.
    PodCreated(Text),
    /// The set waits until a claim that belonged to an earlier pod of this name is gone.
    StaleClaim(Text),
    /// A request of the component was refused.
    Refused(Refusal),
    /// The set is being deleted: it touches no pod.
    BeingDeleted,
    /// The set replaces none of its outdated pods by itself.
    OnDelete(Outdated),
    /// The set replaces none of its outdated pods below its partition.
    Partition(i32, Outdated),
    /// Everything is as it was asked for.
    Done,
    /// The claim has no class and no volume fits.
    NoVolume,
    /// The claim's class does not exist.
    NoClass(Text),
    /// The claim waits until a pod that uses it has a node.
    FirstConsumer,
    /// The claim waits for its volume to be made by a provisioner.
    Provisioning(Text),
    /// The claim names a volume that is missing or does not fit.
    VolumeUnfit(Text),
    /// The object stays while others use it.
    InUse(Vec<Text>),
    /// The object stays while so many depend on it.
    Dependents(usize),
    /// No node can take the pod, in the scheduler's words.
    Unschedulable(Text),
    /// The pod waits for a ConfigMap, a Secret or a claim.
    Missing(ObjectKey),
    /// The pod's image cannot be had.
    ImagePull(Text),
    /// The pod's container ended and is started again at this time.
    BackOff(Time),
    /// The pod's readiness probe fails.
    ProbeFails,
    /// The pod's volume is attached to another node.
    Attached(Text),
    /// The pod's node does not answer.
    NodeSilent(Text),
}

/// What was refused, and in which words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The name of the object that was to be written.
    pub object: Text,
    /// The server's words.
    pub message: Text,
}

/// How many pods are not of the newest revision.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outdated(pub i32);

/// What a record says.
#[derive(Clone, Debug)]
pub enum What {
    /// An object was written.
    Wrote(Write),
    /// A component stopped at an object. Said once, until it says something else.
    Stopped(Rc<Stopped>),
}

/// Where a component stopped, and why. Few records say it, and all the others shall be small.
#[derive(Clone, Debug)]
pub struct Stopped {
    /// The object.
    pub key: ObjectKey,
    /// Why.
    pub reason: Stop,
}

/// One entry of the log.
#[derive(Clone, Debug)]
pub struct Record {
    /// When.
    pub time: Time,
    /// Who.
    pub author: Component,
    /// Because of what.
    pub because: Because,
    /// What.
    pub what: What,
}

impl Record {
    /// The write, if it is one.
    pub fn write(&self) -> Option<&Write> {
        match &self.what {
            What::Wrote(write) => Some(write),
            What::Stopped(_) => None,
        }
    }
}

impl Verb {
    /// The word.
    pub fn name(self) -> &'static str {
        match self {
            Self::Created => "Created",
            Self::Updated => "Updated",
            Self::Deleting => "Deleting",
            Self::Removed => "Removed",
        }
    }
}

impl Part {
    /// The name of the subresource; empty for the object itself.
    pub fn name(self) -> &'static str {
        match self {
            Self::Main => "",
            Self::Status => "status",
            Self::Binding => "binding",
            Self::Scale => "scale",
        }
    }
}
