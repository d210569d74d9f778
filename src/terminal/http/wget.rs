//! wget as busybox has it.

use super::{Url, read_url};
use crate::cluster::inside::Spot;
use crate::cluster::net::{Ask, Response, Silence, reason};
use crate::terminal::job::World;
use crate::terminal::out::Printed;
use crate::terminal::process::Process;
use crate::terminal::shell::Shell;

#[derive(Default)]
struct Wget {
    quiet: bool,
    /// Whether it only looks whether the file is there.
    looks: bool,
    output: Option<String>,
    timeout_ms: Option<i64>,
    body: String,
    url: Option<String>,
}

fn read_wget(words: &[String]) -> Result<Wget, String> {
    let mut wget = Wget::default();
    let mut words = words.iter();
    while let Some(word) = words.next() {
        if let Some(text) = word.strip_prefix("--post-data") {
            let given = text.strip_prefix('=').map(str::to_owned);
            wget.body = given.or(words.next().cloned()).unwrap_or_default();
            continue;
        }
        if let Some(long) = word.strip_prefix("--") {
            match long.split_once('=').map_or(long, |it| it.0) {
                "quiet" => wget.quiet = true,
                "spider" => wget.looks = true,
                "no-check-certificate" | "header" | "tries" => {}
                "timeout" => wget.timeout_ms = seconds(long.strip_prefix("timeout=")),
                _ => return Err(word.clone()),
            }
            continue;
        }
        let Some(letters) = word.strip_prefix('-') else {
            wget.url = Some(word.clone());
            continue;
        };
        for (at, letter) in letters.char_indices() {
            let rest = letters
                .get(at + letter.len_utf8()..)
                .filter(|it| !it.is_empty());
            let mut value = || rest.map(str::to_owned).or_else(|| words.next().cloned());
            match letter {
                'q' => wget.quiet = true,
                'c' | 'S' => {}
                'O' => wget.output = value(),
                'T' => wget.timeout_ms = seconds(value().as_deref()),
                't' | 'U' => drop(value()),
                _ => return Err(format!("-{letter}")),
            }
            if "OTtU".contains(letter) {
                break;
            }
        }
    }
    Ok(wget)
}

fn seconds(text: Option<&str>) -> Option<i64> {
    let seconds = text?.parse::<i64>().ok()?;
    Some(seconds.clamp(0, 3600) * 1000)
}

/// `wget` as busybox has it.
pub(in crate::terminal) fn wget(
    words: &[String],
    spot: &Spot,
    shell: &Shell,
    world: &mut World<'_>,
    printed: &mut Printed,
) -> Process {
    let wget = match read_wget(words) {
        Ok(wget) => wget,
        Err(flag) => {
            printed.error(&format!(
                "wget: this terminal's wget does not know the flag {flag}\n"
            ));
            return Process::Done(1);
        }
    };
    let Some(mut url) = wget.url.as_deref().and_then(read_url) else {
        printed.error("wget: missing URL\n");
        return Process::Done(1);
    };
    let path = url.path.clone();
    let last = path.rsplit('/').next().filter(|it| !it.is_empty());
    let name = wget.output.as_deref().or(last).unwrap_or("index.html");
    let saves = name != "-" && !wget.looks;
    if saves && wget.output.is_none() && shell.read(world, name).is_ok() {
        printed.error(&format!("wget: can't open '{name}': File exists\n"));
        return Process::Done(1);
    }
    let answer = ask(&wget, &mut url, spot, world, printed);
    let why = match answer {
        Ok(response) if response.status < 400 => {
            let told = match (wget.looks, saves) {
                (true, _) => "remote file exists\n".to_owned(),
                (_, true) => progress(&format!("saving to '{name}'"), name, response.body.len()),
                (_, false) => progress("writing to stdout", name, response.body.len()),
            };
            if saves {
                if let Err(error) = shell.write(world, name, &response.body, false) {
                    printed.error(&format!("wget: can't open '{name}': {error}\n"));
                    return Process::Done(1);
                }
            } else if !wget.looks {
                printed.out(&response.body);
            }
            if !wget.quiet {
                printed.error(&told);
            }
            return Process::Done(0);
        }
        Ok(response) => format!(
            "server returned error: HTTP/1.1 {} {}",
            response.status,
            reason(response.status)
        ),
        Err(Silence::UnknownHost) => format!("bad address '{}'", url.host),
        Err(Silence::Refused(ip)) => {
            format!("can't connect to remote host ({ip}): Connection refused")
        }
        Err(Silence::NoRoute(_)) if wget.timeout_ms.is_some() => {
            let until = world.cluster.now().plus_ms(wget.timeout_ms.unwrap_or(0));
            let text = "wget: download timed out\n".to_owned();
            return Process::Then(Box::new(Process::Sleep(until)), 1, text);
        }
        Err(Silence::NoRoute(ip)) => {
            format!("can't connect to remote host ({ip}): Connection timed out")
        }
        Err(Silence::Empty(_)) => "error getting response".to_owned(),
    };
    printed.error(&format!("wget: {why}\n"));
    Process::Done(1)
}

/// Asks, and goes where the answer leads to.
fn ask(
    wget: &Wget,
    url: &mut Url,
    spot: &Spot,
    world: &mut World<'_>,
    printed: &mut Printed,
) -> Result<Response, Silence> {
    let method = match (wget.looks, wget.body.is_empty()) {
        (true, _) => "HEAD",
        (_, true) => "GET",
        (_, false) => "POST",
    };
    let mut hops = 0;
    loop {
        let place = world.cluster.place(spot, &url.host);
        if let Some(ip) = place.filter(|_| !wget.quiet) {
            printed.error(&format!("Connecting to {} ({ip}:{})\n", url.host, url.port));
        }
        let ask = Ask {
            method,
            host: &url.place(),
            path: &url.path,
            body: &wget.body,
            agent: "Wget",
        };
        let answer = world.cluster.ask(spot, &url.host, url.port, ask);
        let location = answer.as_ref().ok().and_then(|it| it.header("Location"));
        match location.and_then(read_url).filter(|_| hops < 5) {
            Some(next) => *url = next,
            None => return answer,
        }
        hops += 1;
    }
}

/// What wget says of a file that has come, with its bar on a line of 80 letters.
fn progress(begins: &str, name: &str, bytes: usize) -> String {
    let end = match begins.strip_prefix("saving to ") {
        Some(file) => format!("{file} saved"),
        None => "written to stdout".to_owned(),
    };
    let bar = "*".repeat(32);
    format!("{begins}\n{name:20.20} 100% |{bar}| {bytes:>5}  0:00:00 ETA\n{end}\n")
}
