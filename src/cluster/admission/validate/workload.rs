//! StatefulSet, ReplicaSet and Deployment (`ValidateStatefulSetSpec` and its like).

use std::rc::Rc;

use super::{meta, pod, storage};
use crate::cluster::admission::text;
use crate::cluster::error::{Causes, quote};
use crate::cluster::json::{IntOrString, Json as _};
use crate::cluster::object::deployment::RollingUpdateDeployment;
use crate::cluster::object::pod_spec::PodTemplateSpec;
use crate::cluster::object::stateful_set::{RollingUpdate, StatefulSetSpec, UpdateStrategy};
use crate::cluster::object::{Deployment, LabelSelector, ReplicaSet, StatefulSet};
use crate::cluster::value::{Text, Value};

const NOT_NEGATIVE: &str = "must be greater than or equal to 0";
const MISMATCH: &str = "`selector` does not match template `labels`";
const FROZEN: &str = "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', \
    'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden";

/// Checks a StatefulSet; on creation the fields too that cannot change later.
pub(super) fn stateful_set(set: &StatefulSet, create: bool, causes: &mut Causes) {
    let spec = &*set.spec;
    if !matches!(&*spec.pod_management_policy, "OrderedReady" | "Parallel") {
        let detail = "must be 'OrderedReady' or 'Parallel'";
        causes.invalid_text(
            "spec.podManagementPolicy",
            &spec.pod_management_policy,
            detail,
        );
    }
    strategy(&spec.update_strategy, causes);
    retention(spec, causes);
    not_negative(spec.replicas, "spec.replicas", causes);
    not_negative(Some(spec.min_ready_s), "spec.minReadySeconds", causes);
    not_negative(
        spec.ordinals.as_ref().map(|it| it.start),
        "spec.ordinals.start",
        causes,
    );
    let sound = selector(spec.selector.as_ref(), "statefulset", causes);
    if create && !spec.service_name.is_empty() {
        for fault in text::label(&spec.service_name) {
            causes.invalid_text("spec.serviceName", &spec.service_name, &fault);
        }
    }
    let claims: Vec<&Text> = spec
        .claim_templates
        .iter()
        .map(|it| &it.meta.name)
        .collect();
    if sound {
        // A pod gets its own host name and the Service's domain, whatever the template says.
        let mut own = spec.template.clone();
        let pod = Rc::make_mut(&mut own.spec);
        (pod.hostname, pod.subdomain) = Default::default();
        template(&own, spec.selector.as_ref(), &claims, causes);
    }
    always(&spec.template, "StatefulSet", causes);
    if create {
        for (index, claim) in spec.claim_templates.iter().enumerate() {
            storage::claim_spec(
                &claim.spec,
                &format!("spec.volumeClaimTemplates[{index}].spec"),
                causes,
            );
        }
    }
}

fn strategy(strategy: &UpdateStrategy, causes: &mut Causes) {
    let rolling = strategy.rolling_update.as_ref();
    match (&*strategy.kind, rolling) {
        ("RollingUpdate", Some(rolling)) => {
            not_negative(
                rolling.partition,
                "spec.updateStrategy.rollingUpdate.partition",
                causes,
            );
            max_unavailable(rolling, causes);
        }
        ("RollingUpdate" | "OnDelete", None) => {}
        ("OnDelete", Some(rolling)) => {
            let detail = "only allowed for updateStrategy 'RollingUpdate'";
            causes.invalid_raw(
                "spec.updateStrategy.rollingUpdate",
                &go_rolling_update(rolling),
                detail,
            );
        }
        (kind, rolling) => {
            // Upstream prints its internal Go struct, whose field names begin with capitals.
            let value = format!(
                "{{\"Type\":{},\"RollingUpdate\":{}}}",
                quote(kind),
                rolling.map_or_else(|| "null".to_owned(), go_rolling_update)
            );
            causes.invalid_raw(
                "spec.updateStrategy",
                &value,
                "must be 'RollingUpdate' or 'OnDelete'",
            );
        }
    }
}

/// `{"Partition":0,"MaxUnavailable":null}`: upstream's internal struct, in its own order.
fn go_rolling_update(rolling: &RollingUpdate) -> String {
    let most = rolling
        .max_unavailable
        .as_ref()
        .and_then(IntOrString::write)
        .unwrap_or(Value::Null);
    format!(
        "{{\"Partition\":{},\"MaxUnavailable\":{most}}}",
        rolling.partition.unwrap_or(0)
    )
}

fn max_unavailable(rolling: &RollingUpdate, causes: &mut Causes) {
    let field = "spec.updateStrategy.rollingUpdate.maxUnavailable";
    let most = &rolling.max_unavailable;
    int_or_percent(most, field, causes);
    if let Some(value) = most.as_ref().filter(|it| it.of(100, false) == 0) {
        causes.invalid(field, &value.write_always(), "cannot be 0");
    }
    at_most_all(most, field, causes);
}

