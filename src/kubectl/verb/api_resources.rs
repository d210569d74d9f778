//! `kubectl api-resources` and `kubectl api-versions`: the kinds there are, from their own table.

use super::help::{Group, Help, usage};
use super::{Command, Verb, elsewhere};
use crate::cluster::object::{KINDS, Kind};
use crate::cluster::sorted;
use crate::kubectl::args::{truth, value};
use crate::kubectl::fault::Fault;
use crate::kubectl::print::Table;
use crate::kubectl::target;

pub(super) const VERB: Verb = Verb {
    name: "api-resources",
    flags: &[
        value("api-group", ' ').says("Only kinds of this group; '' is the core group."),
        value("categories", ' ')
            .or("[]")
            .says("Only kinds of these categories: all."),
        value("output", 'o').says("wide, or name."),
        value("sort-by", ' ').says("Sort by name or by kind, not by group."),
        value("verbs", ' ')
            .or("[]")
            .says("Only kinds that can do all of this: get,list."),
        truth("cached", ' ').says("Ask no server if the answer is known."),
        truth("namespaced", ' ')
            .or("true")
            .says("Only kinds that live in a namespace, or (=false) those that do not."),
        truth("no-headers", ' '),
    ],
    help: Help {
        group: Group::Other,
        about: "List the kinds of objects that this cluster knows.",
        usage: "api-resources [options]",
        examples: &[
            ("Every kind, with its short names", "api-resources"),
            (
                "Where a StatefulSet belongs",
                "api-resources --api-group=apps -o wide",
            ),
        ],
        ..Help::PLAIN
    },
    run,
};

pub(super) const VERSIONS: Verb = Verb {
    name: "api-versions",
    flags: &[],
    help: Help {
        group: Group::Other,
        about: "List the groups and versions of the kinds that this cluster knows.",
        usage: "api-versions",
        examples: &[("Every group and version", "api-versions")],
        ..Help::PLAIN
    },
    run: |command| {
        let mut versions: Vec<&str> = KINDS.iter().map(|it| it.api_version()).collect();
        sorted::sort_by(&mut versions, Ord::cmp);
        versions.dedup();
        for version in versions {
            command.output.line(version);
        }
        Ok(())
    },
};

/// What can be done to the objects of a kind; namespaces cannot be deleted all at once.
fn verbs(kind: Kind) -> Vec<&'static str> {
    let all = "create delete deletecollection get list patch update watch".split(' ');
    let left_out = (kind == Kind::Namespace).then_some("deletecollection");
    all.filter(|it| Some(*it) != left_out).collect()
}

/// The words that name several kinds at once.
fn categories(kind: Kind) -> &'static [&'static str] {
    match target::ALL.contains(&kind) {
        true => &["all"],
        false => &[],
    }
}

fn run(command: &mut Command<'_>) -> Result<(), Fault> {
    let args = &command.args;
    if !args.words.is_empty() {
        let words = args.words.join(" ");
        return Err(usage(
            VERB.name,
            &format!("unexpected arguments: [{words}]"),
        ));
    }
    let output = args.get("output").unwrap_or_default();
    match output {
        "" | "wide" | "name" => {}
        "json" | "yaml" => return Err(elsewhere(&format!("{} -o {output}", VERB.name))),
        _ => {
            return Err(Fault::client(format!(
                "unable to match a printer suitable for the output format {output:?}, allowed formats are: \
                 json,name,wide,yaml"
            )));
        }
    }
    let sort_by = args.get("sort-by").unwrap_or_default();
    if !matches!(sort_by, "" | "name" | "kind") {
        return Err(Fault::client("--sort-by accepts only name or kind"));
    }
    let has_all = |flag: &'static str, has: &[&str]| {
        let mut wanted = args.all(flag).flat_map(|it| it.split(','));
        wanted.all(|it| has.contains(&it))
    };
    let fits = |kind: &Kind| {
        let info = kind.info();
        args.get("api-group").is_none_or(|it| it == info.group)
            && args
                .get("namespaced")
                .is_none_or(|_| args.is_on("namespaced") == info.namespaced)
            && has_all("verbs", &verbs(*kind))
            && has_all("categories", categories(*kind))
    };
    let mut kinds: Vec<Kind> = KINDS.iter().copied().filter(fits).collect();
    sorted::sort_by_key(&mut kinds, |kind| {
        let info = kind.info();
        let first = match sort_by {
            "name" => info.plural,
            "kind" => info.name,
            _ => info.group,
        };
        (first, info.plural)
    });
    if output == "name" {
        for kind in kinds {
            command.output.line(&kind.resource());
        }
        return Ok(());
    }
    let is_wide = output == "wide";
    let headers = "NAME SHORTNAMES APIVERSION NAMESPACED KIND VERBS CATEGORIES".split(' ');
    let headers = headers.take(if is_wide { 7 } else { 5 });
    let mut rows = Vec::new();
    if !args.is_on("no-headers") {
        rows.push(headers.map(str::to_owned).collect());
    }
    rows.extend(kinds.into_iter().map(|kind| row(kind, is_wide)));
    Table::default().print(&rows, &mut command.output.stdout);
    Ok(())
}

