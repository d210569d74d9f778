//! Claims, volumes and classes.

use super::{Described, NONE, Writer, pairs};
use crate::cluster::object::storage_class::DEFAULT_CLASS;
use crate::cluster::object::{PersistentVolume, PersistentVolumeClaim};
use crate::cluster::value::Value;
use crate::kubectl::print::{fields, joined, or};
use crate::kubectl::status::access_modes;

impl Described<'_> {
    pub(super) fn claim(&self, claim: &PersistentVolumeClaim, out: &mut Writer) {
        self.head(out);
        out.field(0, "StorageClass", self.text(&["spec", "storageClassName"]));
        let phase = self.text(&["status", "phase"]).to_owned();
        out.field(0, "Status", &self.terminating().unwrap_or(phase));
        let volume = &claim.spec.volume_name;
        out.field(0, "Volume", volume);
        self.labels(out);
        self.annotations(out);
        self.finalizers(out);
        let (mut capacity, mut access) = (String::new(), String::new());
        if !volume.is_empty() {
            capacity = self.value.plain_at(&["status", "capacity", "storage"]);
            access = access_modes(&claim.status.access_modes);
            // Nothing yet is a quantity, too.
            if capacity.is_empty() {
                capacity.push('0');
            }
        }
        out.field(0, "Capacity", &capacity);
        out.field(0, "Access Modes", &access);
        out.field(0, "VolumeMode", self.text(&["spec", "volumeMode"]));
        let meta = &claim.meta;
        let users = self
            .cluster
            .api
            .store
            .pods_using(&meta.namespace, &meta.name);
        let users: Vec<_> = users.collect();
        if users.is_empty() {
            out.field(0, "Used By", NONE);
        }
        for (at, user) in users.iter().enumerate() {
            match at {
                0 => out.field(0, "Used By", user),
                _ => out.line(0, &format!("\t{user}")),
            }
        }
    }

    pub(super) fn volume(&self, volume: &PersistentVolume, out: &mut Writer) {
        self.head(out);
        self.labels(out);
        self.annotations(out);
        self.finalizers(out);
        out.field(0, "StorageClass", self.text(&["spec", "storageClassName"]));
        let phase = self.text(&["status", "phase"]).to_owned();
        out.field(0, "Status", &self.terminating().unwrap_or(phase));
        let claim = volume.spec.claim_ref.as_ref();
        let claim = claim.map(|it| format!("{}/{}", it.namespace, it.name));
        out.field(0, "Claim", &claim.unwrap_or_default());
        out.field(
            0,
            "Reclaim Policy",
            self.text(&["spec", "persistentVolumeReclaimPolicy"]),
        );
        out.field(0, "Access Modes", &access_modes(&volume.spec.access_modes));
        out.field(0, "VolumeMode", self.text(&["spec", "volumeMode"]));
        out.field(
            0,
            "Capacity",
            &self.value.plain_at(&["spec", "capacity", "storage"]),
        );
        self.node_affinity(out);
        out.field(0, "Message", self.text(&["status", "message"]));
        out.line(0, "Source:");
        self.source(out);
    }

    fn node_affinity(&self, out: &mut Writer) {
        let terms = self
            .value
            .list_at(&["spec", "nodeAffinity", "required", "nodeSelectorTerms"]);
        if terms.is_empty() {
            out.field(0, "Node Affinity", NONE);
            return;
        }
        out.line(0, "Node Affinity:\t");
        out.line(1, "Required Terms:\t");
        for (at, term) in terms.iter().enumerate() {
            let expressions = term.list_at(&["matchExpressions"]).iter().map(|it| {
                let values = super::strings(it, &["values"]).join(", ");
                let operator = it.plain_at(&["operator"]).to_lowercase();
                let key = it.plain_at(&["key"]);
                match values.is_empty() {
                    true => format!("{key} {operator}"),
                    false => format!("{key} {operator} [{values}]"),
                }
            });
            let mut expressions = expressions.collect::<Vec<_>>().into_iter();
            let first = expressions.next().unwrap_or_default();
            out.line(2, &format!("Term {at}:\t{first}"));
            for more in expressions {
                out.line(2, &format!("\t{more}"));
            }
        }
    }

    fn source(&self, out: &mut Writer) {
        let at = |path: &[&str]| {
            let mut all = vec!["spec"];
            all.extend(path);
            self.value.plain_at(&all)
        };
        if self.value.at(&["spec", "hostPath"]).is_some() {
            out.line(2, "Type:\tHostPath (bare host directory volume)");
            out.field(2, "Path", &at(&["hostPath", "path"]));
            out.field(2, "HostPathType", &at(&["hostPath", "type"]));
        } else if self.value.at(&["spec", "local"]).is_some() {
            out.line(
                2,
                "Type:\tLocalVolume (a persistent volume backed by local storage on a node)",
            );
            out.field(2, "Path", &at(&["local", "path"]));
        } else if self.value.at(&["spec", "nfs"]).is_some() {
            out.line(
                2,
                "Type:\tNFS (an NFS mount that lasts the lifetime of a pod)",
            );
            out.field(2, "Server", &at(&["nfs", "server"]));
            out.field(2, "Path", &at(&["nfs", "path"]));
            out.field(2, "ReadOnly", &or(&at(&["nfs", "readOnly"]), "false"));
        } else if self.value.at(&["spec", "csi"]).is_some() {
            out.line(
                2,
                "Type:\tCSI (a Container Storage Interface (CSI) volume source)",
            );
            out.field(2, "Driver", &at(&["csi", "driver"]));
            out.field(2, "FSType", &at(&["csi", "fsType"]));
            out.field(2, "VolumeHandle", &at(&["csi", "volumeHandle"]));
            out.field(2, "ReadOnly", &or(&at(&["csi", "readOnly"]), "false"));
            pairs(
                out,
                2,
                "VolumeAttributes",
                self.value.at(&["spec", "csi", "volumeAttributes"]),
            );
        }
    }

    pub(super) fn class(&self, out: &mut Writer) {
        out.field(0, "Name", self.text(&["metadata", "name"]));
        let is_default = self.text(&["metadata", "annotations", DEFAULT_CLASS]) == "true";
        out.field(0, "IsDefaultClass", if is_default { "Yes" } else { "No" });
        // This describer does not hide what was applied last.
        let one_line = |path: &[&str]| joined(fields(self.value, path));
        out.field(0, "Annotations", &one_line(&["metadata", "annotations"]));
        out.field(0, "Provisioner", self.text(&["provisioner"]));
        out.field(0, "Parameters", &one_line(&["parameters"]));
        let expansion = match self.value.at(&["allowVolumeExpansion"]) {
            Some(Value::Bool(true)) => "True",
            Some(Value::Bool(false)) => "False",
            _ => "<unset>",
        };
        out.field(0, "AllowVolumeExpansion", expansion);
        let options = super::strings(self.value, &["mountOptions"]);
        match *options {
            [] => out.field(0, "MountOptions", NONE),
            _ => {
                out.line(0, "MountOptions:");
                for option in options {
                    out.line(1, option);
                }
            }
        }
        out.field(0, "ReclaimPolicy", self.text(&["reclaimPolicy"]));
        out.field(0, "VolumeBindingMode", self.text(&["volumeBindingMode"]));
    }
}
