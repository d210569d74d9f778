//! Where pods may be placed: affinity and tolerations (`validatePodAffinityTerm`, `ValidateTolerations`).

use std::fmt::Arguments;

use super::pod::one_of;
use super::workload::label_selector;
use crate::cluster::admission::text;
use crate::cluster::error::Causes;
use crate::cluster::object::affinity::{PodAffinity, PodAffinityTerm};
use crate::cluster::object::pod_spec::Toleration;
use crate::cluster::value::Value;

/// Checks which pods a pod wants to be near to or away from.
pub(super) fn pod_affinity(affinity: &PodAffinity, at: Arguments<'_>, causes: &mut Causes) {
    for (index, it) in affinity.required.iter().enumerate() {
        let at = format!("{at}.requiredDuringSchedulingIgnoredDuringExecution[{index}]");
        affinity_term(it, &at, causes);
    }
    for (index, it) in affinity.preferred.iter().enumerate() {
        let at = format!("{at}.preferredDuringSchedulingIgnoredDuringExecution[{index}]");
        if !(1..=100).contains(&it.weight) {
            let weight = Value::Int(it.weight.into());
            causes.invalid(
                &format!("{at}.weight"),
                &weight,
                "must be in the range 1-100",
            );
        }
        affinity_term(&it.term, &format!("{at}.podAffinityTerm"), causes);
    }
}

fn affinity_term(term: &PodAffinityTerm, at: &str, causes: &mut Causes) {
    if let Some(selector) = &term.selector {
        label_selector(selector, &format!("{at}.labelSelector"), causes);
    }
    let field = format!("{at}.topologyKey");
    if term.topology_key.is_empty() {
        causes.required(&field, "can not be empty");
    }
    for fault in text::qualified(&term.topology_key) {
        causes.invalid_text(&field, &term.topology_key, &fault);
    }
}

/// Checks a taint that a pod bears.
pub(super) fn toleration(toleration: &Toleration, at: Arguments<'_>, causes: &mut Causes) {
    let operator = format_args!("{at}.operator");
    if toleration.key.is_empty() {
        if &*toleration.operator != "Exists" {
            let detail = "operator must be Exists when `key` is empty, which means \"match all values and all keys\"";
            causes.invalid_text(&operator.to_string(), &toleration.operator, detail);
        }
    } else {
        for fault in text::qualified(&toleration.key) {
            causes.invalid_text(&format!("{at}.key"), &toleration.key, &fault);
        }
    }
    if toleration.toleration_s.is_some() && &*toleration.effect != "NoExecute" {
        let detail = "effect must be 'NoExecute' when `tolerationSeconds` is set";
        causes.invalid_text(&format!("{at}.effect"), &toleration.effect, detail);
    }
    match &*toleration.operator {
        "" | "Equal" => {
            let faults = text::label_value(&toleration.value);
            if !faults.is_empty() {
                causes.invalid_text(&operator.to_string(), &toleration.value, &faults.join(";"));
            }
        }
        "Exists" if !toleration.value.is_empty() => {
            let detail = "value must be empty when `operator` is 'Exists'";
            causes.invalid_text(&operator.to_string(), &toleration.value, detail);
        }
        "Exists" => {}
        "Lt" | "Gt" => {
            let known = ["Equal", "Exists", "Lt", "Gt"];
            causes.unsupported(&operator.to_string(), &toleration.operator, &known);
        }
        other => causes.unsupported(&operator.to_string(), other, &["Equal", "Exists"]),
    }
    if !toleration.effect.is_empty() {
        let known = ["NoSchedule", "PreferNoSchedule", "NoExecute"];
        one_of(
            &toleration.effect,
            format_args!("{at}.effect"),
            &known,
            causes,
        );
    }
}
