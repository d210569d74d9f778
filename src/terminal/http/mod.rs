//! curl and wget: on the person's computer through `kubectl proxy` and `kubectl port-forward`, in pods to anything.

mod api;
mod outside;
mod wget;

pub(super) use wget::wget;

use super::Hint;
use super::job::World;
use super::out::Printed;
use super::process::Process;
use super::shell::Shell;
use crate::cluster::inside::{Spot, image};
use crate::cluster::net::{Ask, Response, Silence, reason};
use crate::cluster::object::Pod;

/// The longest that curl is told to wait: an hour.
const TIMEOUT_MAX_MS: i64 = 3_600_000;

/// A URL in its parts.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Url {
    host: String,
    port: i32,
    path: String,
}

impl Url {
    /// The host with its port, as a request names it.
    fn place(&self) -> String {
        match self.port {
            80 => self.host.clone(),
            port => format!("{}:{port}", self.host),
        }
    }
}

fn read_url(text: &str) -> Option<Url> {
    let rest = text.strip_prefix("http://").unwrap_or(text);
    if rest.contains("://") {
        return None;
    }
    let at = rest.find(['/', '?']).unwrap_or(rest.len());
    let (place, path) = rest.split_at(at);
    let (host, port) = match place.rsplit_once(':') {
        Some((host, port)) => (host, port.parse().ok()?),
        None => (place, 80),
    };
    let path = if path.starts_with('/') {
        path.to_owned()
    } else {
        format!("/{path}")
    };
    (!host.is_empty()).then(|| Url {
        host: host.to_owned(),
        port,
        path,
    })
}

#[derive(Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
struct Curl {
    method: Option<String>,
    /// What is sent: the flag that says it, and its text.
    data: Vec<(String, String)>,
    headers: Vec<String>,
    agent: Option<String>,
    urls: Vec<String>,
    output: Option<String>,
    write_out: String,
    timeout_ms: Option<i64>,
    remote_name: bool,
    head: bool,
    only_head: bool,
    silent: bool,
    verbose: bool,
    follow: bool,
    fail: bool,
    show_errors: bool,
}

/// Flags of one letter, and what they are short for.
const SHORT: &[(char, &str)] = &[
    ('4', "ipv4"),
    ('A', "user-agent"),
    ('H', "header"),
    ('I', "head"),
    ('L', "location"),
    ('N', "no-buffer"),
    ('O', "remote-name"),
    ('S', "show-error"),
    ('X', "request"),
    ('d', "data"),
    ('f', "fail"),
    ('i', "include"),
    ('k', "insecure"),
    ('m', "max-time"),
    ('o', "output"),
    ('s', "silent"),
    ('u', "user"),
    ('v', "verbose"),
    ('w', "write-out"),
];

/// Flags that take a value.
const VALUED: &[&str] = &[
    "connect-timeout",
    "data",
    "data-binary",
    "data-raw",
    "header",
    "max-time",
    "output",
    "request",
    "retry",
    "user",
    "user-agent",
    "write-out",
];

impl Curl {
    /// Sets a flag; whether it is known.
    fn set(&mut self, name: &str, value: String) -> bool {
        match name {
            "request" => self.method = Some(value),
            "data" | "data-raw" | "data-binary" => self.data.push((name.to_owned(), value)),
            "header" => self.headers.push(value),
            "user-agent" => self.agent = Some(value),
            "output" => self.output = Some(value),
            "write-out" => self.write_out = value,
            "max-time" | "connect-timeout" => {
                let seconds = value.parse::<f64>().ok().filter(|it| *it > 0.0);
                self.timeout_ms = seconds.map(|it| ((it * 1000.0) as i64).min(TIMEOUT_MAX_MS));
            }
            "remote-name" => self.remote_name = true,
            "include" => self.head = true,
            "head" => self.only_head = true,
            "silent" => self.silent = true,
            "verbose" => self.verbose = true,
            "show-error" => self.show_errors = true,
            "location" => self.follow = true,
            "fail" => self.fail = true,
            "insecure" | "compressed" | "no-buffer" | "ipv4" | "retry" | "user" => {}
            _ => return false,
        }
        true
    }

