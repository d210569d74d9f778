//! `kubectl version`.

use super::help::{Group, Help};
use super::{Verb, elsewhere};
use crate::cluster::config::KUBERNETES_VERSION;
use crate::kubectl::args::{truth, value};
use crate::kubectl::fault::Fault;

/// What kubectl v1.36 has of kustomize.
const KUSTOMIZE_VERSION: &str = "v5.8.1";

pub(super) const VERB: Verb = Verb {
    name: "version",
    flags: &[
        truth("client", ' ').says("Do not ask the server."),
        value("output", 'o'),
    ],
    help: Help {
        group: Group::Other,
        about: "Print the versions of the client and of the server.",
        usage: "version [--client]",
        examples: &[
            ("Both versions", "version"),
            ("The client's", "version --client"),
        ],
        ..Help::PLAIN
    },
    run: |command| {
        let args = &command.args;
        if !args.words.is_empty() {
            let words = args.words.join(" ");
            return Err(Fault::client(format!("extra arguments: [{words}]")));
        }
        match args.get("output").unwrap_or_default() {
            "" => {}
            format @ ("yaml" | "json") => return Err(elsewhere(&format!("version -o {format}"))),
            _ => return Err(Fault::client("--output must be 'yaml' or 'json'")),
        }
        let out = &mut command.output;
        out.line(&format!("Client Version: {KUBERNETES_VERSION}"));
        out.line(&format!("Kustomize Version: {KUSTOMIZE_VERSION}"));
        if !command.args.is_on("client") {
            out.line(&format!("Server Version: {KUBERNETES_VERSION}"));
        }
        Ok(())
    },
};

#[cfg(test)]
mod tests {
    use super::super::kit::Kit;

    #[test]
    fn client_and_server_are_of_one_version() {
        let mut kit = Kit::new();
        let client = "Client Version: v1.36.2\nKustomize Version: v5.8.1\n";
        assert_eq!(kit.says("kubectl version --client"), client);
        assert_eq!(
            kit.says("kubectl version"),
            format!("{client}Server Version: v1.36.2\n")
        );
        assert_eq!(
            kit.says("kubectl version -o xml"),
            "error: --output must be 'yaml' or 'json'\n[exit 1]\n"
        );
        assert_eq!(
            kit.says("kubectl version now"),
            "error: extra arguments: [now]\n[exit 1]\n"
        );
    }
}
