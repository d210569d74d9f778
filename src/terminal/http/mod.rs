//! curl and wget: on the person's computer through `kubectl proxy` and `kubectl port-forward`, in pods to anything.

mod outside;
mod wget;

pub(super) use wget::wget;

use super::Hint;
use super::job::World;
use super::out::Printed;
use super::shell::Shell;
use crate::cluster::inside::{Spot, image};
use crate::cluster::net::{Ask, Response, Silence, reason};
use crate::cluster::object::Pod;

/// A URL in its parts.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Url {
    host: String,
    port: i32,
    path: String,
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
    body: String,
    urls: Vec<String>,
    output: Option<String>,
    head: bool,
    only_head: bool,
    silent: bool,
    follow: bool,
    fail: bool,
    show_errors: bool,
}

fn read_curl(words: &[String]) -> Result<Curl, String> {
    let mut curl = Curl::default();
    let mut words = words.iter();
    while let Some(word) = words.next() {
        let mut value = |letters: &str| -> Result<String, String> {
            if !letters.is_empty() {
                return Ok(letters.to_owned());
            }
            let missing = || format!("curl: option {word}: requires parameter\n");
            words.next().cloned().ok_or_else(missing)
        };
        if let Some(long) = word.strip_prefix("--") {
            let (name, given) = long.split_once('=').unwrap_or((long, ""));
            match name {
                "request" => curl.method = Some(value(given)?),
                "data" | "data-raw" | "data-binary" => curl.body = value(given)?,
                "output" => curl.output = Some(value(given)?),
                "max-time" | "connect-timeout" | "retry" | "header" => drop(value(given)?),
                "include" => curl.head = true,
                "head" => curl.only_head = true,
                "silent" => curl.silent = true,
                "show-error" => curl.show_errors = true,
                "location" => curl.follow = true,
                "fail" => curl.fail = true,
                "insecure" | "compressed" => {}
                _ => {
                    return Err(format!(
                        "curl: this terminal's curl does not know the flag {word}\n"
                    ));
                }
            }
            continue;
        }
        let Some(letters) = word.strip_prefix('-').filter(|it| !it.is_empty()) else {
            curl.urls.push(word.clone());
            continue;
        };
        for (at, letter) in letters.char_indices() {
            let rest = letters.get(at + letter.len_utf8()..).unwrap_or_default();
            match letter {
                'X' => curl.method = Some(value(rest)?),
                'd' => curl.body = value(rest)?,
                'o' => curl.output = Some(value(rest)?),
                'm' | 'H' | 'A' | 'u' => drop(value(rest)?),
                'i' => curl.head = true,
                'I' => curl.only_head = true,
                's' => curl.silent = true,
                'S' => curl.show_errors = true,
                'L' => curl.follow = true,
                'f' => curl.fail = true,
                'k' | 'N' | '4' => {}
                _ => {
                    return Err(format!(
                        "curl: this terminal's curl does not know the flag -{letter}\n"
                    ));
                }
            }
            if "XdomHAu".contains(letter) {
                break;
            }
        }
    }
    Ok(curl)
}

/// What an answer may say besides itself.
struct Answer {
    response: Response,
    location: Option<String>,
}

/// `curl`; `spot` is the container that it runs in.
pub(super) fn curl(
    words: &[String],
    spot: Option<&Spot>,
    shell: &Shell,
    world: &mut World<'_>,
    printed: &mut Printed,
) -> i32 {
    let curl = match read_curl(words) {
        Ok(curl) => curl,
        Err(text) => {
            printed.error(&text);
            return 2;
        }
    };
    if curl.urls.is_empty() {
        printed.error("curl: try 'curl --help' or 'curl --manual' for more information\n");
        return 2;
    }
    let mut code = 0;
    for text in &curl.urls {
        code = fetch(&curl, text, spot, shell, world, printed);
    }
    code
}

/// Fetches one URL.
fn fetch(
    curl: &Curl,
    text: &str,
    spot: Option<&Spot>,
    shell: &Shell,
    world: &mut World<'_>,
    printed: &mut Printed,
) -> i32 {
    let answer = match asked(curl, text, spot, world) {
        Ok(answer) => answer,
        Err((code, why)) => {
            if !curl.silent || curl.show_errors {
                printed.error(&format!("curl: ({code}) {why}\n"));
            }
            return code;
        }
    };
    let out = shown(curl, &answer);
    if !curl.silent && (curl.output.is_some() || !shell.terminal) {
        printed.error(&meter(answer.response.body.len()));
    }
    match &curl.output {
        Some(path) if path == "/dev/null" => 0,
        Some(path) => match shell.write(world, path, &out, false) {
            Ok(()) => 0,
            Err(error) => {
                let text = format!("curl: (23) Failure writing output to destination: {error}\n");
                printed.error(&text);
                23
            }
        },
        None => {
            printed.out(&out);
            0
        }
    }
}

/// The answer to a request and, with `-L`, to those that it leads to; or curl's code and words.
fn asked(
    curl: &Curl,
    text: &str,
    spot: Option<&Spot>,
    world: &mut World<'_>,
) -> Result<Answer, (i32, String)> {
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
    let default = match (curl.only_head, curl.body.is_empty()) {
        (true, _) => "HEAD",
        (false, true) => "GET",
        (false, false) => "POST",
    };
    let method = curl.method.as_deref().unwrap_or(default);
    let mut hops = 0;
    loop {
        let ask = Ask {
            method,
            path: &url.path,
            body: &curl.body,
            agent: "curl/8.14.1",
        };
        let answer = match spot {
            Some(spot) => world.cluster.ask(spot, &url.host, url.port, ask).map(plain),
            None => outside::ask(&url, ask, world),
        };
        let mut answer = answer.map_err(|silence| {
            if let Silence::Refused(ip) = &silence {
                hint(ip, &url, spot, world);
            }
            unanswered(&url, &silence)
        })?;
        match answer.location.take_if(|_| curl.follow && hops < 5) {
            Some(path) => url.path = path,
            None if curl.fail && answer.response.status >= 400 => {
                let status = answer.response.status;
                return Err((22, format!("The requested URL returned error: {status}")));
            }
            None => return Ok(answer),
        }
        hops += 1;
    }
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
fn shown(curl: &Curl, Answer { response, location }: &Answer) -> String {
    let mut out = String::new();
    if curl.head || curl.only_head {
        let (status, words) = (response.status, reason(response.status));
        out.push_str(&format!("HTTP/1.1 {status} {words}\r\n"));
        let headers = [
            ("Server", response.server.to_owned()),
            ("Content-Type", response.kind.to_owned()),
            ("Location", location.clone().unwrap_or_default()),
            ("Content-Length", response.body.len().to_string()),
        ];
        for (name, value) in headers.iter().filter(|(_, value)| !value.is_empty()) {
            out.push_str(&format!("{name}: {value}\r\n"));
        }
        out.push_str("\r\n");
    }
    if !curl.only_head {
        out.push_str(&response.body);
    }
    out
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

fn plain(response: Response) -> Answer {
    Answer {
        response,
        location: None,
    }
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
