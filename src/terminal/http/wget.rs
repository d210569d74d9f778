//! wget as busybox has it.

use super::read_url;
use crate::cluster::inside::Spot;
use crate::cluster::net::{Ask, Silence, reason};
use crate::terminal::job::World;
use crate::terminal::out::Printed;
use crate::terminal::shell::Shell;

/// `wget` as busybox has it.
pub(in crate::terminal) fn wget(
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
