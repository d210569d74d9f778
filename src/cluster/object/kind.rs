//! The kinds of objects: their names in every form that manifests, commands and messages use.

use std::fmt;

/// Group, version and names of one kind.
#[derive(Debug)]
pub struct KindInfo {
    /// The kind as manifests write it.
    pub name: &'static str,
    /// Its API group; empty for the core group.
    pub group: &'static str,
    /// The only version served.
    pub version: &'static str,
    /// `apps/v1`, or `v1` for the core group.
    pub api_version: &'static str,
    /// The plural, as in URLs and messages.
    pub plural: &'static str,
    /// The short names that kubectl takes.
    pub short: &'static [&'static str],
    /// Whether objects live in a namespace.
    pub namespaced: bool,
    /// Whether `metadata.generation` counts the changes of its spec.
    pub generation: bool,
}

macro_rules! kinds {
    ($($kind:ident $group:tt $version:tt $plural:literal [$($short:literal)*] $scope:ident $generation:ident;)*) => {
        /// A kind of objects.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Kind {
            $( #[doc = concat!("`", stringify!($kind), "`.")] $kind, )*
        }

        /// Every kind, in the order of their names.
        pub const KINDS: &[Kind] = &[$(Kind::$kind),*];

        const INFO: &[KindInfo] = &[$(KindInfo {
            name: stringify!($kind),
            group: $group,
            version: $version,
            api_version: kinds!(@api_version $group $version),
            plural: $plural,
            short: &[$($short),*],
            namespaced: kinds!(@$scope),
            generation: kinds!(@$generation),
        }),*];
    };
    (@api_version "" $version:tt) => { $version };
    (@api_version $group:tt $version:tt) => { concat!($group, "/", $version) };
    (@namespaced) => { true };
    (@cluster) => { false };
    (@counted) => { true };
    (@plain) => { false };
}

kinds! {
    ConfigMap "" "v1" "configmaps" ["cm"] namespaced plain;
    ControllerRevision "apps" "v1" "controllerrevisions" [] namespaced plain;
    Deployment "apps" "v1" "deployments" ["deploy"] namespaced counted;
    EndpointSlice "discovery.k8s.io" "v1" "endpointslices" [] namespaced counted;
    Endpoints "" "v1" "endpoints" ["ep"] namespaced plain;
    Event "" "v1" "events" ["ev"] namespaced plain;
    Namespace "" "v1" "namespaces" ["ns"] cluster plain;
    Node "" "v1" "nodes" ["no"] cluster plain;
    PersistentVolume "" "v1" "persistentvolumes" ["pv"] cluster plain;
    PersistentVolumeClaim "" "v1" "persistentvolumeclaims" ["pvc"] namespaced plain;
    Pod "" "v1" "pods" ["po"] namespaced counted;
    PodDisruptionBudget "policy" "v1" "poddisruptionbudgets" ["pdb"] namespaced counted;
    ReplicaSet "apps" "v1" "replicasets" ["rs"] namespaced counted;
    Secret "" "v1" "secrets" [] namespaced plain;
    Service "" "v1" "services" ["svc"] namespaced plain;
    ServiceAccount "" "v1" "serviceaccounts" ["sa"] namespaced plain;
    StatefulSet "apps" "v1" "statefulsets" ["sts"] namespaced counted;
    StorageClass "storage.k8s.io" "v1" "storageclasses" ["sc"] cluster plain;
}

