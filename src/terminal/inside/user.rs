//! Who programs run as in a container: `id`, `whoami`, and whether a shell asks with `#` or `$`.

use crate::cluster::inside::{Spot, image};
use crate::cluster::store::Store;
use crate::cluster::value::Value;
use crate::terminal::out::Printed;

/// The user of a container, and its groups.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::terminal) struct User {
    /// Its number.
    pub uid: i64,
    gid: i64,
    /// All groups, in order.
    groups: Vec<i64>,
}

/// The user that a container runs as: what its spec says, what its pod's says, what its image says.
pub(in crate::terminal) fn of(spot: &Spot, store: &Store) -> User {
    let mut user = User {
        uid: 0,
        gid: 0,
        groups: Vec::new(),
    };
    let Some((pod, container)) = spot.spec(store) else {
        return user;
    };
    let image = &*container.image;
    let by_pod = pod.spec.security_context.as_ref();
    let number = |key: &str| {
        let own = container.rest.get("securityContext");
        let own = own.and_then(|it| it.get(key)?.as_int());
        own.or_else(|| by_pod.and_then(|it| it.get(key)?.as_int()))
    };
    (user.uid, user.gid) = match image::name(image) {
        "nginx-unprivileged" => (101, 101),
        "curl" => (100, 101),
        _ if image.contains("bitnami") => (1001, 0),
        _ => (0, 0),
    };
    if let Some(uid) = number("runAsUser") {
        // Who is not in /etc/passwd is in the group of root.
        user.gid = if name_of(uid, image).is_some() {
            uid
        } else {
            0
        };
        user.uid = uid;
    }
    user.gid = number("runAsGroup").unwrap_or(user.gid);
    user.groups.push(user.gid);
    if user.uid == 0 {
        let of_image: &[i64] = match image::name(image) {
            "busybox" => &[10],
            _ if image::is_busybox(image) => &[1, 2, 3, 4, 6, 10, 11, 20, 26, 27],
            _ => &[],
        };
        user.groups.extend(of_image);
    }
    let of_pod = |key: &str| by_pod.and_then(|it| it.get(key));
    user.groups
        .extend(of_pod("fsGroup").and_then(Value::as_int));
    let more = of_pod("supplementalGroups").and_then(Value::as_list);
    user.groups
        .extend(more.into_iter().flatten().filter_map(Value::as_int));
    user.groups.sort_unstable();
    user.groups.dedup();
    user
}

/// The name of a user in an image.
pub(in crate::terminal) fn name_of(uid: i64, image: &str) -> Option<&'static str> {
    Some(match uid {
        0 => "root",
        65534 => "nobody",
        101 if image.contains("nginx") => "nginx",
        100 if image::name(image) == "curl" => "curl_user",
        _ => return None,
    })
}

fn group_name(gid: i64, image: &str) -> Option<&'static str> {
    Some(match gid {
        1 => "bin",
        2 => "daemon",
        3 => "sys",
        4 => "adm",
        6 => "disk",
        10 => "wheel",
        11 => "floppy",
        20 => "dialout",
        26 => "tape",
        27 => "video",
        65534 => "nogroup",
        101 if image::name(image) == "curl" => "curl_group",
        gid => return name_of(gid, image),
    })
}

fn with_name(number: i64, name: Option<&str>) -> String {
    name.map_or_else(|| number.to_string(), |name| format!("{number}({name})"))
}

/// `id`.
pub(super) fn id(words: &[String], user: &User, image: &str, printed: &mut Printed) -> i32 {
    let has = |letter| super::system::has(words, letter);
    let group = |gid: &i64| with_name(*gid, group_name(*gid, image));
    let User { uid, gid, groups } = user;
    let (number, name) = match (has('u'), has('g'), has('G')) {
        (true, ..) => (uid, name_of(*uid, image)),
        (_, true, _) => (gid, group_name(*gid, image)),
        (_, _, true) => {
            let all: Vec<String> = groups.iter().map(ToString::to_string).collect();
            printed.out(&format!("{}\n", all.join(" ")));
            return 0;
        }
        _ => {
            let groups: Vec<String> = groups.iter().map(group).collect();
            let own = with_name(*uid, name_of(*uid, image));
            let groups = groups.join(",");
            printed.out(&format!("uid={own} gid={} groups={groups}\n", group(gid)));
            return 0;
        }
    };
    match name {
        Some(name) if has('n') => printed.out(&format!("{name}\n")),
        None if has('n') => {
            printed.error(&if image::is_busybox(image) {
                format!("id: unknown ID {number}\n")
            } else {
                format!("id: cannot find name for user ID {number}\n")
            });
            return 1;
        }
        _ => printed.out(&format!("{number}\n")),
    }
    0
}

/// `whoami`.
pub(super) fn whoami(user: &User, image: &str, printed: &mut Printed) -> i32 {
    match name_of(user.uid, image) {
        Some(name) => {
            printed.out(&format!("{name}\n"));
            0
        }
        None => {
            printed.error(&if image::is_busybox(image) {
                format!("whoami: unknown uid {}\n", user.uid)
            } else {
                format!("whoami: cannot find name for user ID {}\n", user.uid)
            });
            1
        }
    }
}
