//! Names and what the machine looks like from inside of a container: its disks and its processes.

use super::user;
use crate::cluster::inside::files::{Mount, normal};
use crate::cluster::inside::image::{self, App};
use crate::cluster::inside::{Spot, full_name};
use crate::terminal::job::World;
use crate::terminal::out::Printed;
use crate::terminal::shell::Shell;

/// The words that are no flags.
pub(super) fn paths(words: &[String]) -> impl Iterator<Item = &String> {
    words.iter().filter(|it| !it.starts_with('-'))
}

/// Whether a flag of one letter is given.
pub(super) fn has(words: &[String], flag: char) -> bool {
    words
        .iter()
        .any(|it| it.starts_with('-') && !it.starts_with("--") && it.contains(flag))
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

/// The memory of the node, and what a token takes of it, in kilobytes.
const MEMORY: (u64, u64) = (33_554_432, 12);

/// What a container has of the memory for its devices, in kilobytes.
const DEVICES: (u64, u64) = (65_536, 0);

/// Bytes as `df -h` and `ls -h` have them: GNU's round up, busybox's to the nearest tenth.
pub(super) fn human(bytes: u64, busybox: bool) -> String {
    let units = ['K', 'M', 'G', 'T'];
    let mut unit = None;
    let mut size: u64 = 1;
    for letter in units {
        if bytes / size < 1024 {
            break;
        }
        size *= 1024;
        unit = Some(letter);
    }
    let Some(unit) = unit else {
        return bytes.to_string();
    };
    if busybox {
        let tenths = (bytes * 10 + size / 2) / size;
        return format!("{}.{}{unit}", tenths / 10, tenths % 10);
    }
    let tenths = (bytes * 10).div_ceil(size);
    if tenths < 100 {
        return format!("{}.{}{unit}", tenths / 10, tenths % 10);
    }
    format!("{}{unit}", bytes.div_ceil(size))
}

/// A line of `df`: the device, where it is mounted, kilobytes in all and in use.
type Device = (&'static str, String, (u64, u64));

fn devices(mounts: Vec<Mount>) -> Vec<Device> {
    let mut rows = vec![
        ("overlay", "/".to_owned(), DISK),
        ("tmpfs", "/dev".to_owned(), DEVICES),
        ("shm", "/dev/shm".to_owned(), DEVICES),
    ];
    rows.extend(mounts.into_iter().rev().map(|mount| match mount.in_memory {
        true => ("tmpfs", mount.path, MEMORY),
        false => ("/dev/vda1", mount.path, DISK),
    }));
    rows
}

pub(super) fn df(
    words: &[String],
    busybox: bool,
    spot: &Spot,
    shell: &Shell,
    world: &World<'_>,
    printed: &mut Printed,
) -> i32 {
    let all = devices(world.cluster.mounts(spot));
    let mut rows: Vec<&Device> = Vec::new();
    let mut code = 0;
    for path in paths(words) {
        let whole = normal(&shell.folder, path);
        let is_there = world.cluster.list_folder(spot, &whole).is_ok()
            || world.cluster.read_file(spot, &whole).is_ok();
        let holds = |it: &&Device| {
            let folder = it.1.trim_end_matches('/');
            let rest = whole.strip_prefix(folder);
            rest.is_some_and(|it| it.is_empty() || it.starts_with('/'))
        };
        match all.iter().filter(holds).max_by_key(|it| it.1.len()) {
            Some(row) if is_there => rows.push(row),
            _ => {
                let why = if busybox {
                    "can't find mount point"
                } else {
                    "No such file or directory"
                };
                printed.error(&format!("df: {path}: {why}\n"));
                code = 1;
            }
        }
    }
    if paths(words).next().is_none() {
        rows.extend(&all);
    } else if rows.is_empty() && !busybox {
        return code;
    }
    printed.out(&table(&rows, has(words, 'h'), busybox));
    code
}

/// The table of `df`.
fn table(rows: &[&Device], in_units: bool, busybox: bool) -> String {
    let [size, available] = match (in_units, busybox) {
        (true, true) => ["Size", "Available"],
        (true, false) => ["Size", "Avail"],
        (false, _) => ["1K-blocks", "Available"],
    };
    let header = ["Filesystem", size, "Used", available, "Use%"].map(str::to_owned);
    let shown = |kilobytes: u64| match in_units {
        true => human(kilobytes * 1024, busybox),
        false => kilobytes.to_string(),
    };
    let mut lines = vec![(header, "Mounted on")];
    for (device, path, (total, used)) in rows {
        let percent = if busybox {
            (used * 100 + total / 2) / total
        } else {
            (used * 100).div_ceil(*total)
        };
        let cells = [
            (*device).to_owned(),
            shown(*total),
            shown(*used),
            shown(total - used),
            format!("{percent}%"),
        ];
        lines.push((cells, path));
    }
    let least = if busybox {
        [20, 9, 9, 9, 4]
    } else {
        [14, 5, 5, 5, 4]
    };
    let widths = [0, 1, 2, 3, 4].map(|at: usize| {
        let cells = lines.iter().filter_map(|(cells, _)| cells.get(at));
        let least = least.get(at).copied().unwrap_or(0);
        cells.map(String::len).max().unwrap_or(0).max(least)
    });
    let [device, size, used, available, percent] = widths;
    let lines = lines.into_iter().map(|([a, b, c, d, e], path)| {
        format!("{a:device$} {b:>size$} {c:>used$} {d:>available$} {e:>percent$} {path}\n")
    });
    lines.collect()
}

pub(super) fn mount(spot: &Spot, world: &World<'_>, printed: &mut Printed) -> i32 {
    printed.out("overlay on / type overlay (rw,relatime)\nproc on /proc type proc (rw,nosuid,nodev,noexec,relatime)\n");
    for mount in world.cluster.mounts(spot).into_iter().rev() {
        let (device, kind) = if mount.in_memory {
            ("tmpfs", "tmpfs")
        } else {
            ("/dev/vda1", "ext4")
        };
        let mode = if mount.read_only { "ro" } else { "rw" };
        printed.out(&format!(
            "{device} on {} type {kind} ({mode},relatime)\n",
            mount.path
        ));
    }
    0
}

/// The process number of nginx's first worker.
const WORKER: usize = 29;

/// `ps`, as procps' and busybox's print it.
pub(super) fn ps(
    words: &[String],
    shell: &Shell,
    spot: &Spot,
    world: &World<'_>,
    printed: &mut Printed,
) -> i32 {
    let store = &world.cluster.api.store;
    let Some((pod, container)) = spot.spec(store) else {
        return 1;
    };
    let given: Vec<&str> = container
        .command
        .iter()
        .chain(&container.args)
        .map(|it| &**it)
        .collect();
    let app = image::app(container);
    let program = match app {
        App::Nginx(_) => "nginx: master process nginx -g daemon off;".to_owned(),
        _ if !given.is_empty() => given.join(" "),
        App::Kubia | App::KubiaPet | App::KubiaPeers => "node app.js".to_owned(),
        App::Nothing => "sh".to_owned(),
        _ => image::name(&container.image).to_owned(),
    };
    let uid = user::of(spot, store).uid;
    let own = user::name_of(uid, &container.image).map_or_else(|| uid.to_string(), str::to_owned);
    let mut all = vec![(1, own.clone(), program)];
    if let App::Nginx(_) = app {
        let worker = if uid == 0 { "nginx" } else { &own };
        let workers = [WORKER, WORKER + 1].into_iter();
        all.extend(workers.map(|it| (it, worker.to_owned(), "nginx: worker process".to_owned())));
    }
    let line = format!("ps {}", words.join(" "));
    all.push((WORKER + 8, own.clone(), line.trim_end().to_owned()));
    let (flags, last) = (words.concat(), all.len() - 1);
    if image::is_busybox(&container.image) {
        printed.out("PID   USER     TIME  COMMAND\n");
        for (pid, user, line) in &all {
            printed.out(&format!("{pid:>5} {user:8}  0:00 {line}\n"));
        }
        return 0;
    }
    let began = pod.status.start_time.unwrap_or_default();
    let terminal = if shell.terminal { "pts/0" } else { "?" };
    let header = if flags.contains('u') {
        "USER         PID %CPU %MEM    VSZ   RSS TTY      STAT START   TIME COMMAND\n"
    } else if flags.contains('f') {
        "UID          PID    PPID  C STIME TTY          TIME CMD\n"
    } else {
        "    PID TTY          TIME CMD\n"
    };
    printed.out(header);
    for (at, (pid, user, line)) in all.iter().enumerate() {
        let (is_own, parent) = (at == last, usize::from(*pid > 1 && at != last));
        let tty = if is_own { terminal } else { "?" };
        let time = if is_own { world.cluster.now() } else { began };
        let [_, _, _, hour, minute, ..] = time.civil();
        let (vsz, rss) = if is_own { (6788, 3840) } else { (11_400, 7040) };
        let state = match (is_own, *pid) {
            (true, _) => "Rs",
            (_, 1) => "Ss",
            _ => "S",
        };
        if flags.contains('u') {
            printed.out(&format!(
                "{user:8} {pid:>7}  0.0  0.0 {vsz:>6} {rss:>5} {tty:8} {state:4} {hour:02}:{minute:02}   0:00 {line}\n"
            ));
        } else if flags.contains('f') {
            printed.out(&format!(
                "{user:8} {pid:>7} {parent:>7}  0 {hour:02}:{minute:02} {tty:8} 00:00:00 {line}\n"
            ));
        } else if flags.contains(['e', 'A', 'x']) || tty == terminal && *user == own {
            // Without a flag: those of the same user at the same terminal.
            let name = line.split([' ', ':']).next().unwrap_or_default();
            let name = name.rsplit('/').next().unwrap_or_default();
            printed.out(&format!("{pid:>7} {tty:8} 00:00:00 {name}\n"));
        }
    }
    0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_rounded_as_each_program_rounds() {
        for (bytes, gnu, busybox) in [
            (0, "0", "0"),
            (1023, "1023", "1023"),
            (4096, "4.0K", "4.0K"),
            (12_290, "13K", "12.0K"),
            (62_671_097_856, "59G", "58.4G"),
        ] {
            assert_eq!(
                (&*human(bytes, false), &*human(bytes, true)),
                (gnu, busybox)
            );
        }
    }
}
