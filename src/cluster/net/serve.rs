//! What the programs of known images answer.

use super::{Ask, Response};
use crate::cluster::dns::{self, Query};
use crate::cluster::engine::Cluster;
use crate::cluster::inside::files::FileError;
use crate::cluster::inside::image::{self, App, KUBIA_FILE};
use crate::cluster::inside::{Spot, hostname};
use crate::cluster::object::pod_spec::Container;
use crate::cluster::time::Time;
use crate::cluster::value::Text;

impl Cluster {
    /// The answer of a container's program; `None` if it does not speak HTTP.
    pub(super) fn serve(
        &mut self,
        spot: &Spot,
        container: &Container,
        asker: &str,
        ask: Ask<'_>,
    ) -> Option<Response> {
        let pod = spot.find(&self.api.store)?;
        let host = hostname(pod).to_owned();
        let date = http_date(self.now());
        let plain = |body: String| Response {
            status: 200,
            headers: vec![
                ("Date", date.clone()),
                ("Connection", "keep-alive".to_owned()),
                ("Transfer-Encoding", "chunked".to_owned()),
            ],
            body,
        };
        Some(match image::app(container) {
            App::Nginx(folder) => self.nginx(spot, folder, asker, ask),
            App::Kubia => plain(format!("You've hit {host}\n")),
            App::KubiaPet | App::KubiaPeers if ask.method == "POST" => {
                let stored = self.write_file(spot, KUBIA_FILE, ask.body, false);
                if stored.is_ok() {
                    self.print(spot, "New data has been received and stored.\n");
                }
                plain(format!("Data stored on pod {host}\n"))
            }
            App::KubiaPet => {
                let data = self.kubia_data(spot);
                plain(format!(
                    "You've hit {host}\nData stored on this pod: {data}\n"
                ))
            }
            App::KubiaPeers if ask.path == "/data" => plain(self.kubia_data(spot)),
            App::KubiaPeers => plain(self.kubia_peers(spot, &host)),
            App::Unknown => plain(format!(
                "(Ordinal: {} would answer here, in pod {}. It does not run in this simulation.)\n",
                container.image, spot.pod
            )),
            App::Mute | App::Nothing => return None,
        })
    }

    fn kubia_data(&self, spot: &Spot) -> String {
        let stored = self.read_file(spot, KUBIA_FILE);
        stored.map_or_else(|_| "No data posted yet".to_owned(), |it| it.to_string())
    }

    fn kubia_peers(&self, spot: &Spot, host: &str) -> String {
        let zone = dns::ZONE;
        let service = spot
            .find(&self.api.store)
            .map(|it| it.spec.subdomain.clone());
        let name = format!(
            "{}.{}.svc.{zone}",
            service.unwrap_or_default(),
            spot.namespace
        );
        let mut out = format!("You've hit {host}\nData stored in the cluster:\n");
        let peers = dns::resolve(&self.api, &spot.namespace, &name, Query::Srv);
        for peer in peers {
            let dns::Answer::Srv { target, .. } = peer else {
                continue;
            };
            let pod = target.split('.').next().unwrap_or_default();
            let found = self.api.store.find(&spot.namespace, pod);
            let data = found.map(|pod| self.kubia_data(&Spot::of(pod, &spot.container)));
            out.push_str(&format!("- {target}: {}\n", data.unwrap_or_default()));
        }
        out
    }

