//! Pods, with their containers and volumes.

use super::{Described, NONE, Writer, long_time, pairs, selector, strings};
use crate::cluster::inside::env;
use crate::cluster::object::Pod;
use crate::cluster::value::Value;
use crate::kubectl::print::or;

impl Described<'_> {
    pub(super) fn pod(&self, pod: &Pod, out: &mut Writer) {
        self.head(out);
        out.field(
            0,
            "Priority",
            &or(&self.value.plain_at(&["spec", "priority"]), "0"),
        );
        out.field(
            0,
            "Service Account",
            self.text(&["spec", "serviceAccountName"]),
        );
        match self.text(&["spec", "nodeName"]) {
            "" => out.field(0, "Node", NONE),
            node => out.field(
                0,
                "Node",
                &format!("{node}/{}", self.text(&["status", "hostIP"])),
            ),
        }
        if let Some(start) = self.value.str_at(&["status", "startTime"]) {
            out.field(0, "Start Time", &long_time(start));
        }
        self.labels(out);
        self.annotations(out);
        self.status(out);
        self.ips(out);
        self.controlled_by(out);
        let spec = |field: &str| self.value.list_at(&["spec", field]);
        let statuses = |field: &str| Some(self.value.list_at(&["status", field]));
        if !spec("initContainers").is_empty() {
            let statuses = statuses("initContainerStatuses");
            containers(
                out,
                "Init Containers",
                spec("initContainers"),
                statuses,
                Some(pod),
            );
        }
        let of_containers = statuses("containerStatuses");
        containers(
            out,
            "Containers",
            spec("containers"),
            of_containers,
            Some(pod),
        );
        let conditions = self.value.list_at(&["status", "conditions"]);
        if !conditions.is_empty() {
            out.line(0, "Conditions:");
            out.line(1, "Type\tStatus");
        }
        for condition in conditions {
            let cell = |field| condition.plain_at(&[field]);
            out.line(1, &format!("{} \t{} ", cell("type"), cell("status")));
        }
        volumes(out, spec("volumes"), false);
        out.field(0, "QoS Class", self.text(&["status", "qosClass"]));
        pairs(
            out,
            0,
            "Node-Selectors",
            self.value.at(&["spec", "nodeSelector"]),
        );
        tolerations(out, 0, spec("tolerations"));
        spread(out, 0, spec("topologySpreadConstraints"));
    }

    fn status(&self, out: &mut Writer) {
        let phase = self.text(&["status", "phase"]);
        let terminating = self
            .terminating()
            .filter(|_| !matches!(phase, "Succeeded" | "Failed"));
        match terminating {
            Some(lasts) => {
                out.field(0, "Status", &lasts);
                let grace = self
                    .value
                    .plain_at(&["metadata", "deletionGracePeriodSeconds"]);
                out.field(0, "Termination Grace Period", &format!("{grace}s"));
            }
            None => out.field(0, "Status", phase),
        }
        for (key, field) in [("Reason", "reason"), ("Message", "message")] {
            if let Some(text) = self
                .value
                .str_at(&["status", field])
                .filter(|it| !it.is_empty())
            {
                out.field(0, key, text);
            }
        }
    }

    fn ips(&self, out: &mut Writer) {
        let ip = self.text(&["status", "podIP"]);
        out.field(0, "IP", ip);
        if ip.is_empty() {
            out.field(0, "IPs", NONE);
        } else {
            out.line(0, "IPs:");
            out.field(1, "IP", ip);
        }
    }
}

/// Containers: those of a pod with their statuses, or those of a template.
pub(super) fn containers(
    out: &mut Writer,
    label: &str,
    all: &[Value],
    statuses: Option<&[Value]>,
    pod: Option<&Pod>,
) {
    let (level, indent) = match pod {
        None => (1, " "),
        Some(_) => (0, ""),
    };
    out.line(level, &format!("{label}:"));
    for container in all {
        let name = container.plain_at(&["name"]);
        out.line(1, &format!("{indent}{name}:"));
        let mut known = statuses.unwrap_or_default().iter();
        let status = known.find(|it| it.str_at(&["name"]) == Some(&*name));
        container_lines(out, container, status, pod);
    }
}

