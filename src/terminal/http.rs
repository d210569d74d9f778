//! curl and wget: on the person's computer through `kubectl proxy` and `kubectl port-forward`, in pods to anything.

use super::job::World;
use super::out::Printed;
use super::process::Serves;
use super::shell::Shell;
use crate::cluster::inside::Spot;
use crate::cluster::net::{Ask, Response, Silence, reason};
use crate::cluster::object::{Kind, Node, ObjectKey, Pod, Service};
use crate::cluster::value::Text;

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

fn fetch(
    curl: &Curl,
    text: &str,
    spot: Option<&Spot>,
    shell: &Shell,
    world: &mut World<'_>,
    printed: &mut Printed,
) -> i32 {
    let mut fail = |code: i32, why: &str| {
        if !curl.silent || curl.show_errors {
            printed.error(&format!("curl: ({code}) {why}\n"));
        }
        code
    };
    if text.starts_with("https://") {
        return fail(35, "TLS is not simulated here: use http://");
    }
    let Some(mut url) = read_url(text) else {
        return fail(3, "URL rejected: Malformed input to a URL function");
    };
    let default = if curl.only_head {
        "HEAD"
    } else if curl.body.is_empty() {
        "GET"
    } else {
        "POST"
    };
    let method = curl.method.as_deref().unwrap_or(default);
    let mut answer;
    let mut hops = 0;
    loop {
        let ask = Ask {
            method,
            path: &url.path,
            body: &curl.body,
            agent: "curl/8.14.1",
        };
        let asked = match spot {
            Some(spot) => world.cluster.ask(spot, &url.host, url.port, ask).map(plain),
            None => ask_from_outside(&url, ask, world),
        };
        answer = match asked {
            Ok(answer) => answer,
            Err(silence) => {
                let Url { host, port, .. } = &url;
                return match silence {
                    Silence::UnknownHost => fail(6, &format!("Could not resolve host: {host}")),
                    Silence::Refused(_) => fail(
                        7,
                        &format!(
                            "Failed to connect to {host} port {port} after 0 ms: Could not connect to server"
                        ),
                    ),
                    Silence::NoRoute(_) => fail(
                        28,
                        &format!(
                            "Failed to connect to {host} port {port} after 130000 ms: Could not connect to server"
                        ),
                    ),
                    Silence::Empty(_) => fail(52, "Empty reply from server"),
                };
            }
        };
        match answer.location.take_if(|_| curl.follow && hops < 5) {
            Some(path) => url.path = path,
            None => break,
        }
        hops += 1;
    }
    let Answer { response, location } = answer;
    if curl.fail && response.status >= 400 {
        return fail(
            22,
            &format!("The requested URL returned error: {}", response.status),
        );
    }
    let mut out = String::new();
    if curl.head || curl.only_head {
        out.push_str(&format!(
            "HTTP/1.1 {} {}\r\n",
            response.status,
            reason(response.status)
        ));
        let headers = [
            ("Server", response.server.to_owned()),
            ("Content-Type", response.kind.to_owned()),
            ("Location", location.unwrap_or_default()),
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
    if !curl.silent && (curl.output.is_some() || !shell.terminal) {
        printed.error(&meter(response.body.len()));
    }
    match &curl.output {
        Some(path) if path == "/dev/null" => 0,
        Some(path) => match shell.write(world, path, &out, false) {
            Ok(()) => 0,
            Err(error) => {
                printed.error(&format!(
                    "curl: (23) Failure writing output to destination: {error}\n"
                ));
                23
            }
        },
        None => {
            printed.out(&out);
            0
        }
    }
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

/// A request from the person's own computer: to a port at which kubectl listens, or to a node's port.
fn ask_from_outside(url: &Url, ask: Ask<'_>, world: &mut World<'_>) -> Result<Answer, Silence> {
    if matches!(&*url.host, "localhost" | "127.0.0.1") {
        let mut listeners = world.listeners.iter_mut();
        let found = listeners.find(|it| i32::from(it.port) == url.port);
        let Some(listener) = found else {
            return Err(Silence::Refused(Text::default()));
        };
        listener.handled += 1;
        return match listener.serves.clone() {
            Serves::Pod(pod, port) => world
                .cluster
                .ask_pod(None, None, &pod, port, ask)
                .map(plain)
                .map_err(|_| Silence::Empty(Text::default())),
            Serves::Api => Ok(ask_api(url, ask, world)),
        };
    }
    let store = &world.cluster.api.store;
    let is_node = store
        .list::<Node>()
        .any(|it| it.status.addresses.iter().any(|it| *it.address == url.host));
    if is_node {
        let has_port = |it: &&Service| it.spec.ports.iter().any(|port| port.node_port == url.port);
        let service = store.list::<Service>().find(has_port).cloned();
        let Some(service) = service else {
            return Err(Silence::Refused(Text::default()));
        };
        let port = service
            .spec
            .ports
            .iter()
            .find(|it| it.node_port == url.port)
            .map(|it| it.port.to_string());
        let answer = world.cluster.ask_service(&service, port.as_deref(), ask);
        return answer
            .unwrap_or(Err(Silence::Refused(Text::default())))
            .map(plain);
    }
    let is_address = url
        .host
        .split('.')
        .filter(|it| it.parse::<u8>().is_ok())
        .count()
        == 4;
    // The pods' network and DNS are inside of the cluster.
    Err(if is_address {
        Silence::NoRoute(Text::default())
    } else {
        Silence::UnknownHost
    })
}

/// The API server's answer behind `kubectl proxy`: its proxy to pods and Services.
fn ask_api(url: &Url, ask: Ask<'_>, world: &mut World<'_>) -> Answer {
    let path = url.path.split('?').next().unwrap_or_default();
    let parts: Vec<&str> = path.split('/').skip(1).collect();
    let [
        "api",
        "v1",
        "namespaces",
        namespace,
        kind @ ("pods" | "services"),
        name,
        "proxy",
        rest @ ..,
    ] = &parts[..]
    else {
        return plain(status(
            404,
            "NotFound",
            "the server could not find the requested resource".to_owned(),
            None,
        ));
    };
    if rest.is_empty() {
        let location = format!("{path}/");
        let body = format!("<a href=\"{location}\">Moved Permanently</a>.\n\n");
        let response = Response {
            status: 301,
            server: "",
            kind: "text/html; charset=utf-8",
            body,
        };
        return Answer {
            response,
            location: Some(location),
        };
    }
    let inner = format!("/{}", rest.join("/"));
    let ask = Ask {
        path: &inner,
        ..ask
    };
    let (name, port) = match name.split_once(':') {
        Some((name, port)) => (name, Some(port)),
        None => (*name, None),
    };
    let missing = || {
        status(
            404,
            "NotFound",
            format!("{kind} {name:?} not found"),
            Some((name, kind)),
        )
    };
    let store = &world.cluster.api.store;
    let asked = if *kind == "pods" {
        let Some(pod) = store.find::<Pod>(namespace, name) else {
            return plain(missing());
        };
        let first = pod.spec.containers.iter().flat_map(|it| &it.ports).next();
        let port = port
            .and_then(|it| it.parse().ok())
            .or(first.map(|it| it.container_port))
            .unwrap_or(80);
        let ip = pod.status.pod_ip.clone();
        let key = ObjectKey::new(Kind::Pod, *namespace, name);
        world
            .cluster
            .ask_pod(None, None, &key, port, ask)
            .map_err(|_| format!("dial tcp {ip}:{port}: connect: connection refused"))
    } else {
        let Some(service) = store.find::<Service>(namespace, name).cloned() else {
            return plain(missing());
        };
        match world.cluster.ask_service(&service, port, ask) {
            None => {
                let text = format!("no endpoints available for service {name:?}");
                return plain(status(503, "ServiceUnavailable", text, None));
            }
            Some(asked) => asked.map_err(|silence| match silence {
                Silence::Refused(ip) | Silence::NoRoute(ip) | Silence::Empty(ip) => {
                    format!("dial tcp {ip}: connect: connection refused")
                }
                Silence::UnknownHost => String::new(),
            }),
        }
    };
    plain(asked.unwrap_or_else(|why| {
        status(
            503,
            "ServiceUnavailable",
            format!("error trying to reach service: {why}"),
            None,
        )
    }))
}

/// An answer that is a Status.
fn status(code: u16, reason: &str, message: String, details: Option<(&str, &str)>) -> Response {
    let details = details.map_or_else(String::new, |(name, kind)| {
        format!("  \"details\": {{\n    \"name\": {name:?},\n    \"kind\": {kind:?}\n  }},\n")
    });
    let body = format!(
        "{{\n  \"kind\": \"Status\",\n  \"apiVersion\": \"v1\",\n  \"metadata\": {{}},\n  \"status\": \"Failure\",\n  \
         \"message\": {message:?},\n  \"reason\": {reason:?},\n{details}  \"code\": {code}\n}}"
    );
    Response {
        status: code,
        server: "",
        kind: "application/json",
        body,
    }
}

/// `wget` as busybox has it.
pub(super) fn wget(
    words: &[String],
    spot: &Spot,
    shell: &Shell,
    world: &mut World<'_>,
    printed: &mut Printed,
) -> i32 {
    let (mut quiet, mut output, mut url, mut body) = (false, None, None, String::new());
    let mut words = words.iter();
    while let Some(word) = words.next() {
        if let Some(text) = word.strip_prefix("--post-data") {
            body = text
                .strip_prefix('=')
                .map_or_else(|| words.next().cloned().unwrap_or_default(), str::to_owned);
        } else if let Some(letters) = word.strip_prefix('-').filter(|it| !it.starts_with('-')) {
            quiet |= letters.contains('q');
            if let Some((_, name)) = letters.split_once('O') {
                output = if name.is_empty() {
                    words.next().cloned()
                } else {
                    Some(name.to_owned())
                };
            } else if letters.starts_with('T') && letters.len() == 1 {
                words.next();
            }
        } else if word.starts_with("--") {
            quiet |= word == "--quiet";
        } else {
            url = Some(word.clone());
        }
    }
    let Some(url) = url.as_deref().and_then(read_url) else {
        printed.error("wget: missing URL\n");
        return 1;
    };
    let method = if body.is_empty() { "GET" } else { "POST" };
    let ask = Ask {
        method,
        path: &url.path,
        body: &body,
        agent: "Wget",
    };
    let answer = world.cluster.ask(spot, &url.host, url.port, ask);
    let why = match answer {
        Ok(response) if response.status < 400 => {
            let default = url
                .path
                .rsplit('/')
                .next()
                .filter(|it| !it.is_empty())
                .unwrap_or("index.html");
            let name = output.as_deref().unwrap_or(default);
            if !quiet {
                printed.error(&format!("Connecting to {}:{}\n", url.host, url.port));
            }
            if name == "-" {
                printed.out(&response.body);
            } else if let Err(error) = shell.write(world, name, &response.body, false) {
                printed.error(&format!("wget: can't open '{name}': {error}\n"));
                return 1;
            } else if !quiet {
                printed.error(&format!("'{name}' saved\n"));
            }
            return 0;
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
        Err(Silence::NoRoute(ip)) => {
            format!("can't connect to remote host ({ip}): Connection timed out")
        }
        Err(Silence::Empty(_)) => "error getting response".to_owned(),
    };
    printed.error(&format!("wget: {why}\n"));
    1
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