    fn nginx(&mut self, spot: &Spot, folder: &str, asker: &str, ask: Ask<'_>) -> Response {
        let path = ask.path.split(['?', '#']).next().unwrap_or("/");
        let file = if path.ends_with('/') {
            format!("{folder}{path}index.html")
        } else {
            format!("{folder}{path}")
        };
        let name = format!(
            "nginx/{}",
            image::nginx_version(spot.image(&self.api.store))
        );
        let is_read = matches!(ask.method, "GET" | "HEAD");
        let (status, body) = match self.read_file(spot, &file) {
            _ if !is_read => (405, None),
            Ok(text) => (200, Some(text.to_string())),
            // A directory without an index is not listed.
            Err(FileError::Missing)
                if path.ends_with('/')
                    && self.list_folder(spot, &format!("{folder}{path}")).is_ok() =>
            {
                (403, None)
            }
            Err(FileError::IsFolder) => (301, None),
            Err(_) => (404, None),
        };
        let body = body.unwrap_or_else(|| {
            let words = format!("{status} {}", reason(status));
            let name = &name;
            format!(
                "<html>\r\n<head><title>{words}</title></head>\r\n<body>\r\n<center><h1>{words}</h1></center>\r\n\
                 <hr><center>{name}</center>\r\n</body>\r\n</html>\r\n"
            )
        });
        let stamp = stamp(self.now());
        let line = format!(
            "{asker} - - [{stamp}] \"{} {} HTTP/1.1\" {status} {} \"-\" \"{}\" \"-\"\n",
            ask.method,
            ask.path,
            body.len(),
            ask.agent
        );
        self.print(spot, &line);
        let kind = match file.rsplit_once('.').map(|it| it.1) {
            _ if status != 200 => "text/html",
            Some("html" | "htm") => "text/html",
            Some("txt") => "text/plain",
            Some("json") => "application/json",
            Some("css") => "text/css",
            _ => "application/octet-stream",
        };
        let changed = self.changed_at(spot, &file).filter(|_| status == 200);
        let mut response = Response::of(status, kind, body);
        let own = [("Server", name), ("Date", http_date(self.now()))];
        response.headers.splice(0..0, own);
        if let Some(changed) = changed {
            let last = ("Last-Modified", http_date(changed));
            response.headers.push(last);
        }
        if status == 301 {
            let whole = format!("http://{}{path}/", ask.host);
            response.headers.push(("Location", whole));
        }
        response
            .headers
            .push(("Connection", "keep-alive".to_owned()));
        if let Some(changed) = changed {
            let (seconds, bytes) = (
                changed.ms_since(Time::default()) / 1000,
                response.body.len(),
            );
            let tag = format!("\"{seconds:x}-{bytes:x}\"");
            response.headers.push(("ETag", tag));
            response.headers.push(("Accept-Ranges", "bytes".to_owned()));
        }
        response
    }

    /// A line of a container's own output (`kubectl logs`).
    fn print(&mut self, spot: &Spot, line: &str) {
        let restarts = spot
            .status(&self.api.store)
            .map_or(0, |it| it.restart_count);
        let key: Text = format!("{}/{}/{restarts}", spot.uid, spot.container).into();
        let now = self.now();
        self.printed
            .entry(key)
            .or_default()
            .push((now, line.to_owned()));
    }

    /// What a container's program has printed in one of its lives, by time.
    pub fn printed(&self, spot: &Spot, restarts: i32) -> &[(Time, String)] {
        let key = format!("{}/{}/{restarts}", spot.uid, spot.container);
        self.printed.get(key.as_str()).map_or(&[], Vec::as_slice)
    }
}

/// The words of a status.
pub fn reason(status: u16) -> &'static str {
    match status {
        200 => "OK",
        301 => "Moved Permanently",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Not Allowed",
        503 => "Service Unavailable",
        _ => "",
    }
}

/// `Wed, 15 Jan 2025 10:00:01 GMT`.
fn http_date(time: Time) -> String {
    let [year, _, day, hour, minute, second, _] = time.civil();
    let (weekday, month) = (time.weekday_name(), time.month_name());
    format!("{weekday}, {day:02} {month} {year} {hour:02}:{minute:02}:{second:02} GMT")
}

/// `15/Jan/2025:10:00:01 +0000`.
fn stamp(time: Time) -> String {
    let [year, _, day, hour, minute, second, _] = time.civil();
    let month = time.month_name();
    format!("{day:02}/{month}/{year}:{hour:02}:{minute:02}:{second:02} +0000")
}