fn container_lines(out: &mut Writer, container: &Value, status: Option<&Value>, pod: Option<&Pod>) {
    if let Some(status) = status {
        out.field(2, "Container ID", &status.plain_at(&["containerID"]));
    }
    out.field(2, "Image", &container.plain_at(&["image"]));
    if let Some(status) = status {
        out.field(2, "Image ID", &status.plain_at(&["imageID"]));
    }
    ports(out, container);
    for (key, field) in [("Command", "command"), ("Args", "args")] {
        let words = strings(container, &[field]);
        if !words.is_empty() {
            out.line(2, &format!("{key}:"));
        }
        for line in words.iter().flat_map(|it| it.split('\n')) {
            out.line(3, line);
        }
    }
    if let Some(status) = status {
        state(out, "State", status.get("state"));
        if status.at(&["lastState", "terminated"]).is_some() {
            state(out, "Last State", status.get("lastState"));
        }
        let is_ready = status.get("ready") == Some(&Value::Bool(true));
        out.field(2, "Ready", if is_ready { "True" } else { "False" });
        out.field(
            2,
            "Restart Count",
            &or(&status.plain_at(&["restartCount"]), "0"),
        );
    }
    for (key, field) in [("Limits", "limits"), ("Requests", "requests")] {
        let map = container.at(&["resources", field]).and_then(Value::as_map);
        let Some(map) = map.filter(|it| !it.is_empty()) else {
            continue;
        };
        out.line(2, &format!("{key}:"));
        for (name, value) in map {
            out.field(3, name, &value.plain());
        }
    }
    for (key, field) in [
        ("Liveness", "livenessProbe"),
        ("Readiness", "readinessProbe"),
        ("Startup", "startupProbe"),
    ] {
        if let Some(found) = container.get(field) {
            out.field(2, key, &probe(found));
        }
    }
    environment(out, container, pod);
    mounts(out, container);
}

fn ports(out: &mut Writer, container: &Value) {
    let list = |field: &str| {
        let ports = container.list_at(&["ports"]).iter().map(|port| {
            let number = or(&port.plain_at(&[field]), "0");
            let protocol = port.plain_at(&["protocol"]);
            match port.str_at(&["name"]) {
                Some(name) if !name.is_empty() => format!("{number}/{protocol} ({name})"),
                _ => format!("{number}/{protocol}"),
            }
        });
        ports.collect::<Vec<_>>()
    };
    for (key, field) in [("Port", "containerPort"), ("Host Port", "hostPort")] {
        let all = list(field);
        let key = match all.len() {
            0 | 1 => key.to_owned(),
            _ => format!("{key}s"),
        };
        out.field(2, &key, &or(&all.join(", "), NONE));
    }
}

fn state(out: &mut Writer, key: &str, state: Option<&Value>) {
    let at = |path: &[&str]| state.map(|it| it.plain_at(path)).unwrap_or_default();
    let has = |field: &str| state.is_some_and(|it| it.get(field).is_some());
    if has("running") {
        out.field(2, key, "Running");
        out.field(3, "Started", &long_time(&at(&["running", "startedAt"])));
    } else if has("terminated") {
        out.field(2, key, "Terminated");
        for (label, field) in [("Reason", "reason"), ("Message", "message")] {
            let text = at(&["terminated", field]);
            if !text.is_empty() {
                out.field(3, label, &text);
            }
        }
        out.field(3, "Exit Code", &or(&at(&["terminated", "exitCode"]), "0"));
        out.field(3, "Started", &long_time(&at(&["terminated", "startedAt"])));
        out.field(
            3,
            "Finished",
            &long_time(&at(&["terminated", "finishedAt"])),
        );
    } else {
        out.field(2, key, "Waiting");
        let reason = at(&["waiting", "reason"]);
        if !reason.is_empty() {
            out.field(3, "Reason", &reason);
        }
    }
}

fn probe(probe: &Value) -> String {
    let number = |field: &str, empty: &str| or(&probe.plain_at(&[field]), empty);
    let attributes = format!(
        "delay={}s timeout={}s period={}s #success={} #failure={}",
        number("initialDelaySeconds", "0"),
        number("timeoutSeconds", "1"),
        number("periodSeconds", "10"),
        number("successThreshold", "1"),
        number("failureThreshold", "3")
    );
    let what = if let Some(exec) = probe.get("exec") {
        format!("exec [{}]", strings(exec, &["command"]).join(" "))
    } else if let Some(get) = probe.get("httpGet") {
        let scheme = or(&get.plain_at(&["scheme"]), "http").to_lowercase();
        format!(
            "http-get {scheme}://{}:{}{}",
            get.plain_at(&["host"]),
            get.plain_at(&["port"]),
            get.plain_at(&["path"])
        )
    } else if let Some(tcp) = probe.get("tcpSocket") {
        format!(
            "tcp-socket {}:{}",
            tcp.plain_at(&["host"]),
            tcp.plain_at(&["port"])
        )
    } else if let Some(grpc) = probe.get("grpc") {
        format!(
            "grpc <pod>:{} {}",
            grpc.plain_at(&["port"]),
            grpc.plain_at(&["service"])
        )
    } else {
        "unknown".to_owned()
    };
    format!("{what} {attributes}")
}

