//! Files, names and what the machine looks like from inside of a container.

use crate::cluster::inside::files::{FileError, Found, normal};
use crate::cluster::inside::image::{self, App};
use crate::cluster::inside::{Spot, full_name};
use crate::terminal::builtin::short_date;
use crate::terminal::host::columns;
use crate::terminal::job::World;
use crate::terminal::out::Printed;
use crate::terminal::shell::Shell;

/// The words that are no flags.
fn paths(words: &[String]) -> impl Iterator<Item = &String> {
    words.iter().filter(|it| !it.starts_with('-'))
}

fn has(words: &[String], flag: char) -> bool {
    words
        .iter()
        .any(|it| it.starts_with('-') && !it.starts_with("--") && it.contains(flag))
}

pub(super) fn ls(
    words: &[String],
    spot: &Spot,
    shell: &Shell,
    world: &World<'_>,
    printed: &mut Printed,
) -> i32 {
    let long = has(words, 'l');
    let mut asked: Vec<&str> = paths(words).map(String::as_str).collect();
    if asked.is_empty() {
        asked.push(".");
    }
    let many = asked.len() > 1;
    let mut code = 0;
    for (number, path) in asked.iter().enumerate() {
        let whole = normal(&shell.folder, path);
        let listed = match world.cluster.list_folder(spot, &whole) {
            Err(FileError::NotFolder) => {
                let text = world.cluster.read_file(spot, &whole).unwrap_or_default();
                let changed = world.cluster.now();
                Ok(vec![Found {
                    name: (*path).to_owned(),
                    file: Some((text, changed)),
                }])
            }
            other => other,
        };
        let found = match listed {
            Ok(found) => found,
            Err(error) => {
                let text = if image::is_busybox(spot.image(&world.cluster.api.store)) {
                    format!("ls: {path}: {error}\n")
                } else {
                    format!("ls: cannot access '{path}': {error}\n")
                };
                printed.error(&text);
                code = 2;
                continue;
            }
        };
        let shown: Vec<&Found> = found
            .iter()
            .filter(|it| has(words, 'a') || !it.name.starts_with('.'))
            .collect();
        if many {
            let gap = if number > 0 { "\n" } else { "" };
            printed.out(&format!("{gap}{path}:\n"));
        }
        if long {
            printed.out(&long_list(&shown, world));
        } else {
            let names: Vec<String> = shown.iter().map(|it| it.name.clone()).collect();
            printed.out(&columns(&names, shell.terminal && !has(words, '1')));
        }
    }
    code
}

fn long_list(found: &[&Found], world: &World<'_>) -> String {
    let sizes = found
        .iter()
        .map(|it| it.file.as_ref().map_or(4096, |(text, _)| text.len()));
    let width = sizes.max().unwrap_or(0).to_string().len();
    let mut out = format!("total {}\n", found.len() * 4);
    for one in found {
        let (kind, links, size, changed) = match &one.file {
            Some((text, changed)) => ("-rw-r--r--", 1, text.len(), *changed),
            None => ("drwxr-xr-x", 2, 4096, world.cluster.api.config.epoch),
        };
        let date = short_date(changed);
        out.push_str(&format!(
            "{kind} {links} root root {size:>width$} {date} {}\n",
            one.name
        ));
    }
    out
}

pub(super) fn rm(
    words: &[String],
    spot: &Spot,
    shell: &Shell,
    world: &mut World<'_>,
    printed: &mut Printed,
) -> i32 {
    let whole = has(words, 'r') || has(words, 'R');
    let force = has(words, 'f');
    let mut code = 0;
    for path in paths(words) {
        match world
            .cluster
            .remove(spot, &normal(&shell.folder, path), whole)
        {
            Ok(()) => {}
            Err(FileError::Missing) if force => {}
            Err(error) => {
                printed.error(&format!("rm: cannot remove '{path}': {error}\n"));
                code = 1;
            }
        }
    }
    code
}

pub(super) fn mkdir(
    words: &[String],
    spot: &Spot,
    shell: &Shell,
    world: &mut World<'_>,
    printed: &mut Printed,
) -> i32 {
    let parents = has(words, 'p');
    let mut code = 0;
    for path in paths(words) {
        let whole = normal(&shell.folder, path);
        let mut folders = vec![whole.clone()];
        if parents {
            let ends = whole.match_indices('/').map(|(at, _)| at).skip(1);
            folders = ends
                .filter_map(|at| whole.get(..at).map(str::to_owned))
                .chain([whole.clone()])
                .collect();
        }
        for folder in folders {
            match world.cluster.make_folder(spot, &folder) {
                Ok(()) => {}
                Err(FileError::Exists) if parents => {}
                Err(error) => {
                    printed.error(&format!(
                        "mkdir: cannot create directory '{path}': {error}\n"
                    ));
                    code = 1;
                    break;
                }
            }
        }
    }
    code
}

pub(super) fn touch(
    words: &[String],
    spot: &Spot,
    shell: &Shell,
    world: &mut World<'_>,
    printed: &mut Printed,
) -> i32 {
    let mut code = 0;
    for path in paths(words) {
        match world
            .cluster
            .write_file(spot, &normal(&shell.folder, path), "", true)
        {
            Ok(()) | Err(FileError::IsFolder) => {}
            Err(error) => {
                printed.error(&format!("touch: cannot touch '{path}': {error}\n"));
                code = 1;
            }
        }
    }
    code
}