    /// What is sent along: texts and files, joined by `&`.
    fn body(
        &self,
        shell: &Shell,
        input: Option<&str>,
        world: &World<'_>,
    ) -> Result<String, String> {
        let mut parts = Vec::new();
        for (flag, text) in &self.data {
            let file = text.strip_prefix('@').filter(|_| flag != "data-raw");
            let text = match file {
                None => text.clone(),
                Some("-") => input.unwrap_or_default().to_owned(),
                Some(path) => shell
                    .read(world, path)
                    .map_err(|_| format!("curl: Failed to open {path}\n"))?,
            };
            // Only `--data-binary` keeps the ends of lines.
            let ends = |it: char| file.is_some() && flag == "data" && "\r\n".contains(it);
            parts.push(text.replace(ends, ""));
        }
        Ok(parts.join("&"))
    }
}

fn read_curl(words: &[String]) -> Result<Curl, String> {
    let mut curl = Curl::default();
    let mut words = words.iter();
    while let Some(word) = words.next() {
        let mut value = |name: &str, given: &str| -> Result<String, String> {
            if !given.is_empty() || !VALUED.contains(&name) {
                return Ok(given.to_owned());
            }
            let missing = || format!("curl: option {word}: requires parameter\n");
            words.next().cloned().ok_or_else(missing)
        };
        let unknown =
            |flag: &str| format!("curl: this terminal's curl does not know the flag {flag}\n");
        if let Some(long) = word.strip_prefix("--") {
            let (name, given) = long.split_once('=').unwrap_or((long, ""));
            if !curl.set(name, value(name, given)?) {
                return Err(unknown(word));
            }
            continue;
        }
        let Some(letters) = word.strip_prefix('-').filter(|it| !it.is_empty()) else {
            curl.urls.push(word.clone());
            continue;
        };
        for (at, letter) in letters.char_indices() {
            let name = SHORT.iter().find(|(it, _)| *it == letter).map(|it| it.1);
            let name = name.ok_or_else(|| unknown(&format!("-{letter}")))?;
            let takes = VALUED.contains(&name);
            let rest = letters.get(at + letter.len_utf8()..).unwrap_or_default();
            curl.set(name, value(name, if takes { rest } else { "" })?);
            if takes {
                break;
            }
        }
    }
    Ok(curl)
}

/// `curl`; `spot` is the container that it runs in.
pub(super) fn curl(
    words: &[String],
    input: Option<&str>,
    spot: Option<&Spot>,
    shell: &Shell,
    world: &mut World<'_>,
    printed: &mut Printed,
) -> Process {
    let read = read_curl(words);
    let read = read.and_then(|curl| Ok((curl.body(shell, input, world)?, curl)));
    let (body, curl) = match read {
        Ok(read) => read,
        Err(text) => {
            printed.error(&text);
            return Process::Done(2);
        }
    };
    if curl.urls.is_empty() {
        printed.error("curl: try 'curl --help' or 'curl --manual' for more information\n");
        return Process::Done(2);
    }
    let mut code = 0;
    for text in &curl.urls {
        code = match fetch(&curl, (text, &body), spot, shell, world, printed) {
            Ok(code) => code,
            Err(process) => return process,
        };
    }
    Process::Done(code)
}

/// Fetches one URL; a process that waits, if nobody answers in the time that is given.
fn fetch(
    curl: &Curl,
    (text, body): (&str, &str),
    spot: Option<&Spot>,
    shell: &Shell,
    world: &mut World<'_>,
    printed: &mut Printed,
) -> Result<i32, Process> {
    let response = match asked(curl, (text, body), spot, world, printed) {
        Ok(response) => response,
        Err((code, why)) => {
            let is_told = !curl.silent || curl.show_errors;
            let told = |why: &str| match is_told {
                true => format!("curl: ({code}) {why}\n"),
                false => String::new(),
            };
            if let (28, Some(ms)) = (code, curl.timeout_ms) {
                let until = world.cluster.now().plus_ms(ms);
                let why = format!("Connection timed out after {} milliseconds", ms + 1);
                let sleep = Box::new(Process::Sleep(until));
                return Err(Process::Then(sleep, code, told(&why)));
            }
            printed.error(&told(&why));
            printed.out(&write_out(&curl.write_out, text, None));
            return Ok(code);
        }
    };
    let out = shown(curl, &response);
    let path = read_url(text)
        .map(|it| it.path)
        .filter(|_| curl.remote_name);
    let last = path.and_then(|it| Some(it.rsplit('/').next()?.to_owned()));
    let output = last.or(curl.output.clone());
    if !curl.silent && (output.is_some() || !shell.terminal) {
        printed.error(&meter(response.body.len()));
    }
    let code = match output.as_deref() {
        Some("/dev/null") => 0,
        Some("") => {
            printed.error("curl: Remote file name has no length\n");
            return Ok(23);
        }
        Some(path) if path != "-" => match shell.write(world, path, &out, false) {
            Ok(()) => 0,
            Err(error) => {
                let text = format!("curl: (23) Failure writing output to destination: {error}\n");
                printed.error(&text);
                23
            }
        },
        _ => {
            printed.out(&out);
            0
        }
    };
    printed.out(&write_out(&curl.write_out, text, Some(&response)));
    Ok(code)
}

