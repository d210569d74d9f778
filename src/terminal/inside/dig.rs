//! `dig`, as BIND 9.9 prints what CoreDNS answers.

use crate::cluster::dns::{self, Answer, Query, SERVER, ZONE};
use crate::cluster::hash::fnv1a_64;
use crate::cluster::inside::Spot;
use crate::cluster::time::Time;
use crate::terminal::builtin::date;
use crate::terminal::job::World;
use crate::terminal::out::Printed;

/// How long an answer may be kept, in seconds (`ttl 30` in kubeadm's Corefile).
const TTL_S: u32 = 30;

/// What `dig` is asked.
struct Dig<'a> {
    words: &'a [String],
    /// The type of the records, as it is written.
    kind: String,
    name: String,
}

/// A record: its name, its type, what it says, and the bytes of that.
struct Record {
    name: String,
    kind: &'static str,
    data: String,
    bytes: usize,
}

fn read(words: &[String]) -> Result<Dig<'_>, String> {
    let mut dig = Dig {
        words,
        kind: "A".to_owned(),
        name: String::new(),
    };
    let mut left = words.iter().filter(|it| !it.starts_with(['+', '@']));
    while let Some(word) = left.next() {
        let upper = word.to_ascii_uppercase();
        match upper.as_str() {
            "-X" => {
                let ip = left.next().map_or("", String::as_str);
                dig.name = reversed(ip);
                dig.kind = "PTR".to_owned();
            }
            "-T" => {
                dig.kind = left
                    .next()
                    .map_or(String::new(), |it| it.to_ascii_uppercase());
            }
            "A" | "AAAA" | "SRV" | "PTR" | "TXT" | "CNAME" | "NS" | "SOA" | "MX" | "ANY" => {
                dig.kind = upper;
            }
            "IN" | "-4" => {}
            _ if word.starts_with('-') => {
                return Err(format!("dig: this terminal's dig does not know {word}\n"));
            }
            _ => word.clone_into(&mut dig.name),
        }
    }
    Ok(dig)
}

/// `dig`: full names only, unless `+search` is given.
pub(super) fn dig(words: &[String], spot: &Spot, world: &World<'_>, printed: &mut Printed) -> i32 {
    let dig = match read(words) {
        Ok(dig) => dig,
        Err(text) => {
            printed.error(&text);
            return 1;
        }
    };
    if dig.name.is_empty() {
        printed.error("dig: name a host\n");
        return 1;
    }
    let api = &world.cluster.api;
    let asked = format!("{}.", dig.name.trim_end_matches('.'));
    let asked = if dig.has("+search") {
        dig.name.clone()
    } else {
        asked
    };
    let find = |query| dns::search(api, &spot.namespace, &asked, query);
    let (mut full, mut answers) = match dig.kind.as_str() {
        "A" => find(Query::A),
        "SRV" => find(Query::Srv),
        "PTR" => match address(&dig.name) {
            Some(ip) => (dig.name.clone(), dns::resolve(api, "", &ip, Query::Ptr)),
            None => (dig.name.clone(), Vec::new()),
        },
        _ => (find(Query::A).0, Vec::new()),
    };
    if dig.kind == "CNAME" {
        answers = find(Query::A).1;
        answers.retain(|it| matches!(it, Answer::Name(_)));
    }
    full = format!("{}.", full.trim_end_matches('.'));
    let records: Vec<Record> = answers
        .iter()
        .map(|it| record(&full, it, &dig.kind))
        .collect();
    if dig.has("+short") {
        for record in &records {
            printed.out(&format!("{}\n", record.data));
        }
        return 0;
    }
    if dig.has("+noall") {
        if dig.has("+answer") {
            for record in &records {
                printed.out(&row(record));
            }
        }
        return 0;
    }
    // A name without records of this type is there all the same.
    let is_there = !records.is_empty()
        || [Query::A, Query::Srv]
            .into_iter()
            .any(|it| !find(it).1.is_empty());
    let more: Vec<Record> = answers
        .iter()
        .filter_map(|it| match it {
            Answer::Srv { target, .. } => {
                let host = format!("{target}.");
                let found = dns::resolve(api, "", &host, Query::A);
                Some(record(&host, found.first()?, "A"))
            }
            _ => None,
        })
        .collect();
    printed.out(&dig.message(&full, is_there, &records, &more, world.cluster.now()));
    0
}

