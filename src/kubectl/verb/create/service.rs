//! `kubectl create service`: a Service of a type, with the ports of `--tcp`.

use crate::cluster::admission::text;
use crate::cluster::value::Value;
use crate::kubectl::fault::Fault;
use crate::kubectl::verb::Command;

/// A Service that selects the pods with `app=NAME`.
pub(super) fn service(command: &Command<'_>, name: &str, kind: &str) -> Result<Value, Fault> {
    let args = &command.args;
    let address = args.get("clusterip").unwrap_or_default();
    if address != "None" && args.get("tcp").is_none() && kind != "ExternalName" {
        return Err(Fault::client(
            "at least one tcp port specifier must be provided",
        ));
    }
    let external = args.get("external-name").unwrap_or_default();
    if kind == "ExternalName" && !text::subdomain(external).is_empty() {
        return Err(Fault::client(format!(
            "invalid service external name {external}"
        )));
    }
    let node_port = args.number("node-port").unwrap_or(0);
    let mut ports = Vec::new();
    for pair in args.each("tcp") {
        let (port, target) = ports_of(pair)?;
        let mut port = Value::map([
            ("name", Value::text(pair.replace(':', "-"))),
            ("port", Value::Int(port)),
            ("protocol", "TCP".into()),
            ("targetPort", target),
        ]);
        if node_port != 0 {
            port.set(&["nodePort"], Value::Int(node_port));
        }
        ports.push(port);
    }
    let mut value = Value::map([("spec", Value::map([("type", Value::text(kind))]))]);
    value.set(&["spec", "selector", "app"], Value::text(name));
    value.set(&["metadata", "labels", "app"], Value::text(name));
    if !ports.is_empty() {
        value.set(&["spec", "ports"], Value::List(ports));
    }
    for (field, text) in [("clusterIP", address), ("externalName", external)] {
        if !text.is_empty() {
            value.set(&["spec", field], Value::text(text));
        }
    }
    Ok(value)
}

/// The port and the target of `80`, `80:8080` or `80:web`.
fn ports_of(pair: &str) -> Result<(i64, Value), Fault> {
    let mut parts = pair.split(':');
    let port = port_number(parts.next().unwrap_or_default())?;
    let Some(target) = parts.next() else {
        return Ok((port, Value::Int(port)));
    };
    let (value, faults) = match target.parse::<i64>() {
        Ok(number) => (
            Value::Int(number),
            text::port(number).map(str::to_owned).into_iter().collect(),
        ),
        Err(_) => (Value::text(target), text::port_name(target)),
    };
    match &*faults {
        [] => Ok((port, value)),
        faults => Err(Fault::client(faults.join(","))),
    }
}

/// A port as Go reads it: a number of 16 bits.
pub(in crate::kubectl::verb) fn port_number(text: &str) -> Result<i64, Fault> {
    let is_number = !text.is_empty() && text.bytes().all(|it| it.is_ascii_digit());
    let why = match text.parse::<u16>() {
        Ok(number) if is_number => return Ok(i64::from(number)),
        _ if is_number => "value out of range",
        _ => "invalid syntax",
    };
    Err(Fault::client(format!(
        "strconv.ParseUint: parsing {text:?}: {why}"
    )))
}

#[cfg(test)]
mod tests {
    use crate::kubectl::verb::kit::Kit;

    #[test]
    fn ports_are_numbers_or_names() {
        let mut kit = Kit::new();
        for (tcp, said) in [
            ("x", "strconv.ParseUint: parsing \"x\": invalid syntax"),
            (
                "70000",
                "strconv.ParseUint: parsing \"70000\": value out of range",
            ),
            ("80:0", "must be between 1 and 65535, inclusive"),
            (
                "80:WEB",
                "must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-),must contain at least one letter (a-z)",
            ),
        ] {
            assert_eq!(
                kit.says(&format!("kubectl create service clusterip x --tcp={tcp}")),
                format!("error: {said}\n[exit 1]\n")
            );
        }
        assert_eq!(
            kit.says("kubectl create svc nodeport x --tcp=5678:8080,80:web --node-port=30000 --dry-run=client -o yaml"),
            "apiVersion: v1\nkind: Service\nmetadata:\n  labels:\n    app: x\n  name: x\nspec:\n  ports:\n  - name: 5678-8080\n    \
             nodePort: 30000\n    port: 5678\n    protocol: TCP\n    targetPort: 8080\n  - name: 80-web\n    nodePort: 30000\n    \
             port: 80\n    protocol: TCP\n    targetPort: web\n  selector:\n    app: x\n  type: NodePort\nstatus:\n  \
             loadBalancer: {}\n"
        );
    }

    #[test]
    fn services_come_in_four_types() {
        let mut kit = Kit::new();
        for (line, said) in [
            ("clusterip a --clusterip=None", "service/a created"),
            (
                "clusterip b",
                "error: at least one tcp port specifier must be provided",
            ),
            ("nodeport c --tcp=80", "service/c created"),
            ("loadbalancer d --tcp=80:8080", "service/d created"),
            (
                "externalname e",
                "error: required flag(s) \"external-name\" not set",
            ),
            (
                "externalname e --external-name=A",
                "error: invalid service external name A",
            ),
            ("externalname e --external-name=a.org", "service/e created"),
            (
                "nodeport c --tcp=80",
                "error: failed to create NodePort service: services \"c\" already exists",
            ),
        ] {
            let answer = kit.says(&format!("kubectl create service {line}"));
            assert_eq!(answer.lines().next(), Some(said), "{line}");
        }
    }
}
