//! nslookup, dig and ping: names as pods look them up (reference 6.3, 6.4).

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
    let is_address = dns::is_address(name);
    let query = if is_address { Query::Ptr } else { query };
    let found = dns::resolve(api, &spot.namespace, name, query);
    if image::is_old_busybox(image) {
        printed.out(&format!(
            "Server:    {SERVER}\nAddress 1: {SERVER} {SERVER_NAME}\n\n"
        ));
        let ips: Vec<String> = match query {
            Query::Ptr => vec![name.clone()],
            _ => found
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
        return 0;
    }
    let separator = if image::is_busybox(image) { ':' } else { '#' };
    printed.out(&format!(
        "Server:\t\t{SERVER}\nAddress:\t{SERVER}{separator}53\n\n"
    ));
    if found.is_empty() {
        printed.out(&format!("** server can't find {name}: NXDOMAIN\n\n"));
        return 1;
    }
    for answer in found {
        printed.out(&match answer {
            Answer::A { name, ip } => format!("Name:\t{name}\nAddress: {ip}\n"),
            Answer::Srv {
                port,
                weight,
                target,
            } => format!("{name}\tservice = 0 {weight} {port} {target}.\n"),
            Answer::Name(target) => {
                let reversed: Vec<&str> = name.rsplit('.').collect();
                format!("{}.in-addr.arpa\tname = {target}.\n", reversed.join("."))
            }
        });
    }
    printed.out("\n");
    0
}

/// `dig +short`: full names only, as dig does without `+search`.
pub(super) fn dig(words: &[String], spot: &Spot, world: &World<'_>, printed: &mut Printed) -> i32 {
    if !words.iter().any(|it| it == "+short") {
        printed.error("dig: only `dig +short` is simulated here\n");
        return 1;
    }
    let search = words.iter().any(|it| it == "+search");
    let mut query = Query::A;
    let mut name = None;
    for word in words.iter().filter(|it| !it.starts_with(['+', '@'])) {
        match word.to_ascii_uppercase().as_str() {
            "A" => query = Query::A,
            "SRV" => query = Query::Srv,
            "PTR" | "-X" => query = Query::Ptr,
            _ => name = Some(word.trim_end_matches('.').to_owned()),
        }
    }
    let Some(name) = name else {
        printed.error("dig: name a host\n");
        return 1;
    };
    let asked = if search { name } else { format!("{name}.") };
    for answer in dns::resolve(&world.cluster.api, &spot.namespace, &asked, query) {
        printed.out(&match answer {
            Answer::A { ip, .. } => format!("{ip}\n"),
            Answer::Srv {
                port,
                weight,
                target,
            } => format!("0 {weight} {port} {target}.\n"),
            Answer::Name(name) => format!("{name}.\n"),
        });
    }
    0
}

/// `ping`: names are looked up, but nothing here answers ICMP.
pub(super) fn ping(words: &[String], spot: &Spot, world: &World<'_>, printed: &mut Printed) -> i32 {
    let Some(host) = words.iter().rfind(|it| !it.starts_with('-')) else {
        printed.error("ping: usage error: Destination address required\n");
        return 2;
    };
    let is_address = dns::is_address(host);
    if !is_address && dns::resolve(&world.cluster.api, &spot.namespace, host, Query::A).is_empty() {
        printed.error(&format!("ping: bad address '{host}'\n"));
        return 1;
    }
    printed.error("ping: nothing answers ICMP here, as nothing does at the address of a Service: try curl, wget or nslookup\n");
    1
}