fn environment(out: &mut Writer, container: &Value, pod: Option<&Pod>) {
    let from = container.list_at(&["envFrom"]);
    if !from.is_empty() {
        out.line(2, "Environment Variables from:");
    }
    for source in from {
        for (field, kind) in [("configMapRef", "ConfigMap"), ("secretRef", "Secret")] {
            if let Some(reference) = source.get(field) {
                let optional = or(&reference.plain_at(&["optional"]), "false");
                let name = reference.plain_at(&["name"]);
                let prefix = source.plain_at(&["prefix"]);
                let prefix = match prefix.is_empty() {
                    true => String::new(),
                    false => format!(" with prefix '{prefix}'"),
                };
                out.line(3, &format!("{name}\t{kind}{prefix}\tOptional: {optional}"));
            }
        }
    }
    let all = container.list_at(&["env"]);
    if all.is_empty() {
        out.field(2, "Environment", NONE);
        return;
    }
    out.line(2, "Environment:");
    for variable in all {
        let name = variable.plain_at(&["name"]);
        let Some(source) = variable.get("valueFrom") else {
            let value = variable.plain_at(&["value"]);
            for (at, line) in value.split('\n').enumerate() {
                match at {
                    0 => out.field(3, &name, line),
                    _ => out.line(3, &format!("\t{line}")),
                }
            }
            continue;
        };
        for (field, kind) in [
            ("secretKeyRef", "in secret"),
            ("configMapKeyRef", "of config map"),
        ] {
            if let Some(reference) = source.get(field) {
                let (key, of) = (reference.plain_at(&["key"]), reference.plain_at(&["name"]));
                let optional = or(&reference.plain_at(&["optional"]), "false");
                let text = format!("<set to the key '{key}' {kind} '{of}'>");
                out.line(3, &format!("{name}:\t{text}\tOptional: {optional}"));
            }
        }
        if let Some(path) = source.str_at(&["fieldRef", "fieldPath"]) {
            let value = pod.and_then(|pod| env::pod_field(pod, path));
            let value = value.unwrap_or_default();
            out.field(3, &name, &format!("{value} (v1:{path})"));
        }
        if let Some(resource) = source.str_at(&["resourceFieldRef", "resource"]) {
            let (kind, which) = resource.split_once('.').unwrap_or((resource, ""));
            let amount = container.plain_at(&["resources", kind, which]);
            let divisor = source.plain_at(&["resourceFieldRef", "divisor"]);
            let value = env::in_units(&amount, &divisor);
            out.field(3, &name, &format!("{value} ({resource})"));
        }
    }
}

fn mounts(out: &mut Writer, container: &Value) {
    let mut all: Vec<&Value> = container.list_at(&["volumeMounts"]).iter().collect();
    if all.is_empty() {
        out.field(2, "Mounts", NONE);
        return;
    }
    let path = |it: &Value| it.plain_at(&["mountPath"]);
    crate::cluster::sorted::sort_by(&mut all, |a, b| path(a).cmp(&path(b)));
    out.line(2, "Mounts:");
    for mount in all {
        let mut flags = match mount.get("readOnly") {
            Some(Value::Bool(true)) => "ro".to_owned(),
            _ => "rw".to_owned(),
        };
        let inner = mount.plain_at(&["subPath"]);
        if !inner.is_empty() {
            flags.push_str(&format!(",path={inner:?}"));
        }
        let name = mount.plain_at(&["name"]);
        out.line(3, &format!("{} from {name} ({flags})", path(mount)));
    }
}

/// Volumes of a pod or a template.
pub(super) fn volumes(out: &mut Writer, all: &[Value], in_template: bool) {
    let (level, indent) = match in_template {
        true => (1, " "),
        false => (0, ""),
    };
    if all.is_empty() {
        out.field(level, "Volumes", NONE);
        return;
    }
    out.line(level, "Volumes:");
    for volume in all {
        out.line(1, &format!("{indent}{}:", volume.plain_at(&["name"])));
        source(out, volume);
    }
}

