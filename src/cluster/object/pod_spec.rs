//! PodSpec, its containers and volumes, and the template that controllers make pods from.

use crate::cluster::sorted::SortedMap;
use std::rc::Rc;

use super::affinity::Affinity;
use super::meta::Labels;
use crate::cluster::json::IntOrString;
use crate::cluster::quantity::Quantity;
use crate::cluster::value::{Text, Value};
use crate::json_struct;

json_struct! {
    /// What pods are made from.
    pub struct PodTemplateSpec {
        /// Labels and annotations of the pods.
        meta: TemplateMeta = "metadata" always,
        /// Their spec.
        spec: Rc<PodSpec> = "spec" always,
    }
}

json_struct! {
    /// The metadata of a template: what of it pods take over.
    pub struct TemplateMeta {
        /// A name, which nothing uses.
        name: Text = "name",
        /// Labels of the pods.
        labels: Labels = "labels",
        /// Annotations of the pods.
        annotations: Labels = "annotations",
        /// Finalizers of the pods.
        finalizers: Rc<[Text]> = "finalizers",
    }
}

json_struct! {
    /// What a pod shall be.
    pub struct PodSpec {
        /// Volumes that containers mount.
        volumes: Rc<[Volume]> = "volumes",
        /// Containers that run one after the other before the others start.
        init_containers: Rc<[Container]> = "initContainers",
        /// The containers.
        containers: Rc<[Container]> = "containers" always,
        /// `Always`, `OnFailure` or `Never`.
        restart_policy: Text = "restartPolicy",
        /// Seconds between the request to stop and the kill.
        termination_grace_period_s: Option<i64> = "terminationGracePeriodSeconds",
        /// Seconds the pod may run at all.
        active_deadline_s: Option<i64> = "activeDeadlineSeconds",
        /// How names are looked up.
        dns_policy: Text = "dnsPolicy",
        /// Labels that the node must have.
        node_selector: Labels = "nodeSelector",
        /// The account it runs as.
        service_account_name: Text = "serviceAccountName",
        /// The same, by its old name.
        service_account: Text = "serviceAccount",
        /// Whether the account's token is mounted; absent means yes.
        automount_token: Option<bool> = "automountServiceAccountToken",
        /// The node, once it is chosen.
        node_name: Text = "nodeName",
        /// Whether it uses the node's own network.
        host_network: bool = "hostNetwork",
        /// Settings of the pod as a whole.
        security_context: Option<Value> = "securityContext",
        /// The host name inside the pod.
        hostname: Text = "hostname",
        /// The Service whose DNS entries name the pod.
        subdomain: Text = "subdomain",
        /// Nodes and pods that it wants to be near to or away from.
        affinity: Option<Rc<Affinity>> = "affinity",
        /// The scheduler that shall place it.
        scheduler_name: Text = "schedulerName",
        /// Taints that it bears.
        tolerations: Rc<[Toleration]> = "tolerations",
        /// Further conditions for being Ready.
        readiness_gates: Vec<ReadinessGate> = "readinessGates",
        /// What must be lifted before it is scheduled.
        scheduling_gates: Vec<SchedulingGate> = "schedulingGates",
        /// The class of its priority.
        priority_class_name: Text = "priorityClassName",
        /// Its priority.
        priority: Option<i32> = "priority",
        /// Whether it may push out others.
        preemption_policy: Option<Text> = "preemptionPolicy",
        /// Whether Services are put into the environment.
        enable_service_links: Option<bool> = "enableServiceLinks",
    }
}

json_struct! {
    /// One container.
    pub struct Container {
        /// Its name, unique in the pod.
        name: Text = "name" always,
        /// Its image.
        image: Text = "image",
        /// The program; the image's own if empty.
        command: Vec<Text> = "command",
        /// Its arguments.
        args: Vec<Text> = "args",
        /// Ports that it listens on.
        ports: Vec<ContainerPort> = "ports",
        /// Sources of many environment variables.
        env_from: Vec<EnvFrom> = "envFrom",
        /// Environment variables.
        env: Vec<EnvVar> = "env",
        /// What it needs and may use.
        resources: ResourceRequirements = "resources" always,
        /// `Always` makes an init container a sidecar.
        restart_policy: Option<Text> = "restartPolicy",
        /// Where volumes are mounted.
        volume_mounts: Vec<VolumeMount> = "volumeMounts",
        /// Where block volumes are attached.
        volume_devices: Vec<VolumeDevice> = "volumeDevices",
        /// When it is to be restarted.
        liveness_probe: Option<Rc<Probe>> = "livenessProbe",
        /// When it is ready.
        readiness_probe: Option<Rc<Probe>> = "readinessProbe",
        /// When it has started.
        startup_probe: Option<Rc<Probe>> = "startupProbe",
        /// What runs after its start and before its stop.
        lifecycle: Option<Rc<Lifecycle>> = "lifecycle",
        /// Where it leaves its last words.
        termination_message_path: Text = "terminationMessagePath",
        /// Where its last words come from.
        termination_message_policy: Text = "terminationMessagePolicy",
        /// `Always`, `IfNotPresent` or `Never`.
        image_pull_policy: Text = "imagePullPolicy",
        /// Whether it keeps its input open.
        stdin: bool = "stdin",
        /// Whether it has a terminal.
        tty: bool = "tty",
    }
}