fn percent(text: &str) -> Option<i64> {
    text.strip_suffix('%')?
        .parse()
        .ok()
        .filter(|number: &i64| *number >= 0)
}

fn retention(spec: &StatefulSetSpec, causes: &mut Causes) {
    let Some(retention) = &spec.retention else {
        return;
    };
    for (field, word) in [
        ("whenDeleted", &retention.when_deleted),
        ("whenScaled", &retention.when_scaled),
    ] {
        if !matches!(&**word, "Retain" | "Delete") {
            let path = format!("spec.persistentVolumeClaimRetentionPolicy.{field}");
            causes.unsupported(&path, word, &["Retain", "Delete"]);
        }
    }
}

fn not_negative(number: Option<i32>, field: &str, causes: &mut Causes) {
    if let Some(number) = number.filter(|number| *number < 0) {
        causes.invalid(field, &Value::Int(i64::from(number)), NOT_NEGATIVE);
    }
}

/// Checks the selector of a workload; whether it is one that the template can be held to.
fn selector(selector: Option<&LabelSelector>, what: &str, causes: &mut Causes) -> bool {
    let Some(selector) = selector else {
        causes.required("spec.selector", "");
        return true;
    };
    let before = causes.0.len();
    label_selector(selector, "spec.selector", causes);
    let sound = causes.0.len() == before;
    if selector.is_empty() {
        let detail = format!("empty selector is invalid for {what}");
        causes.invalid("spec.selector", &selector.write_always(), &detail);
    }
    if !sound {
        let detail = match what {
            "statefulset" => "",
            _ => "invalid label selector",
        };
        causes.invalid_raw("spec.selector", &go_selector(selector), detail);
    }
    sound
}

/// A selector as Go writes it: in the order of its fields.
fn go_selector(selector: &LabelSelector) -> String {
    let value = selector.write_always();
    let fields = ["matchLabels", "matchExpressions"];
    let parts = fields.iter().filter_map(|field| {
        let part = value.get(field)?.to_json_plain();
        Some(format!("\"{field}\":{part}"))
    });
    format!("{{{}}}", parts.collect::<Vec<_>>().join(","))
}

/// Checks a label selector.
pub(super) fn label_selector(selector: &LabelSelector, path: &str, causes: &mut Causes) {
    meta::labels(
        &selector.match_labels,
        format_args!("{path}.matchLabels"),
        causes,
    );
    for (index, requirement) in selector.match_expressions.iter().enumerate() {
        let at = format!("{path}.matchExpressions[{index}]");
        match &*requirement.operator {
            "In" | "NotIn" if requirement.values.is_empty() => {
                let detail = "must be specified when `operator` is 'In' or 'NotIn'";
                causes.required(&format!("{at}.values"), detail);
            }
            "Exists" | "DoesNotExist" if !requirement.values.is_empty() => {
                let detail = "may not be specified when `operator` is 'Exists' or 'DoesNotExist'";
                causes.forbidden(&format!("{at}.values"), detail);
            }
            "In" | "NotIn" | "Exists" | "DoesNotExist" => {}
            other => causes.invalid_text(
                &format!("{at}.operator"),
                other,
                "not a valid selector operator",
            ),
        }
        for fault in text::qualified(&requirement.key) {
            causes.invalid_text(&format!("{at}.key"), &requirement.key, &fault);
        }
        for (number, value) in requirement.values.iter().enumerate() {
            for fault in text::label_value(value) {
                causes.invalid_text(&format!("{at}.values[{number}]"), value, &fault);
            }
        }
    }
}

fn template(
    template: &PodTemplateSpec,
    selector: Option<&LabelSelector>,
    claims: &[&Text],
    causes: &mut Causes,
) {
    let labels = &template.meta.labels;
    // No selector at all matches nothing, an empty one is refused by itself.
    let matches = selector.is_some_and(|it| it.is_empty() || it.matches(labels));
    if !matches {
        let value = labels.write().unwrap_or(Value::Null);
        causes.invalid("spec.template.metadata.labels", &value, MISMATCH);
    }
    meta::labels(labels, format_args!("spec.template.labels"), causes);
    meta::annotations(
        &template.meta.annotations,
        "spec.template.annotations",
        causes,
    );
    pod::spec(&template.spec, claims, "spec.template.spec", causes);
}

/// What may not change on a StatefulSet.
pub(super) fn stateful_set_update(new: &StatefulSet, old: &StatefulSet, causes: &mut Causes) {
    let frozen = |spec: &StatefulSetSpec| StatefulSetSpec {
        replicas: None,
        ordinals: None,
        template: PodTemplateSpec::default(),
        update_strategy: UpdateStrategy::default(),
        revision_history_limit: None,
        retention: None,
        min_ready_s: 0,
        ..spec.clone()
    };
    if frozen(&new.spec) != frozen(&old.spec) {
        causes.forbidden("spec", FROZEN);
    }
}