fn row(kind: Kind, is_wide: bool) -> Vec<String> {
    let info = kind.info();
    let mut row = vec![
        info.plural.to_owned(),
        info.short.join(","),
        kind.api_version().to_owned(),
        info.namespaced.to_string(),
        info.name.to_owned(),
    ];
    if is_wide {
        row.extend([verbs(kind).join(","), categories(kind).join(",")]);
    }
    row
}

#[cfg(test)]
mod tests {
    use super::super::kit::Kit;
    use crate::cluster::object::KINDS;

    #[test]
    fn kinds_come_by_group_and_name() {
        let said = Kit::new().says("kubectl api-resources");
        let lines: Vec<&str> = said.lines().collect();
        assert_eq!(lines.len(), KINDS.len() + 1);
        assert_eq!(
            lines[..3],
            [
                "NAME                     SHORTNAMES   APIVERSION            NAMESPACED   KIND",
                "configmaps               cm           v1                    true         ConfigMap",
                "endpoints                ep           v1                    true         Endpoints",
            ]
        );
        assert_eq!(
            lines.last(),
            Some(
                &"storageclasses           sc           storage.k8s.io/v1     false        StorageClass"
            )
        );
    }

    #[test]
    fn flags_choose_kinds_and_columns() {
        let mut kit = Kit::new();
        for (flags, said) in [
            (
                "-o name --api-group=apps",
                "controllerrevisions.apps\ndeployments.apps\nreplicasets.apps\nstatefulsets.apps\n",
            ),
            (
                "-o name --namespaced=false",
                "namespaces\nnodes\npersistentvolumes\nstorageclasses.storage.k8s.io\n",
            ),
            (
                "-o name --categories=all --sort-by=kind --api-group=",
                "pods\nservices\n",
            ),
            (
                "--no-headers --api-group=policy",
                "poddisruptionbudgets   pdb   policy/v1   true   PodDisruptionBudget\n",
            ),
            (
                "-o wide --api-group=apps --no-headers --categories=all --verbs=get,list",
                "deployments    deploy   apps/v1   true   Deployment    create,delete,deletecollection,get,list,patch,update,watch   all\n\
                 replicasets    rs       apps/v1   true   ReplicaSet    create,delete,deletecollection,get,list,patch,update,watch   all\n\
                 statefulsets   sts      apps/v1   true   StatefulSet   create,delete,deletecollection,get,list,patch,update,watch   all\n",
            ),
            (
                "--sort-by=age",
                "error: --sort-by accepts only name or kind\n[exit 1]\n",
            ),
            (
                "pods",
                "error: unexpected arguments: [pods]\nSee 'kubectl api-resources -h' for help and examples\n[exit 1]\n",
            ),
        ] {
            assert_eq!(
                kit.says(&format!("kubectl api-resources {flags}")),
                said,
                "{flags}"
            );
        }
        assert_eq!(
            kit.says("kubectl api-versions"),
            "apps/v1\ndiscovery.k8s.io/v1\npolicy/v1\nstorage.k8s.io/v1\nv1\n"
        );
    }
}
