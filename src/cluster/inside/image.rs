//! What images hold and what their programs serve: the few that Ordinal knows.

use crate::cluster::object::pod_spec::Container;

/// What a container's program answers with on its ports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum App {
    /// nginx: the files of this directory.
    Nginx(&'static str),
    /// `luksa/kubia`: its host's name.
    Kubia,
    /// `luksa/kubia-pet`: its host's name and the text that was posted to it.
    KubiaPet,
    /// `luksa/kubia-pet-peers`: the texts of all its peers, found by their SRV records.
    KubiaPeers,
    /// Something that does not speak HTTP.
    Mute,
    /// A program that Ordinal does not know; it would answer on the ports that its container names.
    Unknown,
    /// Nothing listens.
    Nothing,
}

/// Where the kubia-pet application keeps what was posted to it.
pub const KUBIA_FILE: &str = "/var/data/kubia.txt";

/// The last part of an image's name, without its tag.
pub fn name(image: &str) -> &str {
    let last = image.rsplit('/').next().unwrap_or(image);
    last.split([':', '@']).next().unwrap_or(last)
}

/// What a container serves.
pub fn app(container: &Container) -> App {
    let image = name(&container.image);
    let words = || container.command.iter().chain(&container.args);
    let runs_other = !container.command.is_empty() && !words().any(|it| it.contains(image));
    if runs_other {
        let shell = words().any(|it| {
            ["sleep", "sh", "bash", "tail"].contains(&it.rsplit('/').next().unwrap_or(it))
        });
        return if shell { App::Nothing } else { App::Unknown };
    }
    match image {
        "nginx" if container.image.contains("bitnami") => App::Nginx("/app"),
        "nginx" | "nginx-slim" | "nginx-unprivileged" => App::Nginx("/usr/share/nginx/html"),
        "kubia" => App::Kubia,
        "kubia-pet" => App::KubiaPet,
        "kubia-pet-peers" => App::KubiaPeers,
        "busybox" | "alpine" | "debian" | "ubuntu" | "pause" | "bash" | "dnsutils" => App::Nothing,
        "postgres"
        | "postgresql"
        | "mysql"
        | "mariadb"
        | "redis"
        | "mongo"
        | "mongodb"
        | "cassandra"
        | "zookeeper"
        | "kafka"
        | "memcached"
        | "kubernetes-zookeeper" => App::Mute,
        _ => App::Unknown,
    }
}

/// The ports on which a container listens.
pub fn ports(container: &Container) -> Vec<i32> {
    match app(container) {
        App::Nginx("/app") | App::Kubia | App::KubiaPet | App::KubiaPeers => vec![8080],
        App::Nginx(_) if name(&container.image) == "nginx-unprivileged" => vec![8080],
        App::Nginx(_) => vec![80],
        App::Mute | App::Unknown => container.ports.iter().map(|it| it.container_port).collect(),
        App::Nothing => Vec::new(),
    }
}

/// Whether an image has bash; busybox and alpine have only sh.
pub fn has_bash(image: &str) -> bool {
    let small = ["busybox", "alpine", "pause"].contains(&name(image));
    !small && !image.contains("-alpine")
}

/// Whether an image has nothing but its program.
pub fn has_no_shell(image: &str) -> bool {
    name(image) == "pause" || image.contains("distroless")
}

/// Whether an image's programs are busybox's.
pub fn is_busybox(image: &str) -> bool {
    ["busybox", "alpine"].contains(&name(image)) || image.contains("-alpine")
}

/// Whether an image's busybox prints names as the version 1.28 and older do (reference 6.4).
pub fn is_old_busybox(image: &str) -> bool {
    let tag = image.rsplit_once(':').map_or("", |(_, tag)| tag);
    let minor = tag.strip_prefix("1.").and_then(|it| {
        let digits: String = it.chars().take_while(char::is_ascii_digit).collect();
        digits.parse::<u32>().ok()
    });
    name(image) == "busybox" && minor.is_some_and(|it| it <= 28)
}