/// What `-w` adds: `%{…}` stands for what is known of the answer.
fn write_out(format: &str, url: &str, response: Option<&Response>) -> String {
    let format = format.replace("\\n", "\n").replace("\\t", "\t");
    let mut out = String::new();
    let mut rest = format.as_str();
    while let Some((before, inner)) = rest.split_once("%{") {
        let Some((name, after)) = inner.split_once('}') else {
            break;
        };
        out.push_str(before);
        out.push_str(&match name {
            "http_code" | "response_code" => {
                format!("{:03}", response.map_or(0, |it| it.status))
            }
            "size_download" => response.map_or(0, |it| it.body.len()).to_string(),
            "url" | "url_effective" => url.to_owned(),
            // A request takes no time here.
            name if name.starts_with("time_") => "0.000000".to_owned(),
            name => format!("(Ordinal: %{{{name}}} is not simulated)"),
        });
        rest = after;
    }
    out + rest
}

/// The answer to a request and, with `-L`, to those that it leads to; or curl's code and words.
fn asked(
    curl: &Curl,
    (text, body): (&str, &str),
    spot: Option<&Spot>,
    world: &mut World<'_>,
    printed: &mut Printed,
) -> Result<Response, (i32, String)> {
    if text.starts_with("https://") {
        return Err((35, "TLS is not simulated here: use http://".to_owned()));
    }
    let malformed = || {
        (
            3,
            "URL rejected: Malformed input to a URL function".to_owned(),
        )
    };
    let mut url = read_url(text).ok_or_else(malformed)?;
    let default = match (curl.only_head, curl.data.is_empty()) {
        (true, _) => "HEAD",
        (false, true) => "GET",
        (false, false) => "POST",
    };
    let method = curl.method.as_deref().unwrap_or(default);
    let mut hops = 0;
    loop {
        let ask = Ask {
            method,
            host: &url.place(),
            path: &url.path,
            body,
            agent: curl.agent.as_deref().unwrap_or("curl/8.14.1"),
        };
        let place = spot.and_then(|spot| world.cluster.place(spot, &url.host));
        let answer = match spot {
            Some(spot) => world.cluster.ask(spot, &url.host, url.port, ask),
            None => outside::ask(&url, ask, world),
        };
        let mut told = String::new();
        if curl.verbose && !matches!(answer, Err(Silence::UnknownHost)) {
            told = trying(&url, place.as_deref().unwrap_or("127.0.0.1"));
        }
        let response = answer.map_err(|silence| {
            printed.error(&told);
            if let Silence::Refused(ip) = &silence {
                hint(ip, &url, spot, world);
            }
            unanswered(&url, &silence)
        })?;
        if curl.verbose {
            let place = place.as_deref().unwrap_or("127.0.0.1");
            printed.error(&(told + &spoken(curl, ask, (&url, place), &response)));
        }
        let location = response.header("Location");
        match location.filter(|_| curl.follow && hops < 5) {
            Some(path) if path.starts_with('/') => url.path = path.to_owned(),
            Some(whole) => url = read_url(whole).ok_or_else(malformed)?,
            None if curl.fail && response.status >= 400 => {
                let status = response.status;
                return Err((22, format!("The requested URL returned error: {status}")));
            }
            None => return Ok(response),
        }
        hops += 1;
    }
}

/// What `-v` says before the host answers.
fn trying(url: &Url, place: &str) -> String {
    let Url { host, port, .. } = url;
    let looked_up = if host == place {
        String::new()
    } else {
        let six = if host == "localhost" { "::1" } else { "(none)" };
        format!("* Host {host}:{port} was resolved.\n* IPv6: {six}\n* IPv4: {place}\n")
    };
    format!("{looked_up}*   Trying {place}:{port}...\n")
}

