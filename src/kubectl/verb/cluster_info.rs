//! `kubectl cluster-info`: where the control plane is, as minikube has it.

use super::Verb;
use super::help::{Group, Help, no_subcommand};

/// The address of the API server.
pub(super) const SERVER: &str = "https://192.168.49.2:8443";

pub(super) const VERB: Verb = Verb {
    name: "cluster-info",
    flags: &[],
    help: Help {
        group: Group::Cluster,
        about: "Say where the control plane is.",
        usage: "cluster-info",
        examples: &[("Where the control plane is", "cluster-info")],
        elsewhere: &["dump"],
        ..Help::PLAIN
    },
    run: |command| {
        if command.args.words.first().is_some_and(|it| it == "dump") {
            return no_subcommand(command, &VERB);
        }
        let out = &mut command.output;
        out.line(&format!("Kubernetes control plane is running at {SERVER}"));
        out.line(&format!(
            "CoreDNS is running at {SERVER}/api/v1/namespaces/kube-system/services/kube-dns:dns/proxy"
        ));
        out.line("");
        out.line(
            "To further debug and diagnose cluster problems, use 'kubectl cluster-info dump'.",
        );
        Ok(())
    },
};

#[cfg(test)]
mod tests {
    use super::super::kit::Kit;

    #[test]
    fn it_says_where_the_control_plane_is() {
        assert_eq!(
            Kit::new().says("kubectl cluster-info"),
            "Kubernetes control plane is running at https://192.168.49.2:8443\n\
             CoreDNS is running at \
             https://192.168.49.2:8443/api/v1/namespaces/kube-system/services/kube-dns:dns/proxy\n\n\
             To further debug and diagnose cluster problems, use 'kubectl cluster-info dump'.\n"
        );
        assert_eq!(
            Kit::new().says("kubectl cluster-info dump"),
            "error: kubectl cluster-info dump is not simulated here; a real kubectl would do it.\n[exit 1]\n"
        );
    }
}