impl Kind {
    /// Its names.
    pub fn info(self) -> &'static KindInfo {
        // The table and the enum come from one list, so the index is always there.
        INFO.get(self as usize).unwrap_or(&INFO[0])
    }

    /// The kind as manifests write it.
    pub fn name(self) -> &'static str {
        self.info().name
    }

    /// Whether objects live in a namespace.
    pub fn is_namespaced(self) -> bool {
        self.info().namespaced
    }

    /// `apps/v1`, or `v1` for the core group.
    pub fn api_version(self) -> &'static str {
        self.info().api_version
    }

    /// `statefulsets.apps`, or `pods` for the core group: the resource in messages.
    pub fn resource(self) -> String {
        let info = self.info();
        if info.group.is_empty() {
            info.plural.to_owned()
        } else {
            format!("{}.{}", info.plural, info.group)
        }
    }

    /// `statefulset.apps`, or `pod`: the kind in kubectl's result lines.
    pub fn singular(self) -> String {
        let info = self.info();
        let name = info.name.to_ascii_lowercase();
        if info.group.is_empty() {
            name
        } else {
            format!("{name}.{}", info.group)
        }
    }

    /// The kind that a manifest names.
    pub fn of_manifest(api_version: &str, kind: &str) -> Option<Self> {
        KINDS
            .iter()
            .copied()
            .find(|it| it.name() == kind && it.api_version() == api_version)
    }

    /// The kind that a command names: `sts`, `statefulset`, `statefulsets`, `StatefulSet`, `statefulsets.apps`,
    /// `statefulsets.v1.apps`.
    pub fn of_command(word: &str) -> Option<Self> {
        let lower = word.to_ascii_lowercase();
        let (word, rest) = lower.split_once('.').unwrap_or((&lower, ""));
        KINDS.iter().copied().find(|it| {
            let info = it.info();
            let named = word == info.plural
                || word == info.name.to_ascii_lowercase()
                || info.short.contains(&word);
            named
                && (rest.is_empty()
                    || rest == info.group
                    || rest == format!("{}.{}", info.version, info.group))
        })
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A kind that Kubernetes has and Ordinal does not simulate.
#[derive(Debug, PartialEq, Eq)]
pub struct Foreign {
    /// The kind as manifests write it.
    pub name: &'static str,
    /// Group and version.
    pub api_version: &'static str,
    /// The plural and the short names that kubectl takes.
    pub words: &'static [&'static str],
}

macro_rules! foreign {
    ($($name:ident $api_version:literal $($word:literal)*;)*) => {
        /// Kinds of Kubernetes v1.36 that are refused as "not simulated here".
        pub const FOREIGN: &[Foreign] = &[$(Foreign {
            name: stringify!($name),
            api_version: $api_version,
            words: &[$($word),*],
        }),*];
    };
}