impl Dig<'_> {
    fn has(&self, flag: &str) -> bool {
        self.words.iter().any(|it| it == flag)
    }

    /// The whole answer.
    fn message(
        &self,
        full: &str,
        is_there: bool,
        records: &[Record],
        more: &[Record],
        now: Time,
    ) -> String {
        let is_ours =
            full.trim_end_matches('.').ends_with(ZONE) || full.ends_with(".in-addr.arpa.");
        let stamp = now.ms_since(Time::default()) / 1000;
        let authority = records.is_empty().then(|| authority(is_ours, stamp));
        let status = if is_there { "NOERROR" } else { "NXDOMAIN" };
        let id = fnv1a_64(format!("{full}{stamp}").as_bytes()) % 65_536;
        let mut out = format!(
            "\n; <<>> DiG 9.9.5-9+deb8u19-Debian <<>> {}\n",
            self.words.join(" ")
        );
        if self.words.iter().any(|it| it.starts_with('@')) {
            out.push_str("; (1 server found)\n");
        }
        out.push_str(&format!(
            ";; global options: +cmd\n;; Got answer:\n;; ->>HEADER<<- opcode: QUERY, status: {status}, id: {id}\n\
             ;; flags: qr {}; QUERY: 1, ANSWER: {}, AUTHORITY: {}, ADDITIONAL: {}\n",
            if is_ours { "aa rd" } else { "rd ra" },
            records.len(),
            usize::from(authority.is_some()),
            more.len() + 1
        ));
        if is_ours {
            out.push_str(";; WARNING: recursion requested but not available\n");
        }
        let question = columns(&[(full, 32), ("IN", 40), (&self.kind, 0)]);
        out.push_str(&format!(
            "\n;; OPT PSEUDOSECTION:\n; EDNS: version: 0, flags:; udp: 4096\n;; QUESTION SECTION:\n;{question}\n"
        ));
        // CoreDNS does not shorten names: each takes its letters and two bytes.
        let mut bytes = 12 + full.len() + 1 + 4 + 11;
        let sections = [
            ("ANSWER", records),
            ("AUTHORITY", authority.as_slice()),
            ("ADDITIONAL", more),
        ];
        for (name, records) in sections.iter().filter(|(_, it)| !it.is_empty()) {
            out.push_str(&format!("\n;; {name} SECTION:\n"));
            for record in *records {
                bytes += record.name.len() + 1 + 10 + record.bytes;
                out.push_str(&row(record));
            }
        }
        out.push_str(&format!(
            "\n;; Query time: 0 msec\n;; SERVER: {SERVER}#53({SERVER})\n;; WHEN: {}\n;; MSG SIZE  rcvd: {bytes}\n\n",
            date(now, "%a %b %e %T UTC %Y")
        ));
        out
    }
}

/// Who is responsible for a name that has no such records.
fn authority(is_ours: bool, stamp: i64) -> Record {
    let (name, data) = if is_ours {
        let data = format!("ns.dns.{ZONE}. hostmaster.{ZONE}. {stamp} 7200 1800 86400 30");
        (format!("{ZONE}."), data)
    } else {
        let data = "a.root-servers.net. nstld.verisign-grs.com. 2026011500 1800 900 604800 86400";
        (".".to_owned(), data.to_owned())
    };
    let names = data.split(' ').take(2).map(|it| it.len() + 1);
    Record {
        bytes: names.sum::<usize>() + 20,
        name,
        kind: "SOA",
        data,
    }
}

fn record(full: &str, answer: &Answer, kind: &str) -> Record {
    let (kind, data, bytes) = match answer {
        Answer::A { ip, .. } => ("A", ip.to_string(), 4),
        Answer::Srv {
            port,
            weight,
            target,
        } => (
            "SRV",
            format!("0 {weight} {port} {target}."),
            6 + target.len() + 2,
        ),
        Answer::Name(name) => {
            let kind = if kind == "PTR" { "PTR" } else { "CNAME" };
            (kind, format!("{name}."), name.len() + 2)
        }
    };
    Record {
        name: full.to_owned(),
        kind,
        data,
        bytes,
    }
}

/// A record as a line.
fn row(record: &Record) -> String {
    let ttl = TTL_S.to_string();
    let cells = [
        (record.name.as_str(), 24),
        (&ttl, 32),
        ("IN", 40),
        (record.kind, 48),
        (&record.data, 0),
    ];
    columns(&cells) + "\n"
}

/// Texts, each followed by tabs up to the next one's column, or by a blank where it is there already (BIND's `indent`).
fn columns(cells: &[(&str, usize)]) -> String {
    let mut out = String::new();
    let mut at = 0;
    for (text, next) in cells {
        out.push_str(text);
        at += text.len();
        if *next == 0 {
            break;
        }
        let to = (*next).max(at + 1);
        let tabs = to / 8 - at / 8;
        out.push_str(&"\t".repeat(tabs));
        if tabs > 0 {
            at = to / 8 * 8;
        }
        out.push_str(&" ".repeat(to - at));
        at = to;
    }
    out
}

/// `10.244.0.2` as `2.0.244.10.in-addr.arpa`.
pub(super) fn reversed(ip: &str) -> String {
    let parts: Vec<&str> = ip.rsplit('.').collect();
    format!("{}.in-addr.arpa", parts.join("."))
}

/// The address that such a name stands for.
fn address(name: &str) -> Option<String> {
    let parts = name.trim_end_matches('.').strip_suffix(".in-addr.arpa")?;
    let parts: Vec<&str> = parts.rsplit('.').collect();
    Some(parts.join("."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_binds() {
        for (name, expected) in [
            (
                "nginx.default.svc.cluster.local.",
                "nginx.default.svc.cluster.local. 30 IN\tA\t1.2.3.4\n",
            ),
            ("a.b.", "a.b.\t\t\t30\tIN\tA\t1.2.3.4\n"),
        ] {
            let ip = "1.2.3.4".into();
            let answer = Answer::A {
                name: name.into(),
                ip,
            };
            assert_eq!(row(&record(name, &answer, "A")), expected);
        }
    }
}
