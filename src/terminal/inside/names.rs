//! nslookup and ping: names as pods look them up (reference 6.3, 6.4).

use super::dig;
use crate::cluster::dns::{self, Answer, Query, SERVER, SERVER_NAME};
use crate::cluster::inside::{Spot, image};
use crate::terminal::job::World;
use crate::terminal::out::Printed;

/// `nslookup`, in the layout of the image's own: busybox up to 1.28, busybox since, or bind's.
pub(super) fn nslookup(
    words: &[String],
    spot: &Spot,
    image: &str,
    world: &World<'_>,
    printed: &mut Printed,
) -> i32 {
    let kind = words
        .iter()
        .find_map(|it| it.strip_prefix("-type=").or(it.strip_prefix("-query=")));
    let query = match kind.map(str::to_ascii_uppercase).as_deref() {
        None | Some("A") => Query::A,
        Some("SRV") => Query::Srv,
        Some("PTR") => Query::Ptr,
        Some(other) => {
            printed.error(&format!(
                "nslookup: records of type {other} are not simulated here\n"
            ));
            return 1;
        }
    };
    let Some(name) = words.iter().find(|it| !it.starts_with('-')) else {
        printed.error("Usage: nslookup [HOST] [SERVER]\n");
        return 1;
    };
    let api = &world.cluster.api;
    let query = if dns::is_address(name) {
        Query::Ptr
    } else {
        query
    };
    if image::is_old_busybox(image) {
        return old_nslookup(name, query, spot, world, printed);
    }
    let busybox = image::is_busybox(image);
    let separator = if busybox { ':' } else { '#' };
    printed.out(&format!(
        "Server:\t\t{SERVER}\nAddress:\t{SERVER}{separator}53\n\n"
    ));
    if !busybox {
        let (full, found) = dns::search(api, &spot.namespace, name, query);
        if found.is_empty() {
            let name = missing(name);
            printed.out(&format!("** server can't find {name}: NXDOMAIN\n\n"));
            return 1;
        }
        printed.out(&format!("{}\n", records(&full, found, ".")));
        return 0;
    }
    // busybox asks for all domains of the search list at once, and only if the name has no dot; a host's two kinds of
    // addresses one after the other.
    let names = match name.strip_suffix('.') {
        None if !name.contains('.') => {
            let domains = dns::search_list(&spot.namespace);
            domains.map(|domain| format!("{name}.{domain}")).to_vec()
        }
        absolute => vec![absolute.unwrap_or(name).to_owned()],
    };
    let kinds: &[bool] = match (query, kind) {
        (Query::A, None) => &[true, false],
        _ => &[true],
    };
    let mut code = 0;
    for asks_this in kinds {
        for full in &names {
            let found = dns::resolve(api, "", &format!("{full}."), query);
            if found.is_empty() {
                let full = missing(full);
                printed.out(&format!("** server can't find {full}: NXDOMAIN\n\n"));
                code = 1;
            } else if *asks_this {
                printed.out(&format!("{}\n", records(full, found, "")));
            } else {
                printed.out("\n");
            }
        }
    }
    code
}

/// What is said to be missing: the name that an address is looked up by.
fn missing(name: &str) -> String {
    if dns::is_address(name) {
        dig::reversed(name)
    } else {
        name.to_owned()
    }
}

/// The lines for what was found.
fn records(full: &str, found: Vec<Answer>, dot: &str) -> String {
    let lines = found.into_iter().map(|answer| match answer {
        Answer::A { ip, .. } => format!("Name:\t{full}\nAddress: {ip}\n"),
        Answer::Srv {
            port,
            weight,
            target,
        } => format!("{full}\tservice = 0 {weight} {port} {target}{dot}\n"),
        Answer::Name(target) if dns::is_address(full) => {
            format!("{}\tname = {target}{dot}\n", dig::reversed(full))
        }
        Answer::Name(target) => format!("{full}\tcanonical name = {target}{dot}\n"),
    });
    lines.collect()
}

/// `nslookup` of busybox up to 1.28.
fn old_nslookup(
    name: &str,
    query: Query,
    spot: &Spot,
    world: &World<'_>,
    printed: &mut Printed,
) -> i32 {
    let api = &world.cluster.api;
    printed.out(&format!(
        "Server:    {SERVER}\nAddress 1: {SERVER} {SERVER_NAME}\n\n"
    ));
    let ips: Vec<String> = match query {
        Query::Ptr => vec![name.to_owned()],
        _ => dns::resolve(api, &spot.namespace, name, query)
            .into_iter()
            .filter_map(Answer::ip)
            .map(|it| it.to_string())
            .collect(),
    };
    if ips.is_empty() {
        printed.error(&format!("nslookup: can't resolve '{name}'\n"));
        return 1;
    }
    printed.out(&format!("Name:      {name}\n"));
    for (number, ip) in ips.iter().enumerate() {
        let reverse = dns::reverse(api, ip).map_or(String::new(), |it| format!(" {it}"));
        printed.out(&format!("Address {}: {ip}{reverse}\n", number + 1));
    }
    0
}

/// `ping`: names are looked up, but nothing here answers ICMP.
pub(super) fn ping(words: &[String], spot: &Spot, world: &World<'_>, printed: &mut Printed) -> i32 {
    let Some(host) = words.iter().rfind(|it| !it.starts_with('-')) else {
        printed.error("ping: usage error: Destination address required\n");
        return 2;
    };
    if world.cluster.place(spot, host).is_none() {
        printed.error(&format!("ping: bad address '{host}'\n"));
        return 1;
    }
    printed.error("ping: nothing answers ICMP here, as nothing does at the address of a Service: try curl, wget or nslookup\n");
    1
}