pub(super) fn copy(
    name: &str,
    words: &[String],
    spot: &Spot,
    shell: &Shell,
    world: &mut World<'_>,
    printed: &mut Printed,
) -> i32 {
    let files: Vec<&String> = paths(words).collect();
    let [from, to] = files[..] else {
        printed.error(&format!("{name}: missing file operand\n"));
        return 1;
    };
    let (source, mut target) = (normal(&shell.folder, from), normal(&shell.folder, to));
    if world.cluster.list_folder(spot, &target).is_ok() {
        target = normal(&target, source.rsplit('/').next().unwrap_or_default());
    }
    let read = world.cluster.read_file(spot, &source);
    let done = read.and_then(|text| world.cluster.write_file(spot, &target, &text, false));
    let done = done.and_then(|()| {
        if name == "mv" {
            world.cluster.remove(spot, &source, false)
        } else {
            Ok(())
        }
    });
    match done {
        Ok(()) => 0,
        Err(error) => {
            printed.error(&format!(
                "{name}: cannot {} '{from}' to '{to}': {error}\n",
                if name == "mv" { "move" } else { "copy" }
            ));
            1
        }
    }
}

pub(super) fn hostname(
    words: &[String],
    spot: &Spot,
    world: &World<'_>,
    printed: &mut Printed,
) -> i32 {
    let Some(pod) = spot.find(&world.cluster.api.store) else {
        return 1;
    };
    let text = match words.first().map(String::as_str) {
        Some("-f" | "--fqdn") => full_name(pod),
        Some("-i" | "-I") => pod.status.pod_ip.to_string(),
        Some("-d") => full_name(pod)
            .split_once('.')
            .map_or(String::new(), |(_, rest)| rest.to_owned()),
        Some("-s") | None => crate::cluster::inside::hostname(pod).to_owned(),
        Some(_) => {
            printed.error("hostname: you must be root to change the host name\n");
            return 1;
        }
    };
    printed.out(&format!("{text}\n"));
    0
}

pub(super) fn env(words: &[String], shell: &Shell, printed: &mut Printed) -> i32 {
    if let Some(name) = words.first() {
        return match shell.variables.get(name) {
            Some(text) => {
                printed.out(&format!("{text}\n"));
                0
            }
            None => 1,
        };
    }
    for (name, text) in shell.variables.iter() {
        printed.out(&format!("{name}={text}\n"));
    }
    0
}

/// The disk of the node, which a hostPath volume is a directory of: kilobytes in all and in use.
const DISK: (u64, u64) = (61_202_244, 12_400_556);

/// The memory of the node, in kilobytes.
const MEMORY: u64 = 33_554_432;

pub(super) fn df(words: &[String], spot: &Spot, world: &World<'_>, printed: &mut Printed) -> i32 {
    let human = has(words, 'h');
    let asked: Vec<&String> = paths(words).collect();
    let mut rows = vec![("overlay".to_owned(), "/".to_owned())];
    for mount in world.cluster.mounts(spot).into_iter().rev() {
        let device = if mount.claim.is_some() {
            "/dev/vda1"
        } else {
            "tmpfs"
        };
        rows.push((device.to_owned(), mount.path));
    }
    if !asked.is_empty() {
        rows.retain(|(_, path)| {
            asked
                .iter()
                .any(|it| it.trim_end_matches('/') == path || *it == path)
        });
    }
    let (total, used) = DISK;
    let size = |kilobytes: u64| {
        if human {
            format!("{}G", kilobytes / 1_048_576)
        } else {
            kilobytes.to_string()
        }
    };
    let blocks = if human { "Size" } else { "1K-blocks" };
    printed.out(&format!(
        "{:<14} {blocks:>10} {:>10} {:>10} {:>4} Mounted on\n",
        "Filesystem", "Used", "Available", "Use%"
    ));
    for (device, path) in rows {
        // What is in memory is a part of the node's.
        let (total, used) = if device == "tmpfs" {
            (MEMORY, 12)
        } else {
            (total, used)
        };
        let percent = used * 100 / total;
        printed.out(&format!(
            "{device:<14} {:>10} {:>10} {:>10} {percent:>3}% {path}\n",
            size(total),
            size(used),
            size(total - used)
        ));
    }
    0
}

pub(super) fn mount(spot: &Spot, world: &World<'_>, printed: &mut Printed) -> i32 {
    printed.out("overlay on / type overlay (rw,relatime)\nproc on /proc type proc (rw,nosuid,nodev,noexec,relatime)\n");
    for mount in world.cluster.mounts(spot).into_iter().rev() {
        let (device, kind) = if mount.claim.is_some() {
            ("/dev/vda1", "ext4")
        } else {
            ("tmpfs", "tmpfs")
        };
        let mode = if mount.read_only { "ro" } else { "rw" };
        printed.out(&format!(
            "{device} on {} type {kind} ({mode},relatime)\n",
            mount.path
        ));
    }
    0
}

pub(super) fn ps(spot: &Spot, world: &World<'_>, printed: &mut Printed) -> i32 {
    let Some((_, container)) = spot.spec(&world.cluster.api.store) else {
        return 1;
    };
    let words: Vec<&str> = container
        .command
        .iter()
        .chain(&container.args)
        .map(|it| &**it)
        .collect();
    let program = match image::app(container) {
        _ if !words.is_empty() => words.join(" "),
        App::Nginx(_) => "nginx: master process nginx -g daemon off;".to_owned(),
        App::Kubia | App::KubiaPet | App::KubiaPeers => "node app.js".to_owned(),
        App::Nothing => "sh".to_owned(),
        _ => image::name(&container.image).to_owned(),
    };
    printed.out(&format!(
        "PID   USER     TIME  COMMAND\n    1 root      0:00 {program}\n    7 root      0:00 ps\n"
    ));
    0
}