foreign! {
    APIService "apiregistration.k8s.io/v1" "apiservices";
    Binding "v1" "bindings";
    CSIDriver "storage.k8s.io/v1" "csidrivers";
    CSINode "storage.k8s.io/v1" "csinodes";
    CSIStorageCapacity "storage.k8s.io/v1" "csistoragecapacities";
    CertificateSigningRequest "certificates.k8s.io/v1" "certificatesigningrequests" "csr";
    ClusterRole "rbac.authorization.k8s.io/v1" "clusterroles";
    ClusterRoleBinding "rbac.authorization.k8s.io/v1" "clusterrolebindings";
    ComponentStatus "v1" "componentstatuses" "cs";
    CronJob "batch/v1" "cronjobs" "cj";
    CustomResourceDefinition "apiextensions.k8s.io/v1" "customresourcedefinitions" "crd" "crds";
    DaemonSet "apps/v1" "daemonsets" "ds";
    DeviceClass "resource.k8s.io/v1" "deviceclasses";
    Event "events.k8s.io/v1" "events" "ev";
    FlowSchema "flowcontrol.apiserver.k8s.io/v1" "flowschemas";
    HorizontalPodAutoscaler "autoscaling/v2" "horizontalpodautoscalers" "hpa";
    HorizontalPodAutoscaler "autoscaling/v1" "horizontalpodautoscalers" "hpa";
    Ingress "networking.k8s.io/v1" "ingresses" "ing";
    IngressClass "networking.k8s.io/v1" "ingressclasses";
    IPAddress "networking.k8s.io/v1" "ipaddresses" "ip";
    Job "batch/v1" "jobs";
    Lease "coordination.k8s.io/v1" "leases";
    LimitRange "v1" "limitranges" "limits";
    LocalSubjectAccessReview "authorization.k8s.io/v1" "localsubjectaccessreviews";
    MutatingAdmissionPolicy "admissionregistration.k8s.io/v1" "mutatingadmissionpolicies";
    MutatingAdmissionPolicyBinding "admissionregistration.k8s.io/v1" "mutatingadmissionpolicybindings";
    MutatingWebhookConfiguration "admissionregistration.k8s.io/v1" "mutatingwebhookconfigurations";
    NetworkPolicy "networking.k8s.io/v1" "networkpolicies" "netpol";
    PodTemplate "v1" "podtemplates";
    PriorityClass "scheduling.k8s.io/v1" "priorityclasses" "pc";
    PriorityLevelConfiguration "flowcontrol.apiserver.k8s.io/v1" "prioritylevelconfigurations";
    ReplicationController "v1" "replicationcontrollers" "rc";
    ResourceClaim "resource.k8s.io/v1" "resourceclaims";
    ResourceClaimTemplate "resource.k8s.io/v1" "resourceclaimtemplates";
    ResourceQuota "v1" "resourcequotas" "quota";
    ResourceSlice "resource.k8s.io/v1" "resourceslices";
    Role "rbac.authorization.k8s.io/v1" "roles";
    RoleBinding "rbac.authorization.k8s.io/v1" "rolebindings";
    RuntimeClass "node.k8s.io/v1" "runtimeclasses";
    SelfSubjectAccessReview "authorization.k8s.io/v1" "selfsubjectaccessreviews";
    SelfSubjectReview "authentication.k8s.io/v1" "selfsubjectreviews";
    SelfSubjectRulesReview "authorization.k8s.io/v1" "selfsubjectrulesreviews";
    ServiceCIDR "networking.k8s.io/v1" "servicecidrs";
    SubjectAccessReview "authorization.k8s.io/v1" "subjectaccessreviews";
    TokenReview "authentication.k8s.io/v1" "tokenreviews";
    ValidatingAdmissionPolicy "admissionregistration.k8s.io/v1" "validatingadmissionpolicies";
    ValidatingAdmissionPolicyBinding "admissionregistration.k8s.io/v1" "validatingadmissionpolicybindings";
    ValidatingWebhookConfiguration "admissionregistration.k8s.io/v1" "validatingwebhookconfigurations";
    VolumeAttachment "storage.k8s.io/v1" "volumeattachments";
    VolumeAttributesClass "storage.k8s.io/v1" "volumeattributesclasses" "vac";
}

