//! `kubectl create deployment` and `create poddisruptionbudget`.

use crate::cluster::names::Names;
use crate::cluster::value::{Map, Value};
use crate::kubectl::fault::Fault;
use crate::kubectl::selector;
use crate::kubectl::verb::Command;

/// A Deployment with a container for each image.
pub(super) fn deployment(command: &Command<'_>, name: &str) -> Result<Value, Fault> {
    let args = &command.args;
    let images: Vec<&str> = args.each("image").collect();
    if images.len() > 1 && !args.after_dashes.is_empty() {
        return Err(Fault::client(
            "cannot specify multiple --image options and command",
        ));
    }
    let mut containers = containers(command, &images);
    if let Some(port) = args.number("port").filter(|it| *it >= 0)
        && let Some(first) = containers.first_mut()
    {
        let port = Value::map([("containerPort", Value::Int(port))]);
        first.set(&["ports"], Value::List(vec![port]));
    }
    let labels = Value::map([("app", Value::text(name))]);
    let mut template = Value::map([("metadata", Value::map([("labels", labels.clone())]))]);
    template.set(&["spec", "containers"], Value::List(containers));
    let mut value = Value::map([("metadata", Value::map([("labels", labels.clone())]))]);
    let replicas = args.number("replicas").unwrap_or(1);
    value.set(&["spec", "replicas"], Value::Int(replicas));
    value.set(&["spec", "selector", "matchLabels"], labels);
    value.set(&["spec", "template"], template);
    Ok(value)
}

/// The containers of images, each called by the last part of its image.
fn containers(command: &Command<'_>, images: &[&str]) -> Vec<Value> {
    let api = &command.cluster.api;
    let mut names = Names::new(api.config.naming);
    let mut rng = api.rng.clone();
    let called = images.iter().map(|image| {
        let last = image.rsplit('/').next().unwrap_or(image);
        let base = last.split([':', '@']).next().unwrap_or(last);
        if !base.contains(['_', '.']) {
            return Value::text(base);
        }
        // What a name must not contain makes it one of many: it gets five letters.
        Value::Text(names.generate(&mut rng, &format!("{}-", base.replace(['_', '.'], "-"))))
    });
    let made = called.zip(images).map(|(name, image)| {
        let mut container = Value::map([("name", name), ("image", Value::text(*image))]);
        if !command.args.after_dashes.is_empty() {
            let words = command.args.after_dashes.iter().map(Value::text);
            container.set(&["command"], Value::List(words.collect()));
        }
        container
    });
    made.collect()
}

/// A PodDisruptionBudget.
pub(super) fn budget(command: &Command<'_>, _name: &str) -> Result<Value, Fault> {
    let flag = |name: &str| command.args.get(name).unwrap_or_default();
    let (selector, min, max) = (
        flag("selector"),
        flag("min-available"),
        flag("max-unavailable"),
    );
    let is_count = |text: &str| {
        let digits = text.strip_suffix('%').unwrap_or(text);
        text.is_empty() || (!digits.is_empty() && digits.bytes().all(|it| it.is_ascii_digit()))
    };
    let wrong = if selector.is_empty() {
        "a selector must be specified"
    } else if min.is_empty() && max.is_empty() {
        "one of min-available or max-unavailable must be specified"
    } else if !min.is_empty() && !max.is_empty() {
        "min-available and max-unavailable cannot be both specified"
    } else if !is_count(min) {
        "invalid format specified for min-available"
    } else if !is_count(max) {
        "invalid format specified for max-unavailable"
    } else {
        ""
    };
    if !wrong.is_empty() {
        return Err(Fault::client(wrong));
    }
    let (field, count) = match min {
        "" => ("maxUnavailable", max),
        min => ("minAvailable", min),
    };
    let count = count.parse().map_or(Value::text(count), Value::Int);
    let mut value = Value::map([("spec", Value::map([(field, count)]))]);
    value.set(&["spec", "selector"], label_selector(selector)?);
    Ok(value)
}

/// A label selector from its text: equalities are labels, all else is an expression (`ParseToLabelSelector`).
pub(in crate::kubectl::verb) fn label_selector(selector: &str) -> Result<Value, Fault> {
    let requirements = selector::read(selector).map_err(|why| {
        Fault::client(format!(
            "couldn't parse the selector string {selector:?}: {why}"
        ))
    })?;
    let (mut labels, mut expressions) = (Map::new(), Vec::new());
    for it in requirements {
        match &*it.values {
            [value] if &*it.operator == "In" && !selector.contains(&format!("{} in", it.key)) => {
                labels.insert(it.key, Value::Text(value.clone()));
            }
            values => {
                let mut expression = Value::map([
                    ("key", Value::Text(it.key.clone())),
                    ("operator", Value::Text(it.operator.clone())),
                ]);
                if !values.is_empty() {
                    let values = values.iter().cloned().map(Value::Text);
                    expression.set(&["values"], Value::List(values.collect()));
                }
                expressions.push(expression);
            }
        }
    }
    let mut made = Value::Map(Map::new());
    if !labels.is_empty() {
        made.set(&["matchLabels"], Value::Map(labels));
    }
    if !expressions.is_empty() {
        made.set(&["matchExpressions"], Value::List(expressions));
    }
    Ok(made)
}