/// The last of the versions of nginx that a tag without it stands for.
const NGINX: &[(&str, &str)] = &[
    ("0.8", "1.11.1"),
    ("1.14", "1.14.2"),
    ("1.16", "1.16.1"),
    ("1.19", "1.19.10"),
    ("1.20", "1.20.2"),
    ("1.21", "1.21.6"),
    ("1.22", "1.22.1"),
    ("1.23", "1.23.4"),
    ("1.24", "1.24.0"),
    ("1.25", "1.25.5"),
    ("1.26", "1.26.3"),
    ("1.27", "1.27.5"),
    ("1.28", "1.28.0"),
];

/// The version of nginx in an image.
pub fn nginx_version(image: &str) -> &str {
    let tag = image.rsplit_once(':').map_or("", |(_, tag)| tag);
    let tag = tag.split('-').next().unwrap_or(tag);
    if tag.matches('.').count() == 2 {
        return tag;
    }
    let known = NGINX.iter().find(|(short, _)| *short == tag);
    known.map_or("1.29.3", |(_, version)| version)
}

/// Directories of every image.
pub const FOLDERS: &[&str] = &[
    "bin",
    "dev",
    "etc",
    "home",
    "lib",
    "media",
    "mnt",
    "opt",
    "proc",
    "root",
    "run",
    "sbin",
    "srv",
    "sys",
    "tmp",
    "usr",
    "usr/bin",
    "usr/lib",
    "usr/local",
    "usr/sbin",
    "usr/share",
    "var",
    "var/cache",
    "var/data",
    "var/lib",
    "var/log",
    "var/run",
    "var/tmp",
];

/// What nginx's own page says, where no volume hides it.
pub const WELCOME: &str = "<!DOCTYPE html>\n<html>\n<head>\n<title>Welcome to nginx!</title>\n<style>\n\
    html { color-scheme: light dark; }\nbody { width: 35em; margin: 0 auto;\n\
    font-family: Tahoma, Verdana, Arial, sans-serif; }\n</style>\n</head>\n<body>\n<h1>Welcome to nginx!</h1>\n\
    <p>If you see this page, the nginx web server is successfully installed and\n\
    working. Further configuration is required.</p>\n\n\
    <p>For online documentation and support please refer to\n\
    <a href=\"http://nginx.org/\">nginx.org</a>.<br/>\nCommercial support is available at\n\
    <a href=\"http://nginx.com/\">nginx.com</a>.</p>\n\n<p><em>Thank you for using nginx.</em></p>\n\
    </body>\n</html>\n";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn images_serve_what_they_are_known_for() {
        let of = |image: &str, command: &[&str]| Container {
            image: image.into(),
            command: command.iter().map(|it| (*it).into()).collect(),
            ..Container::default()
        };
        for (image, command, app_, listens) in [
            (
                "k8s.gcr.io/nginx-slim:0.8",
                &[][..],
                App::Nginx("/usr/share/nginx/html"),
                vec![80],
            ),
            ("bitnami/nginx", &[], App::Nginx("/app"), vec![8080]),
            ("luksa/kubia-pet", &[], App::KubiaPet, vec![8080]),
            ("nginx", &["sh", "-c", "sleep 1d"], App::Nothing, vec![]),
            (
                "nginx",
                &["nginx", "-g", "daemon off;"],
                App::Nginx("/usr/share/nginx/html"),
                vec![80],
            ),
            ("busybox:1.28", &[], App::Nothing, vec![]),
        ] {
            let container = of(image, command);
            assert_eq!(
                (app(&container), ports(&container)),
                (app_, listens),
                "{image} {command:?}"
            );
        }
        assert!(is_old_busybox("busybox:1.28") && !is_old_busybox("busybox:1.36"));
        assert!(!is_old_busybox("busybox") && has_bash("nginx") && !has_bash("nginx:1.27-alpine"));
    }
}