/// Checks a ReplicaSet.
pub(super) fn replica_set(set: &ReplicaSet, causes: &mut Causes) {
    let spec = &*set.spec;
    not_negative(spec.replicas, "spec.replicas", causes);
    not_negative(Some(spec.min_ready_s), "spec.minReadySeconds", causes);
    pods_of_replicas(&spec.template, spec.selector.as_ref(), causes);
}

/// Checks the selector and the template of what makes ReplicaSets or is one.
fn pods_of_replicas(pods: &PodTemplateSpec, selects: Option<&LabelSelector>, causes: &mut Causes) {
    if selector(selects, "deployment", causes) {
        template(pods, selects, &[], causes);
        always(pods, "ReplicaSet", causes);
    }
}

/// Pods of a workload run until they are deleted.
fn always(template: &PodTemplateSpec, what: &str, causes: &mut Causes) {
    let spec = &template.spec;
    if &*spec.restart_policy != "Always" {
        let field = "spec.template.spec.restartPolicy";
        causes.unsupported(field, &spec.restart_policy, &["Always"]);
    }
    if spec.active_deadline_s.is_some() {
        let detail = format!("activeDeadlineSeconds in {what} is not Supported");
        causes.forbidden("spec.template.spec.activeDeadlineSeconds", &detail);
    }
}

/// Checks a Deployment.
pub(super) fn deployment(deployment: &Deployment, causes: &mut Causes) {
    let spec = &*deployment.spec;
    not_negative(spec.replicas, "spec.replicas", causes);
    pods_of_replicas(&spec.template, spec.selector.as_ref(), causes);
    match (&*spec.strategy.kind, &spec.strategy.rolling_update) {
        ("Recreate", Some(_)) => {
            let detail = "may not be specified when strategy `type` is 'Recreate'";
            causes.forbidden("spec.strategy.rollingUpdate", detail);
        }
        ("RollingUpdate", Some(rolling)) => surge(rolling, causes),
        ("Recreate" | "RollingUpdate", None) => {}
        (other, _) => {
            causes.unsupported("spec.strategy.type", other, &["Recreate", "RollingUpdate"]);
        }
    }
    not_negative(Some(spec.min_ready_s), "spec.minReadySeconds", causes);
    not_negative(
        spec.revision_history_limit,
        "spec.revisionHistoryLimit",
        causes,
    );
    if let Some(deadline) = spec.progress_deadline_s {
        not_negative(Some(deadline), "spec.progressDeadlineSeconds", causes);
        if deadline <= spec.min_ready_s {
            let value = Value::Int(i64::from(deadline));
            causes.invalid(
                "spec.progressDeadlineSeconds",
                &value,
                "must be greater than minReadySeconds",
            );
        }
    }
}

/// Checks how many pods may be missing and how many too many (`ValidateRollingUpdateDeployment`).
fn surge(rolling: &RollingUpdateDeployment, causes: &mut Causes) {
    let (less, more) = (&rolling.max_unavailable, &rolling.max_surge);
    let at = "spec.strategy.rollingUpdate.maxUnavailable";
    int_or_percent(less, at, causes);
    int_or_percent(more, "spec.strategy.rollingUpdate.maxSurge", causes);
    let is_zero = |it: &Option<IntOrString>| it.as_ref().is_none_or(|it| it.of(100, false) == 0);
    if is_zero(less) && is_zero(more) {
        let value = less.write().unwrap_or(Value::Null);
        causes.invalid(at, &value, "may not be 0 when `maxSurge` is 0");
    }
    at_most_all(less, at, causes);
}

/// A number of pods or a share of them (`ValidatePositiveIntOrPercent`).
pub(super) fn int_or_percent(value: &Option<IntOrString>, field: &str, causes: &mut Causes) {
    match value {
        Some(IntOrString::Int(number)) if *number < 0 => {
            causes.invalid(field, &Value::Int(*number), NOT_NEGATIVE);
        }
        Some(IntOrString::Text(text)) if percent(text).is_none() => {
            let detail = "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or \
                 '93%', regex used for validation is '[0-9]+%')";
            causes.invalid_text(field, text, detail);
        }
        _ => {}
    }
}

/// A share is at most all (`IsNotMoreThan100Percent`).
pub(super) fn at_most_all(value: &Option<IntOrString>, field: &str, causes: &mut Causes) {
    if let Some(IntOrString::Text(text)) = value
        && percent(text).is_some_and(|it| it > 100)
    {
        causes.invalid_text(field, text, "must not be greater than 100%");
    }
}

/// The selector of a ReplicaSet or Deployment may not change.
pub(super) fn immutable_selector(
    new: &Option<LabelSelector>,
    old: &Option<LabelSelector>,
    causes: &mut Causes,
) {
    if new != old {
        let value = new.as_ref().map_or_else(|| quote("null"), go_selector);
        causes.invalid_raw("spec.selector", &value, "field is immutable");
    }
}