impl Foreign {
    /// Its API group; empty for the core group.
    pub fn group(&self) -> &'static str {
        self.api_version
            .split_once('/')
            .map_or("", |(group, _)| group)
    }

    /// Whether a cluster of which nobody asked for such an object has none.
    ///
    /// Reviews are answered and never kept, and every event can be read in `events.k8s.io` too.
    pub fn starts_empty(&self) -> bool {
        let groups = [
            "authentication.k8s.io",
            "authorization.k8s.io",
            "events.k8s.io",
        ];
        !groups.contains(&self.group())
    }

    /// The kind that a manifest names.
    pub fn of_manifest(api_version: &str, kind: &str) -> Option<&'static Self> {
        FOREIGN
            .iter()
            .find(|it| it.name == kind && it.api_version == api_version)
    }

    /// The kind that a command names, as [`Kind::of_command`] reads it.
    pub fn of_command(word: &str) -> Option<&'static Self> {
        let lower = word.to_ascii_lowercase();
        let (word, rest) = lower.split_once('.').unwrap_or((&lower, ""));
        FOREIGN.iter().find(|it| {
            let (group, version) = it.api_version.split_once('/').unwrap_or(("", "v1"));
            let named = it.name.to_ascii_lowercase() == word || it.words.contains(&word);
            named && (rest.is_empty() || rest == group || rest == format!("{version}.{group}"))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_for_a_kind_finds_it() {
        for word in [
            "sts",
            "statefulset",
            "statefulsets",
            "StatefulSet",
            "statefulsets.apps",
            "statefulset.v1.apps",
        ] {
            assert_eq!(Kind::of_command(word), Some(Kind::StatefulSet), "{word}");
        }
        assert_eq!(Kind::of_command("statefulsets.batch"), None);
        assert_eq!(Kind::of_command("nothing"), None);
        assert_eq!(
            Kind::of_manifest("apps/v1", "StatefulSet"),
            Some(Kind::StatefulSet)
        );
        assert_eq!(Kind::of_manifest("v1", "StatefulSet"), None);
        assert_eq!(
            Foreign::of_command("ds").map(|it| it.name),
            Some("DaemonSet")
        );
    }

    #[test]
    fn kinds_have_their_own_words() {
        for kind in KINDS {
            let info = kind.info();
            assert_eq!(format!("{kind:?}"), info.name);
            for word in info.short.iter().copied().chain([info.plural]) {
                assert_eq!(Kind::of_command(word), Some(*kind), "{word}");
                let foreign = Foreign::of_command(word);
                // Events alone are served in two groups; a bare word means the core's.
                assert_eq!(foreign.is_some(), *kind == Kind::Event, "{word}");
            }
        }
    }

    #[test]
    fn every_kind_that_kubernetes_serves_is_known() {
        // What a kube-apiserver v1.36 serves with no flag given (its resources without subresources): every version
        // that is stable, and no other.
        let served = "v1 Binding ComponentStatus ConfigMap Endpoints Event LimitRange Namespace Node \
             PersistentVolume PersistentVolumeClaim Pod PodTemplate ReplicationController ResourceQuota Secret \
             Service ServiceAccount
             admissionregistration.k8s.io/v1 MutatingAdmissionPolicy MutatingAdmissionPolicyBinding \
             MutatingWebhookConfiguration ValidatingAdmissionPolicy ValidatingAdmissionPolicyBinding \
             ValidatingWebhookConfiguration
             apiextensions.k8s.io/v1 CustomResourceDefinition
             apiregistration.k8s.io/v1 APIService
             apps/v1 ControllerRevision DaemonSet Deployment ReplicaSet StatefulSet
             authentication.k8s.io/v1 SelfSubjectReview TokenReview
             authorization.k8s.io/v1 LocalSubjectAccessReview SelfSubjectAccessReview SelfSubjectRulesReview \
             SubjectAccessReview
             autoscaling/v1 HorizontalPodAutoscaler
             autoscaling/v2 HorizontalPodAutoscaler
             batch/v1 CronJob Job
             certificates.k8s.io/v1 CertificateSigningRequest
             coordination.k8s.io/v1 Lease
             discovery.k8s.io/v1 EndpointSlice
             events.k8s.io/v1 Event
             flowcontrol.apiserver.k8s.io/v1 FlowSchema PriorityLevelConfiguration
             networking.k8s.io/v1 IPAddress Ingress IngressClass NetworkPolicy ServiceCIDR
             node.k8s.io/v1 RuntimeClass
             policy/v1 PodDisruptionBudget
             rbac.authorization.k8s.io/v1 ClusterRole ClusterRoleBinding Role RoleBinding
             resource.k8s.io/v1 DeviceClass ResourceClaim ResourceClaimTemplate ResourceSlice
             scheduling.k8s.io/v1 PriorityClass
             storage.k8s.io/v1 CSIDriver CSINode CSIStorageCapacity StorageClass VolumeAttachment \
             VolumeAttributesClass";
        let mut n_served = 0;
        for line in served.lines() {
            let mut words = line.split_whitespace();
            let version = words.next().unwrap_or_default();
            for kind in words {
                n_served += 1;
                let ours = Kind::of_manifest(version, kind).is_some();
                let foreign = Foreign::of_manifest(version, kind).is_some();
                assert!(ours != foreign, "{kind} {version}");
            }
        }
        assert_eq!(n_served, KINDS.len() + FOREIGN.len());
        // Alpha and beta versions are off, subresources are no kinds of manifests, and old versions are gone.
        for (version, kind) in [
            (
                "admissionregistration.k8s.io/v1beta1",
                "MutatingAdmissionPolicy",
            ),
            ("autoscaling/v2beta2", "HorizontalPodAutoscaler"),
            ("apps/v1beta1", "StatefulSet"),
            ("policy/v1", "Eviction"),
            ("autoscaling/v1", "Scale"),
            ("storagemigration.k8s.io/v1beta1", "StorageVersionMigration"),
        ] {
            assert_eq!(Kind::of_manifest(version, kind), None);
            assert_eq!(Foreign::of_manifest(version, kind), None);
        }
    }
}