#[cfg(test)]
mod tests {
    use crate::kubectl::verb::kit::Kit;

    #[test]
    fn a_deployment_is_printed_as_its_struct_is() {
        let mut kit = Kit::new();
        assert_eq!(
            kit.says("kubectl create deployment x --image=nginx --dry-run=client -o yaml"),
            "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  labels:\n    app: x\n  name: x\nspec:\n  replicas: 1\n  \
             selector:\n    matchLabels:\n      app: x\n  strategy: {}\n  template:\n    metadata:\n      labels:\n        \
             app: x\n    spec:\n      containers:\n      - image: nginx\n        name: nginx\n        resources: {}\nstatus: {}\n"
        );
        let json =
            kit.says("kubectl create deployment x --image=nginx -n y --dry-run=client -o json");
        assert!(
            json.starts_with(
                "{\n    \"kind\": \"Deployment\",\n    \"apiVersion\": \"apps/v1\",\n    \"metadata\": {\n        \
                 \"name\": \"x\",\n        \"namespace\": \"y\",\n        \"labels\": {\n            \"app\": \"x\"\n        \
                 }\n    },\n    \"spec\": {\n        \"replicas\": 1,\n        \"selector\": {"
            ),
            "{json}"
        );
        let made = kit.says("kubectl create deployment x --image=nginx -o yaml");
        assert!(made.contains("    type: RollingUpdate\n"), "{made}");
        assert_eq!(
            kit.says("kubectl create deployment z --image=nginx -o jsonpath={.metadata.name}"),
            "z"
        );
    }

    #[test]
    fn a_deployment_takes_images_and_a_command() {
        let mut kit = Kit::new();
        assert_eq!(
            kit.says("kubectl create deployment d --image=nginx --port=80 -r 2 -- sleep 5"),
            "deployment.apps/d created\n"
        );
        assert_eq!(
            kit.says("kubectl get deploy d -o jsonpath={.spec.replicas},{.spec.template.spec.containers[0].command},{.spec.template.spec.containers[0].ports[0].containerPort}"),
            "2,[\"sleep\",\"5\"],80"
        );
        assert_eq!(
            kit.says("kubectl create deployment d --image=nginx --image=redis -- sleep 5"),
            "error: cannot specify multiple --image options and command\n[exit 1]\n"
        );
        let path = "jsonpath={.spec.template.spec.containers[*].name}";
        let names = kit.says(&format!(
            "kubectl create deploy two --image=a/b/redis:7,my_app.x@sha256:1 -o {path}"
        ));
        assert!(names.starts_with("redis my-app-x-"), "{names}");
        assert_eq!(names.len(), "redis my-app-x-12345".len());
    }

    #[test]
    fn budgets_say_what_they_lack() {
        let mut kit = Kit::new();
        for (flags, said) in [
            ("", "error: a selector must be specified"),
            (
                "--selector=app=web",
                "error: one of min-available or max-unavailable must be specified",
            ),
            (
                "--selector=app=web --min-available=1 --max-unavailable=1",
                "error: min-available and max-unavailable cannot be both specified",
            ),
            (
                "--selector=app=web --max-unavailable=1Gi",
                "error: invalid format specified for max-unavailable",
            ),
            (
                "--selector=app=web --min-available=50%",
                "poddisruptionbudget.policy/x created",
            ),
            (
                "--selector=app=web --min-available=50%",
                "error: failed to create poddisruptionbudgets: poddisruptionbudgets.policy \"x\" already exists",
            ),
        ] {
            let answer = kit.says(&format!("kubectl create pdb x {flags}"));
            assert_eq!(answer.lines().next(), Some(said), "{flags}");
        }
        let line =
            "create pdb z --selector=app=web,tier!=x --max-unavailable=1 --dry-run=client -o yaml";
        assert_eq!(
            kit.says(&format!("kubectl {line}")),
            "apiVersion: policy/v1\nkind: PodDisruptionBudget\nmetadata:\n  name: z\nspec:\n  maxUnavailable: 1\n  selector:\n    \
             matchExpressions:\n    - key: tier\n      operator: NotIn\n      values:\n      - x\n    matchLabels:\n      app: \
             web\nstatus:\n  currentHealthy: 0\n  desiredHealthy: 0\n  disruptionsAllowed: 0\n  expectedPods: 0\n"
        );
    }
}