json_struct! {
    /// One port of a container.
    pub struct ContainerPort {
        /// The port's name.
        name: Text = "name",
        /// The same port on the node.
        host_port: i32 = "hostPort",
        /// The port.
        container_port: i32 = "containerPort" always,
        /// TCP, UDP or SCTP.
        protocol: Text = "protocol",
    }
}

json_struct! {
    /// One environment variable.
    pub struct EnvVar {
        /// Its name.
        name: Text = "name" always,
        /// Its value.
        value: Text = "value",
        /// Where its value comes from.
        value_from: Option<EnvVarSource> = "valueFrom",
    }
}

json_struct! {
    /// Where the value of an environment variable comes from.
    pub struct EnvVarSource {
        /// A field of the pod.
        field_ref: Option<FieldRef> = "fieldRef",
        /// A key of a ConfigMap.
        config_map_key: Option<KeySelector> = "configMapKeyRef",
        /// A key of a Secret.
        secret_key: Option<KeySelector> = "secretKeyRef",
    }
}

json_struct! {
    /// A field of the pod.
    pub struct FieldRef {
        /// The version of the path.
        api_version: Text = "apiVersion",
        /// `metadata.name` and the like.
        field_path: Text = "fieldPath" always,
    }
}

json_struct! {
    /// One key of a ConfigMap or Secret.
    pub struct KeySelector {
        /// The object's name.
        name: Text = "name",
        /// The key.
        key: Text = "key" always,
        /// Whether it may be missing.
        optional: Option<bool> = "optional",
    }
}

json_struct! {
    /// A source of many environment variables.
    pub struct EnvFrom {
        /// Put before every name.
        prefix: Text = "prefix",
        /// A ConfigMap.
        config_map: Option<LocalRef> = "configMapRef",
        /// A Secret.
        secret: Option<LocalRef> = "secretRef",
    }
}

json_struct! {
    /// An object of the same namespace.
    pub struct LocalRef {
        /// Its name.
        name: Text = "name",
        /// Whether it may be missing.
        optional: Option<bool> = "optional",
    }
}

json_struct! {
    /// What a container needs and may use.
    pub struct ResourceRequirements {
        /// The most it may use.
        limits: SortedMap<Text, Quantity> = "limits",
        /// What it needs.
        requests: SortedMap<Text, Quantity> = "requests",
    }
}

json_struct! {
    /// Where a volume is mounted.
    pub struct VolumeMount {
        /// The volume's name.
        name: Text = "name" always,
        /// Whether it can be written.
        read_only: bool = "readOnly",
        /// The path.
        mount_path: Text = "mountPath" always,
    }
}

json_struct! {
    /// Where a block volume is attached.
    pub struct VolumeDevice {
        /// The volume's name.
        name: Text = "name" always,
        /// The device's path.
        device_path: Text = "devicePath" always,
    }
}

json_struct! {
    /// How the kubelet asks a container how it is. What it asks with is kept, not run.
    pub struct Probe {
        /// A request.
        http_get: Option<HttpGet> = "httpGet",
        /// A connection.
        tcp_socket: Option<Value> = "tcpSocket",
        /// A program.
        exec: Option<Value> = "exec",
        /// A gRPC call.
        grpc: Option<Value> = "grpc",
        /// Seconds before the first try.
        initial_delay_s: i32 = "initialDelaySeconds",
        /// Seconds a try may take.
        timeout_s: i32 = "timeoutSeconds",
        /// Seconds between tries.
        period_s: i32 = "periodSeconds",
        /// Good tries in a row that make it good.
        success_threshold: i32 = "successThreshold",
        /// Bad tries in a row that make it bad.
        failure_threshold: i32 = "failureThreshold",
    }
}

json_struct! {
    /// A request to a container.
    pub struct HttpGet {
        /// The path.
        path: Text = "path",
        /// The port, by number or name.
        port: IntOrString = "port" always,
        /// HTTP or HTTPS.
        scheme: Text = "scheme",
    }
}

json_struct! {
    /// What runs after a container's start and before its stop.
    pub struct Lifecycle {
        /// After the start.
        post_start: Option<Value> = "postStart",
        /// Before the stop.
        pre_stop: Option<Value> = "preStop",
    }
}

json_struct! {
    /// A taint that a pod bears.
    pub struct Toleration {
        /// The taint's key; empty means every one.
        key: Text = "key",
        /// `Exists` or `Equal`.
        operator: Text = "operator",
        /// The taint's value for `Equal`.
        value: Text = "value",
        /// The taint's effect; empty means every one.
        effect: Text = "effect",
        /// For `NoExecute`: how long; absent means for ever.
        toleration_s: Option<i64> = "tolerationSeconds",
    }
}

