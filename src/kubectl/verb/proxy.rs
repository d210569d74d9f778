//! `kubectl proxy`: the API on a port of a person's computer.

use super::Verb;
use super::help::{Group, Help};
use crate::kubectl::args::{truth, value};
use crate::kubectl::fault::Fault;
use crate::kubectl::next::Next;

pub(super) const VERB: Verb = Verb {
    name: "proxy",
    flags: &[
        value("port", 'p'),
        value("address", ' '),
        value("www", 'w'),
        truth("disable-filter", ' '),
    ],
    help: Help {
        group: Group::Troubleshooting,
        about: "Serve the API on a port of this computer.",
        usage: "proxy [--port=PORT] [options]",
        examples: &[("On port 8001", "proxy")],
        ..Help::PLAIN
    },
    run: |command| {
        let text = command.args.get("port").unwrap_or("8001");
        let port = text
            .parse()
            .map_err(|_| Fault::client(format!("invalid port {text:?}")))?;
        command.next = Some(Next::Proxy(port));
        Ok(())
    },
};
