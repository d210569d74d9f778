//! Pods, with their containers and volumes.

use super::{Described, NONE, Writer, items, long_time, or, pairs, plain, plain_at, strings};
use crate::cluster::value::Value;

impl Described<'_> {
    pub(super) fn pod(&self, out: &mut Writer) {
        self.head(out);
        out.field(
            0,
            "Priority",
            &or(&plain_at(self.value, &["spec", "priority"]), "0"),
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
        let spec = |field: &str| items(self.value, &["spec", field]);
        let statuses = |field: &str| Some(items(self.value, &["status", field]));
        if !spec("initContainers").is_empty() {
            let statuses = statuses("initContainerStatuses");
            containers(
                out,
                "Init Containers",
                spec("initContainers"),
                statuses,
                false,
            );
        }
        let of_containers = statuses("containerStatuses");
        containers(out, "Containers", spec("containers"), of_containers, false);
        let conditions = items(self.value, &["status", "conditions"]);
        if !conditions.is_empty() {
            out.line(0, "Conditions:");
            out.line(1, "Type\tStatus");
        }
        for condition in conditions {
            let cell = |field| plain_at(condition, &[field]);
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
    }

    fn status(&self, out: &mut Writer) {
        let phase = self.text(&["status", "phase"]);
        let terminating = self
            .terminating()
            .filter(|_| !matches!(phase, "Succeeded" | "Failed"));
        match terminating {
            Some(lasts) => {
                out.field(0, "Status", &lasts);
                let grace = plain_at(self.value, &["metadata", "deletionGracePeriodSeconds"]);
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

/// Containers, with their statuses if they are those of a pod.
pub(super) fn containers(
    out: &mut Writer,
    label: &str,
    all: &[Value],
    statuses: Option<&[Value]>,
    in_template: bool,
) {
    let (level, indent) = match in_template {
        true => (1, " "),
        false => (0, ""),
    };
    out.line(level, &format!("{label}:"));
    for container in all {
        let name = plain_at(container, &["name"]);
        out.line(1, &format!("{indent}{name}:"));
        let mut known = statuses.unwrap_or_default().iter();
        let status = known.find(|it| it.str_at(&["name"]) == Some(&*name));
        container_lines(out, container, status);
    }
}

fn container_lines(out: &mut Writer, container: &Value, status: Option<&Value>) {
    if let Some(status) = status {
        out.field(2, "Container ID", &plain_at(status, &["containerID"]));
    }
    out.field(2, "Image", &plain_at(container, &["image"]));
    if let Some(status) = status {
        out.field(2, "Image ID", &plain_at(status, &["imageID"]));
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
            &or(&plain_at(status, &["restartCount"]), "0"),
        );
    }
    for (key, field) in [("Limits", "limits"), ("Requests", "requests")] {
        let map = container.at(&["resources", field]).and_then(Value::as_map);
        let Some(map) = map.filter(|it| !it.is_empty()) else {
            continue;
        };
        out.line(2, &format!("{key}:"));
        for (name, value) in map {
            out.field(3, name, &plain(value));
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
    environment(out, container);
    mounts(out, container);
}

fn ports(out: &mut Writer, container: &Value) {
    let list = |field: &str| {
        let ports = items(container, &["ports"]).iter().map(|port| {
            let number = or(&plain_at(port, &[field]), "0");
            let protocol = plain_at(port, &["protocol"]);
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
    let at = |path: &[&str]| state.map(|it| plain_at(it, path)).unwrap_or_default();
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
    let number = |field: &str, empty: &str| or(&plain_at(probe, &[field]), empty);
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
        let scheme = or(&plain_at(get, &["scheme"]), "http").to_lowercase();
        format!(
            "http-get {scheme}://{}:{}{}",
            plain_at(get, &["host"]),
            plain_at(get, &["port"]),
            plain_at(get, &["path"])
        )
    } else if let Some(tcp) = probe.get("tcpSocket") {
        format!(
            "tcp-socket {}:{}",
            plain_at(tcp, &["host"]),
            plain_at(tcp, &["port"])
        )
    } else if let Some(grpc) = probe.get("grpc") {
        format!(
            "grpc <pod>:{} {}",
            plain_at(grpc, &["port"]),
            plain_at(grpc, &["service"])
        )
    } else {
        "unknown".to_owned()
    };
    format!("{what} {attributes}")
}

fn environment(out: &mut Writer, container: &Value) {
    let from = items(container, &["envFrom"]);
    if !from.is_empty() {
        out.line(2, "Environment Variables from:");
    }
    for source in from {
        for (field, kind) in [("configMapRef", "ConfigMap"), ("secretRef", "Secret")] {
            if let Some(reference) = source.get(field) {
                let optional = or(&plain_at(reference, &["optional"]), "false");
                let name = plain_at(reference, &["name"]);
                out.line(3, &format!("{name}\t{kind}\tOptional: {optional}"));
            }
        }
    }
    let all = items(container, &["env"]);
    if all.is_empty() {
        out.field(2, "Environment", NONE);
        return;
    }
    out.line(2, "Environment:");
    for variable in all {
        let name = plain_at(variable, &["name"]);
        let Some(source) = variable.get("valueFrom") else {
            out.field(3, &name, &plain_at(variable, &["value"]));
            continue;
        };
        for (field, kind) in [
            ("secretKeyRef", "secret"),
            ("configMapKeyRef", "config map"),
        ] {
            if let Some(reference) = source.get(field) {
                let (key, of) = (
                    plain_at(reference, &["key"]),
                    plain_at(reference, &["name"]),
                );
                let optional = or(&plain_at(reference, &["optional"]), "false");
                let text = format!("<set to the key '{key}' in {kind} '{of}'>");
                out.line(3, &format!("{name}:\t{text}\tOptional: {optional}"));
            }
        }
        if let Some(path) = source.str_at(&["fieldRef", "fieldPath"]) {
            out.field(3, &name, &format!(" (v1:{path})"));
        }
        if let Some(resource) = source.str_at(&["resourceFieldRef", "resource"]) {
            out.field(3, &name, &format!(" ({resource})"));
        }
    }
}

fn mounts(out: &mut Writer, container: &Value) {
    let mut all: Vec<&Value> = items(container, &["volumeMounts"]).iter().collect();
    if all.is_empty() {
        out.field(2, "Mounts", NONE);
        return;
    }
    let path = |it: &Value| plain_at(it, &["mountPath"]);
    crate::cluster::sorted::sort_by(&mut all, |a, b| path(a).cmp(&path(b)));
    out.line(2, "Mounts:");
    for mount in all {
        let mut flags = match mount.get("readOnly") {
            Some(Value::Bool(true)) => "ro".to_owned(),
            _ => "rw".to_owned(),
        };
        let inner = plain_at(mount, &["subPath"]);
        if !inner.is_empty() {
            flags.push_str(&format!(",path={inner:?}"));
        }
        let name = plain_at(mount, &["name"]);
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
        out.line(1, &format!("{indent}{}:", plain_at(volume, &["name"])));
        source(out, volume);
    }
}

fn source(out: &mut Writer, volume: &Value) {
    let at = |path: &[&str], empty: &str| or(&plain_at(volume, path), empty);
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
        for item in items(volume, &["downwardAPI", "items"]) {
            let (from, to) = (
                plain_at(item, &["fieldRef", "fieldPath"]),
                plain_at(item, &["path"]),
            );
            out.line(3, &format!("{from} -> {to}"));
        }
    } else if volume.get("projected").is_some() {
        out.line(
            2,
            "Type:\tProjected (a volume that contains injected data from multiple sources)",
        );
        for source in items(volume, &["projected", "sources"]) {
            projected(out, source);
        }
    }
}

fn projected(out: &mut Writer, source: &Value) {
    if let Some(secret) = source.get("secret") {
        out.field(2, "SecretName", &plain_at(secret, &["name"]));
        out.field(
            2,
            "Optional",
            &or(&plain_at(secret, &["optional"]), "false"),
        );
    }
    if source.get("downwardAPI").is_some() {
        out.field(2, "DownwardAPI", "true");
    }
    if let Some(map) = source.get("configMap") {
        out.field(2, "ConfigMapName", &plain_at(map, &["name"]));
        out.field(2, "Optional", &or(&plain_at(map, &["optional"]), "false"));
    }
    if let Some(token) = source.get("serviceAccountToken") {
        out.field(
            2,
            "TokenExpirationSeconds",
            &plain_at(token, &["expirationSeconds"]),
        );
    }
}

/// `Tolerations:` with a line for each.
pub(super) fn tolerations(out: &mut Writer, level: usize, all: &[Value]) {
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
    let part = |field: &str| plain_at(toleration, &[field]);
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