/// What `-v` says of a request and the head of its answer.
fn spoken(curl: &Curl, ask: Ask<'_>, (url, place): (&Url, &str), response: &Response) -> String {
    let Url { host, port, .. } = url;
    let mut out = format!(
        "* Connected to {host} ({place}) port {port}\n* using HTTP/1.x\n> {} {} HTTP/1.1\n> Host: {}\n\
         > User-Agent: {}\n> Accept: */*\n",
        ask.method, ask.path, ask.host, ask.agent
    );
    for header in &curl.headers {
        out.push_str(&format!("> {header}\n"));
    }
    if !ask.body.is_empty() {
        out.push_str(&format!(
            "> Content-Length: {}\n> Content-Type: application/x-www-form-urlencoded\n",
            ask.body.len()
        ));
    }
    out.push_str("> \n* Request completely sent off\n");
    for line in head(response).lines() {
        out.push_str(&format!("< {line}\n"));
    }
    out + &format!("* Connection #0 to host {host} left intact\n")
}

/// Where the container listens that was asked at another port.
fn hint(ip: &str, url: &Url, spot: Option<&Spot>, world: &mut World<'_>) {
    let pods = world.cluster.api.store.list::<Pod>();
    let is_own = |it: &Pod| spot.is_some_and(|spot| *spot.uid == *it.meta.uid);
    let is_local = matches!(&*url.host, "localhost" | "127.0.0.1");
    let mut asked = pods.filter(|it| {
        if is_local {
            is_own(it)
        } else {
            *it.status.pod_ip == *ip
        }
    });
    let container = asked.next().and_then(|it| it.spec.containers.first());
    if let Some(container) = container {
        let listens = image::ports(container);
        if !listens.is_empty() {
            world.hints.push(Hint::Ports {
                asked: url.port,
                image: container.image.to_string(),
                listens,
            });
        }
    }
}

/// curl's code and words for a request that nobody answers.
fn unanswered(Url { host, port, .. }: &Url, silence: &Silence) -> (i32, String) {
    let cannot = |ms: u32| {
        format!(
            "Failed to connect to {host} port {port} after {ms} ms: Could not connect to server"
        )
    };
    match silence {
        Silence::UnknownHost => (6, format!("Could not resolve host: {host}")),
        Silence::Refused(_) => (7, cannot(0)),
        Silence::NoRoute(_) => (28, cannot(130_000)),
        Silence::Empty(_) => (52, "Empty reply from server".to_owned()),
    }
}

/// What curl prints of an answer.
fn shown(curl: &Curl, response: &Response) -> String {
    let mut out = String::new();
    if curl.head || curl.only_head {
        out.push_str(&head(response));
    }
    if !curl.only_head {
        out.push_str(&response.body);
    }
    out
}

/// The head of an answer.
fn head(response: &Response) -> String {
    let (status, words) = (response.status, reason(response.status));
    let mut out = format!("HTTP/1.1 {status} {words}\r\n");
    for (name, value) in &response.headers {
        out.push_str(&format!("{name}: {value}\r\n"));
    }
    out + "\r\n"
}

/// The progress that curl shows where its output does not go to a terminal.
fn meter(bytes: usize) -> String {
    format!(
        "  % Total    % Received % Xferd  Average Speed   Time    Time     Time  Current\n                                 \
         Dload  Upload   Total   Spent    Left  Speed\n100 {bytes:>5}  100 {bytes:>5}    0     0  {:>5}      0 \
         --:--:-- --:--:-- --:--:-- {:>5}\n",
        bytes * 100,
        bytes * 100
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_have_their_parts() {
        let url = |text: &str| read_url(text).map(|it| (it.host, it.port, it.path));
        let parts = |host: &str, port, path: &str| Some((host.to_owned(), port, path.to_owned()));
        assert_eq!(url("http://localhost/"), parts("localhost", 80, "/"));
        assert_eq!(
            url("localhost:8001/api/v1"),
            parts("localhost", 8001, "/api/v1")
        );
        assert_eq!(url("web-0.nginx"), parts("web-0.nginx", 80, "/"));
        assert_eq!(url("http://x:y/"), None);
        assert_eq!(url("ftp://x/"), None);
    }
}
