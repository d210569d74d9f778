//! Which images can be pulled.
//!
//! There is no registry here, so this file is one: a name is taken to exist unless it plainly does not. What counts as
//! plain is written below and nowhere else, and a fault can take any image away.

use crate::cluster::sorted::SortedSet;
use crate::cluster::value::Text;

/// Words that people use for an image that is not there, as a repository's last part or as a tag.
const MISSING: &[&str] = &[
    "nope",
    "missing",
    "nonexistent",
    "non-existent",
    "does-not-exist",
    "doesnotexist",
    "no-such-image",
    "not-found",
    "notfound",
    "broken",
    "invalid",
    "typo",
    "wrong",
    "bad",
    "bogus",
    "fail",
    "oops",
];

/// Repositories whose tags are known to be versions (or one of [`WORD_TAGS`]).
const VERSIONED: &[&str] = &[
    "alpine",
    "busybox",
    "cassandra",
    "centos",
    "consul",
    "debian",
    "elasticsearch",
    "etcd",
    "haproxy",
    "httpd",
    "kafka",
    "mariadb",
    "memcached",
    "mongo",
    "mysql",
    "nginx",
    "nginx-slim",
    "node",
    "pause",
    "postgres",
    "python",
    "rabbitmq",
    "redis",
    "traefik",
    "ubuntu",
    "zookeeper",
];

/// Tags that are no versions and exist.
const WORD_TAGS: &[&str] = &[
    "latest",
    "alpine",
    "stable",
    "mainline",
    "slim",
    "bookworm",
    "bullseye",
    "trixie",
    "jammy",
    "noble",
    "focal",
    "lts",
    "edge",
    "perl",
    "musl",
    "glibc",
    "uclibc",
    "unstable",
    "management",
    "3-management",
];

/// What became of a pull.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Pull {
    /// The image is there.
    Found,
    /// No such image; the runtime's words.
    Missing(String),
    /// The name is no image name; the kubelet's words.
    InvalidName(String),
}

/// Looks an image up; `lost` are images that a fault has taken away.
pub fn look_up(image: &str, lost: &SortedSet<Text>) -> Pull {
    let Some((repository, tag)) = split(image) else {
        return Pull::InvalidName(format!(
            "Failed to apply default image tag {image:?}: couldn't parse image name {image:?}: invalid reference format"
        ));
    };
    let last = repository.rsplit('/').next().unwrap_or(repository);
    let plainly_missing = MISSING.contains(&last) || MISSING.contains(&tag);
    let known_tag = tag.starts_with(|letter: char| letter.is_ascii_digit())
        || tag.starts_with("sha256:")
        || (tag.starts_with('v') && tag.chars().nth(1).is_some_and(|it| it.is_ascii_digit()))
        || WORD_TAGS
            .iter()
            .any(|word| tag == *word || tag.starts_with(&format!("{word}-")));
    let unknown_tag = VERSIONED.contains(&last) && !known_tag;
    if plainly_missing || unknown_tag || lost.contains(image) {
        let full = full_name(repository, tag);
        return Pull::Missing(format!(
            "failed to pull and unpack image {full:?}: failed to resolve image: {full}: not found"
        ));
    }
    Pull::Found
}

/// Repository and tag (or digest) of an image; `None` if it is no image name.
fn split(image: &str) -> Option<(&str, &str)> {
    let (name, digest) = match image.split_once('@') {
        Some((name, digest)) => (name, Some(digest)),
        None => (image, None),
    };
    let slash = name.rfind('/').map_or(0, |at| at + 1);
    let (repository, tag) = match name.get(slash..)?.find(':') {
        Some(at) => (name.get(..slash + at)?, name.get(slash + at + 1..)?),
        None => (name, "latest"),
    };
    let fits = |letter: char| {
        letter.is_ascii_lowercase() || letter.is_ascii_digit() || "._-/:".contains(letter)
    };
    let host_fits = |letter: char| letter.is_ascii_alphanumeric() || "._-:".contains(letter);
    let (host, path) = match repository.split_once('/') {
        Some((host, path)) if host.contains(['.', ':']) || host == "localhost" => (host, path),
        _ => ("", repository),
    };
    let well_formed = !path.is_empty()
        && path.split('/').all(|part| {
            !part.is_empty() && part.starts_with(|it: char| it.is_ascii_alphanumeric())
        })
        && path.chars().all(fits)
        && host.chars().all(host_fits)
        && !tag.is_empty()
        && tag
            .chars()
            .all(|letter| letter.is_ascii_alphanumeric() || "._-".contains(letter));
    well_formed.then_some((repository, digest.unwrap_or(tag)))
}

/// The name with the host that the runtime fills in.
fn full_name(repository: &str, tag: &str) -> String {
    let has_host = repository
        .split_once('/')
        .is_some_and(|(host, _)| host.contains(['.', ':']) || host == "localhost");
    let prefix = match (has_host, repository.contains('/')) {
        (true, _) => "",
        (false, true) => "docker.io/",
        (false, false) => "docker.io/library/",
    };
    format!("{prefix}{repository}:{tag}")
}

/// Bytes of an image, the same for the same name: real images have 2 to 300 MB.
pub fn size(image: &str) -> u64 {
    2_000_000 + crate::cluster::hash::fnv1a_64(image.as_bytes()) % 118_000_000
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn images_exist_unless_they_plainly_do_not() {
        let none = SortedSet::new();
        for image in [
            "nginx",
            "k8s.gcr.io/nginx-slim:0.8",
            "registry.k8s.io/nginx-slim:0.25",
            "luksa/kubia-pet",
            "bitnami/nginx",
            "busybox:1.28",
            "postgres:16-alpine",
            "nginx:alpine-slim",
            "localhost:5000/my/app:dev",
            "my.registry.io/team/app",
            "nginx@sha256:0123",
        ] {
            assert_eq!(look_up(image, &none), Pull::Found, "{image}");
        }
        for image in [
            "registry.k8s.io/nope:1",
            "nginx:nosuchtag",
            "nginx:broken",
            "my/app:missing",
        ] {
            assert!(matches!(look_up(image, &none), Pull::Missing(_)), "{image}");
        }
        for image in ["Nginx", "nginx:", "ng inx", "a//b", "/x"] {
            assert!(
                matches!(look_up(image, &none), Pull::InvalidName(_)),
                "{image}"
            );
        }
        assert!(matches!(
            look_up("redis", &["redis".into()].into()),
            Pull::Missing(_)
        ));
    }

    #[test]
    fn the_runtime_names_images_in_full() {
        assert_eq!(full_name("nginx", "1"), "docker.io/library/nginx:1");
        assert_eq!(full_name("luksa/kubia", "1"), "docker.io/luksa/kubia:1");
        assert_eq!(
            full_name("registry.k8s.io/nope", "1"),
            "registry.k8s.io/nope:1"
        );
    }
}