fn source(out: &mut Writer, volume: &Value) {
    let at = |path: &[&str], empty: &str| or(&volume.plain_at(path), empty);
    if volume.get("persistentVolumeClaim").is_some() {
        out.line(
            2,
            "Type:\tPersistentVolumeClaim (a reference to a PersistentVolumeClaim in the same namespace)",
        );
        out.field(
            2,
            "ClaimName",
            &at(&["persistentVolumeClaim", "claimName"], ""),
        );
        out.field(
            2,
            "ReadOnly",
            &at(&["persistentVolumeClaim", "readOnly"], "false"),
        );
    } else if volume.get("emptyDir").is_some() {
        out.line(
            2,
            "Type:\tEmptyDir (a temporary directory that shares a pod's lifetime)",
        );
        out.field(2, "Medium", &at(&["emptyDir", "medium"], ""));
        out.field(2, "SizeLimit", &at(&["emptyDir", "sizeLimit"], "<unset>"));
    } else if volume.get("configMap").is_some() {
        out.line(2, "Type:\tConfigMap (a volume populated by a ConfigMap)");
        out.field(2, "Name", &at(&["configMap", "name"], ""));
        out.field(2, "Optional", &at(&["configMap", "optional"], "false"));
    } else if volume.get("secret").is_some() {
        out.line(2, "Type:\tSecret (a volume populated by a Secret)");
        out.field(2, "SecretName", &at(&["secret", "secretName"], ""));
        out.field(2, "Optional", &at(&["secret", "optional"], "false"));
    } else if volume.get("hostPath").is_some() {
        out.line(2, "Type:\tHostPath (bare host directory volume)");
        out.field(2, "Path", &at(&["hostPath", "path"], ""));
        out.field(2, "HostPathType", &at(&["hostPath", "type"], ""));
    } else if volume.get("downwardAPI").is_some() {
        out.line(
            2,
            "Type:\tDownwardAPI (a volume populated by information about the pod)",
        );
        out.line(2, "Items:");
        for item in volume.list_at(&["downwardAPI", "items"]) {
            let (from, to) = (
                item.plain_at(&["fieldRef", "fieldPath"]),
                item.plain_at(&["path"]),
            );
            out.line(3, &format!("{from} -> {to}"));
        }
    } else if volume.get("projected").is_some() {
        out.line(
            2,
            "Type:\tProjected (a volume that contains injected data from multiple sources)",
        );
        for source in volume.list_at(&["projected", "sources"]) {
            projected(out, source);
        }
    }
}

fn projected(out: &mut Writer, source: &Value) {
    if let Some(secret) = source.get("secret") {
        out.field(2, "SecretName", &secret.plain_at(&["name"]));
        out.field(2, "Optional", &or(&secret.plain_at(&["optional"]), "false"));
    }
    if source.get("downwardAPI").is_some() {
        out.field(2, "DownwardAPI", "true");
    }
    if let Some(map) = source.get("configMap") {
        out.field(2, "ConfigMapName", &map.plain_at(&["name"]));
        out.field(2, "Optional", &or(&map.plain_at(&["optional"]), "false"));
    }
    if let Some(token) = source.get("serviceAccountToken") {
        out.field(
            2,
            "TokenExpirationSeconds",
            &token.plain_at(&["expirationSeconds"]),
        );
    }
}

/// `Topology Spread Constraints:` with a line for each; nothing without one.
pub(super) fn spread(out: &mut Writer, level: usize, all: &[Value]) {
    for (at, it) in all.iter().enumerate() {
        let part = |field: &str| it.plain_at(&[field]);
        let mut text = format!(
            "{}:{} when max skew {} is exceeded",
            part("topologyKey"),
            part("whenUnsatisfiable"),
            part("maxSkew")
        );
        if it.get("labelSelector").is_some() {
            text.push_str(&format!(
                " for selector {}",
                selector(it.get("labelSelector"))
            ));
        }
        match at {
            0 => out.field(level, "Topology Spread Constraints", &text),
            _ => out.line(level, &format!("\t{text}")),
        }
    }
}

/// `Tolerations:` with a line for each.
pub(super) fn tolerations(out: &mut Writer, level: usize, all: &[Value]) {
    let mut all = all.to_vec();
    let key = |it: &Value| it.plain_at(&["key"]);
    crate::cluster::sorted::sort_by(&mut all, |a, b| key(a).cmp(&key(b)));
    let mut texts: Vec<String> = all.iter().map(toleration).collect();
    if texts.is_empty() {
        texts.push(NONE.to_owned());
    }
    for (at, text) in texts.iter().enumerate() {
        match at {
            0 => out.field(level, "Tolerations", text),
            _ => out.line(level, &format!("\t{text}")),
        }
    }
}

fn toleration(toleration: &Value) -> String {
    let part = |field: &str| toleration.plain_at(&[field]);
    let (key, value, effect) = (part("key"), part("value"), part("effect"));
    let mut text = key.clone();
    if !value.is_empty() {
        text.push_str(&format!("={value}"));
    }
    if !effect.is_empty() {
        text.push_str(&format!(":{effect}"));
    }
    if part("operator") == "Exists" && value.is_empty() {
        if !text.is_empty() {
            text.push(' ');
        }
        text.push_str("op=Exists");
    }
    let seconds = part("tolerationSeconds");
    if !seconds.is_empty() {
        text.push_str(&format!(" for {seconds}s"));
    }
    text
}
