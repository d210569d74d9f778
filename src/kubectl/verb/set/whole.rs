//! `kubectl set selector` and `kubectl set serviceaccount`: one value for the whole object.

use super::{Command, Holder, Told, each, send};
use crate::cluster::object::Kind;
use crate::cluster::value::Value;
use crate::kubectl::fault::Fault;
use crate::kubectl::verb::create::label_selector;

/// `set selector svc/nginx app=web,tier=front`: the selector is replaced as a whole.
pub(super) fn selector(command: &mut Command<'_>, words: &[String]) -> Result<(), Fault> {
    const TOLD: Told = Told {
        word: "selector updated",
        refused: "",
    };
    let Some((last, words)) = words.split_last() else {
        return Err(Fault::client("one selector is required"));
    };
    let made = label_selector(last)?;
    each(command, words, |command, key| {
        command.find(key)?;
        if key.kind != Kind::Service {
            return Err(Fault::client(
                "setting a selector is only supported for Services",
            ));
        }
        let expressions = made.list_at(&["matchExpressions"]);
        if !expressions.is_empty() {
            let shown: Vec<String> = expressions
                .iter()
                .map(|it| {
                    let values = it.list_at(&["values"]).iter().map(Value::plain);
                    let values: Vec<String> = values.collect();
                    let (key, operator) = (it.plain_at(&["key"]), it.plain_at(&["operator"]));
                    format!("{{{key} {operator} [{}]}}", values.join(" "))
                })
                .collect();
            return Err(Fault::client(format!(
                "match expression [{}] not supported on this object",
                shown.join(" ")
            )));
        }
        let mut labels = made.get("matchLabels").cloned().unwrap_or_default();
        labels.set(&["$patch"], Value::text("replace"));
        let mut patch = Value::default();
        patch.set(&["spec", "selector"], labels);
        send(command, key, patch, TOLD)
    })
}

/// `set serviceaccount sts/web NAME`.
pub(super) fn service_account(command: &mut Command<'_>, words: &[String]) -> Result<(), Fault> {
    const TOLD: Told = Told {
        word: "serviceaccount updated",
        // There is no colon in the original, either.
        refused: "failed to patch ServiceAccountName ",
    };
    let Some((name, words)) = words.split_last() else {
        return Err(Fault::client("serviceaccount is required"));
    };
    each(command, words, |command, key| {
        let holder = Holder::find(command, key)?;
        let path: Vec<&str> = holder
            .path
            .iter()
            .copied()
            .chain(["serviceAccountName"])
            .collect();
        let mut patch = Value::default();
        patch.set(&path, Value::text(name.as_str()));
        send(command, key, patch, TOLD)
    })
}

#[cfg(test)]
mod tests {
    use crate::kubectl::verb::kit::Kit;

    #[test]
    fn selectors_are_replaced() {
        let mut kit = Kit::with_web();
        for (line, said) in [
            ("svc/nginx x=y", "service/nginx selector updated\n"),
            ("svc nginx a=b,c=d", "service/nginx selector updated\n"),
            (
                "sts/web a=b",
                "error: setting a selector is only supported for Services\n[exit 1]\n",
            ),
            ("", "error: one selector is required\n[exit 1]\n"),
            (
                "svc nope a=b",
                "Error from server (NotFound): services \"nope\" not found\n[exit 1]\n",
            ),
        ] {
            assert_eq!(
                kit.says(&format!("kubectl set selector {line}")),
                said,
                "{line}"
            );
        }
        assert_eq!(
            kit.says("kubectl get svc nginx -o jsonpath={.spec.selector}"),
            "{\"a\":\"b\",\"c\":\"d\"}"
        );
    }

    #[test]
    fn accounts_are_set() {
        let mut kit = Kit::with_web();
        kit.says("kubectl create sa reader");
        assert_eq!(
            kit.says("kubectl set sa sts web reader"),
            "statefulset.apps/web serviceaccount updated\n"
        );
        assert_eq!(
            kit.says("kubectl get sts web -o jsonpath={.spec.template.spec.serviceAccountName}"),
            "reader"
        );
        assert_eq!(
            kit.says("kubectl set serviceaccount"),
            "error: serviceaccount is required\n[exit 1]\n"
        );
    }
}