json_struct! {
    /// A further condition for being Ready.
    pub struct ReadinessGate {
        /// The condition's type.
        condition: Text = "conditionType" always,
    }
}

json_struct! {
    /// What must be lifted before a pod is scheduled.
    pub struct SchedulingGate {
        /// Its name.
        name: Text = "name" always,
    }
}

json_struct! {
    /// One volume of a pod. Sources that the engine does not know stay in `rest`.
    pub struct Volume {
        /// Its name, unique in the pod.
        name: Text = "name" always,
        /// A claim.
        claim: Option<ClaimSource> = "persistentVolumeClaim",
        /// A directory that lives as long as the pod.
        empty_dir: Option<Value> = "emptyDir",
        /// The keys of a ConfigMap as files.
        config_map: Option<Rc<ConfigMapSource>> = "configMap",
        /// The keys of a Secret as files.
        secret: Option<Rc<SecretSource>> = "secret",
        /// Several sources in one place.
        projected: Option<Rc<Value>> = "projected",
        /// A directory of the node.
        host_path: Option<Value> = "hostPath",
    }
}

json_struct! {
    /// A claim as the source of a volume.
    pub struct ClaimSource {
        /// The claim's name.
        claim_name: Text = "claimName" always,
        /// Whether it can be written.
        read_only: bool = "readOnly",
    }
}

json_struct! {
    /// A ConfigMap as the source of a volume.
    pub struct ConfigMapSource {
        /// Its name.
        name: Text = "name",
        /// The mode of the files.
        default_mode: Option<i32> = "defaultMode",
        /// Whether it may be missing.
        optional: Option<bool> = "optional",
    }
}

json_struct! {
    /// A Secret as the source of a volume.
    pub struct SecretSource {
        /// Its name.
        secret_name: Text = "secretName",
        /// The mode of the files.
        default_mode: Option<i32> = "defaultMode",
        /// Whether it may be missing.
        optional: Option<bool> = "optional",
    }
}

impl Volume {
    /// Whether more than one source is named, of those that are typed and those that are not.
    pub fn has_many_sources(&self) -> bool {
        let typed = [
            self.claim.is_some(),
            self.empty_dir.is_some(),
            self.config_map.is_some(),
            self.secret.is_some(),
            self.projected.is_some(),
            self.host_path.is_some(),
        ];
        typed.iter().filter(|set| **set).count() + self.rest.len() > 1
    }
}

impl PodSpec {
    /// The claims that the volumes name, with the volume's name.
    pub fn claims(&self) -> impl Iterator<Item = (&Text, &Text)> {
        self.volumes
            .iter()
            .filter_map(|volume| Some((&volume.name, &volume.claim.as_ref()?.claim_name)))
    }

    /// Whether one of the volumes is this claim.
    pub fn mounts_claim(&self, claim: &str) -> bool {
        self.claims().any(|(_, name)| &**name == claim)
    }

    /// What the scheduler counts: the sum over the containers, or the largest init container if that is more.
    pub fn requests(&self, resource: &str) -> Quantity {
        let of = |container: &Container| {
            container
                .resources
                .requests
                .get(resource)
                .map_or(0, |it| it.nano())
        };
        let running: i128 = self.containers.iter().map(of).sum();
        let starting = self.init_containers.iter().map(of).max().unwrap_or(0);
        Quantity::from_nano(running.max(starting))
    }

    /// BestEffort, Burstable or Guaranteed (`ComputePodQOS`).
    pub fn qos_class(&self) -> &'static str {
        let all = || self.containers.iter().chain(self.init_containers.iter());
        let counted = |map: &SortedMap<Text, Quantity>| {
            ["cpu", "memory"]
                .iter()
                .filter(|name| map.get(**name).is_some_and(|it| it.is_positive()))
                .count()
        };
        if all()
            .all(|it| counted(&it.resources.requests) == 0 && counted(&it.resources.limits) == 0)
        {
            return "BestEffort";
        }
        let guaranteed = all().all(|it| {
            counted(&it.resources.limits) == 2
                && ["cpu", "memory"].iter().all(|name| {
                    it.resources
                        .requests
                        .get(*name)
                        .is_none_or(|asked| it.resources.limits.get(*name) == Some(asked))
                })
        });
        if guaranteed {
            "Guaranteed"
        } else {
            "Burstable"
        }
    }
}

impl Toleration {
    /// Whether the pod bears a taint of this key, value and effect.
    pub fn tolerates(&self, key: &str, value: &str, effect: &str) -> bool {
        let effect_fits = self.effect.is_empty() || &*self.effect == effect;
        let key_fits = self.key.is_empty() || &*self.key == key;
        effect_fits && key_fits && (&*self.operator == "Exists" || &*self.value == value)
    }
}
