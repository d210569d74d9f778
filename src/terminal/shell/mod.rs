//! Where a shell is and what it knows: its place, its directory, its variables; and how words are expanded in it.

mod change;

use std::rc::Rc;

pub(super) use self::change::fits;
use super::READY;
use super::inside::user;
use super::job::{Job, World};
use super::out::Printed;
use super::sum::sum;
use super::syntax::{Node, Part, Word};
use crate::cluster::Cluster;
use crate::cluster::hash::fnv1a_64;
use crate::cluster::inside::files::normal;
use crate::cluster::inside::{Spot, env, files::FileError, hostname, image};
use crate::cluster::sorted::SortedMap;

/// Where commands run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// On the person's own computer.
    Host,
    /// In a container.
    Inside(Spot),
}

/// A shell.
#[derive(Clone, Debug)]
pub(super) struct Shell {
    /// Where it runs.
    pub place: Place,
    /// Its name in error messages.
    pub name: &'static str,
    /// Its directory.
    pub folder: String,
    /// Its variables.
    pub variables: SortedMap<String, String>,
    /// The exit code of the last command.
    pub status: i32,
    /// Whether a person reads what is printed, and not a program.
    pub terminal: bool,
    /// How many shells it runs in.
    pub depth: u8,
    /// Whether a shell was opened in it that reads what is typed from now on.
    pub opens: bool,
    /// `$0`, if it is not its name.
    pub called: Option<String>,
    /// `$1` and the following.
    pub words: Vec<String>,
    /// What was switched on by `set`: `e`, `u`.
    pub flags: String,
}

/// The longest text that a variable or a file takes, in bytes.
pub(super) const TEXT_MAX: usize = 1_000_000;
/// How many shells may run in each other.
pub(super) const SHELLS_MAX: u8 = 20;

/// The most words that braces make of one.
const WORDS_MAX: usize = 10_000;

/// The person's home, where their files are.
pub(super) const HOME: &str = "/home/you";

impl Shell {
    /// The shell of the person's own computer.
    pub(super) fn host() -> Self {
        let variables = [
            ("HOME", HOME),
            ("USER", "you"),
            ("PWD", HOME),
            ("SHELL", "/bin/bash"),
        ];
        let variables = variables.map(|(name, text)| (name.to_owned(), text.to_owned()));
        Self {
            place: Place::Host,
            name: "bash",
            folder: HOME.to_owned(),
            variables: variables.into_iter().collect(),
            status: 0,
            terminal: true,
            depth: 0,
            opens: false,
            called: None,
            words: Vec::new(),
            flags: String::new(),
        }
    }

    /// A shell in a container.
    pub(super) fn inside(world: &World<'_>, spot: Spot, name: &'static str) -> Self {
        Self {
            variables: env::of(world.cluster, &spot),
            place: Place::Inside(spot),
            name,
            folder: "/".to_owned(),
            status: 0,
            terminal: false,
            depth: 0,
            opens: false,
            called: None,
            words: Vec::new(),
            flags: String::new(),
        }
    }

    /// Whether it is dash, which Debian has for sh.
    pub(super) fn is_dash(&self, world: &World<'_>) -> bool {
        match &self.place {
            Place::Inside(spot) if self.name == "sh" => {
                !image::is_busybox(spot.image(&world.cluster.api.store))
            }
            _ => false,
        }
    }

    /// What stands before what a person types.
    pub(super) fn prompt(&self, cluster: &Cluster) -> String {
        let Place::Inside(spot) = &self.place else {
            return READY.to_owned();
        };
        let store = &cluster.api.store;
        let image = spot.image(store);
        let uid = user::of(spot, store).uid;
        let sign = if uid == 0 { '#' } else { '$' };
        if self.name == "bash" && image::has_bash(image) {
            let host = spot.find(store).map_or("", hostname);
            let name = user::name_of(uid, image).unwrap_or("I have no name!");
            return format!("{name}@{host}:{}{sign} ", self.folder);
        }
        if image::is_busybox(image) {
            return format!("{} {sign} ", self.folder);
        }
        format!("{sign} ")
    }

    /// The text of a file.
    pub(super) fn read(&self, world: &World<'_>, path: &str) -> Result<String, FileError> {
        if path == "/dev/null" {
            return Ok(String::new());
        }
        match &self.place {
            Place::Host => {
                let name = self.host_name(path)?;
                let found = world.workspace.files.get(&name);
                found.cloned().ok_or(FileError::Missing)
            }
            Place::Inside(spot) => {
                let text = world.cluster.read_file(spot, &normal(&self.folder, path))?;
                Ok(text.to_string())
            }
        }
    }

    /// Puts a text into a file, or behind what is in it.
    pub(super) fn write(
        &self,
        world: &mut World<'_>,
        path: &str,
        text: &str,
        append: bool,
    ) -> Result<(), FileError> {
        if path == "/dev/null" {
            return Ok(());
        }
        let fits = |before: usize| match before + text.len() > TEXT_MAX {
            true => Err(FileError::Full),
            false => Ok(()),
        };
        match &self.place {
            Place::Host => {
                let name = self.host_name(path)?;
                let file = world.workspace.files.entry(name).or_default();
                if !append {
                    file.clear();
                }
                fits(file.len())?;
                file.push_str(text);
                Ok(())
            }
            Place::Inside(spot) => {
                let path = normal(&self.folder, path);
                let before = world.cluster.read_file(spot, &path);
                fits(before.map_or(0, |it| if append { it.len() } else { 0 }))?;
                world.cluster.write_file(spot, &path, text, append)
            }
        }
    }

    /// The name of a file of the working directory; there are no others.
    pub(super) fn host_name(&self, path: &str) -> Result<String, FileError> {
        let whole = normal(HOME, path);
        if whole == HOME {
            return Err(FileError::IsFolder);
        }
        let name = whole.strip_prefix(HOME).and_then(|it| it.strip_prefix('/'));
        let name = name.filter(|it| !it.contains('/'));
        name.map(str::to_owned).ok_or(FileError::Missing)
    }

    /// The names in a directory.
    pub(super) fn names(&self, world: &World<'_>, folder: &str) -> Vec<String> {
        match &self.place {
            Place::Host if normal(HOME, folder) == HOME => {
                world.workspace.files.keys().cloned().collect()
            }
            Place::Host => Vec::new(),
            Place::Inside(spot) => {
                let found = world
                    .cluster
                    .list_folder(spot, &normal(&self.folder, folder));
                let found = found.unwrap_or_default().into_iter();
                found.map(|it| it.name).collect()
            }
        }
    }

    /// A variable; `None` if there is none of that name.
    pub(super) fn variable(&self, name: &str) -> Option<String> {
        Some(match name {
            "?" => self.status.to_string(),
            "$" => "1".to_owned(),
            "#" => self.words.len().to_string(),
            "@" | "*" => self.words.join(" "),
            "0" => self.called.clone().unwrap_or_else(|| self.name.to_owned()),
            "PWD" => self.folder.clone(),
            "HOSTNAME" if self.place == Place::Host => "ordinal".to_owned(),
            "UID" | "EUID" if self.place == Place::Host => "1000".to_owned(),
            "UID" | "EUID" => "0".to_owned(),
            name => {
                let at = name.parse::<usize>().ok().and_then(|it| it.checked_sub(1));
                let found = match at {
                    Some(at) => self.words.get(at),
                    None => self.variables.get(name),
                };
                return found.cloned();
            }
        })
    }
}

/// A word on its way: letters, and where `*` and `?` mean something.
#[derive(Clone, Debug, Default)]
struct Field {
    text: String,
    is_pattern: bool,
    /// Whether it stands there even without letters.
    is_there: bool,
}

/// The texts that words stand for.
pub(super) fn expand(
    job: &mut Job,
    world: &mut World<'_>,
    words: &[Word],
) -> Result<Vec<String>, String> {
    let mut out = Vec::new();
    for word in words {
        // Only bash knows braces.
        let braced = match job.shell.name {
            "bash" => braces(word),
            _ => vec![word.clone()],
        };
        for word in braced {
            for field in fields(job, world, &word)? {
                if field.is_pattern {
                    let found = matching(&job.shell, world, &field.text);
                    if !found.is_empty() {
                        out.extend(found);
                        continue;
                    }
                }
                out.push(field.text);
            }
        }
    }
    Ok(out)
}

/// The one text that a word stands for, as in an assignment.
pub(super) fn expand_one(
    job: &mut Job,
    world: &mut World<'_>,
    word: &Word,
) -> Result<String, String> {
    let texts: Vec<String> = fields(job, world, word)?
        .into_iter()
        .map(|it| it.text)
        .collect();
    Ok(texts.join(" "))
}

fn fields(job: &mut Job, world: &mut World<'_>, word: &Word) -> Result<Vec<Field>, String> {
    let mut done: Vec<Field> = Vec::new();
    let mut last = Field::default();
    for part in word {
        let (text, quoted) = match part {
            Part::Text(text) => {
                let home = last.text.is_empty() && (text == "~" || text.starts_with("~/"));
                if home {
                    let home = job.shell.variable("HOME");
                    last.text.push_str(home.as_deref().unwrap_or(HOME));
                }
                last.text
                    .push_str(text.strip_prefix('~').filter(|_| home).unwrap_or(text));
                last.is_pattern |= text.contains(['*', '?', '[']);
                last.is_there = true;
                continue;
            }
            Part::Quoted(text) => (text.clone(), true),
            Part::Variable {
                name,
                change: None,
                quoted: true,
            } if name == "@" => {
                // Each word stands for itself, the first and the last with what is beside them.
                let words = job.shell.words.clone();
                for (at, word) in words.into_iter().enumerate() {
                    if at > 0 {
                        done.push(std::mem::take(&mut last));
                    }
                    last.text.push_str(&word);
                    last.is_there = true;
                }
                continue;
            }
            Part::Variable {
                name,
                change,
                quoted,
            } => {
                let change = change.as_ref();
                (value(job, world, name, change)?, *quoted)
            }
            Part::Arithmetic { word, quoted } => {
                let text = expand_one(job, world, word)?;
                (sum(&text, &mut job.shell)?.to_string(), *quoted)
            }
            Part::Command { node, quoted } => (printed_by(job, world, node)?, *quoted),
        };
        if quoted {
            last.text.push_str(&text);
            last.is_there = true;
            continue;
        }
        // What is not quoted falls into words.
        let mut pieces = text.split_whitespace();
        if text.starts_with(char::is_whitespace) && last.is_there {
            done.push(std::mem::take(&mut last));
        }
        if let Some(first) = pieces.next() {
            last.text.push_str(first);
            last.is_there = true;
        }
        for piece in pieces {
            done.push(std::mem::take(&mut last));
            last.text.push_str(piece);
            last.is_there = true;
        }
        if text.ends_with(char::is_whitespace) && last.is_there {
            done.push(std::mem::take(&mut last));
        }
    }
    if last.is_there {
        done.push(last);
    }
    Ok(done)
}

/// What a variable stands for, with what is done to it.
fn value(
    job: &mut Job,
    world: &mut World<'_>,
    name: &str,
    change: Option<&(&'static str, Word)>,
) -> Result<String, String> {
    if name == "RANDOM" {
        draw(&mut job.shell, world);
    }
    match (job.shell.variable(name), change) {
        (value, Some((how, word))) => {
            let word = expand_one(job, world, word)?;
            change::changed(&mut job.shell, name, value, how, &word)
        }
        (None, None) if job.shell.flags.contains('u') && name != "@" => {
            Err(format!("{}: {name}: unbound variable\n", job.shell.name))
        }
        (value, None) => Ok(value.unwrap_or_default()),
    }
}

/// What the commands of `$(…)` print.
fn printed_by(job: &mut Job, world: &mut World<'_>, node: &Rc<Node>) -> Result<String, String> {
    let mut shell = job.shell.clone();
    shell.terminal = false;
    let mut inner = Job::new(Rc::clone(node), shell);
    let mut printed = Printed::default();
    job.shell.status = inner.run_at_once(world, &mut printed)?;
    for chunk in printed.chunks.iter().filter(|it| it.error) {
        job.said.error(&chunk.text);
    }
    let text = printed.stream(false);
    Ok(text.trim_end_matches('\n').to_owned())
}

/// Puts the next number of chance into `$RANDOM`; it follows from what was done before.
fn draw(shell: &mut Shell, world: &World<'_>) {
    let before = shell.variables.get("RANDOM").cloned().unwrap_or_default();
    let (now, spent, begun) = (world.cluster.now().0, world.spent.1, *world.begun);
    let drawn = fnv1a_64(format!("{before} {now} {spent} {begun}").as_bytes()) >> 20;
    let text = (drawn % 32_768).to_string();
    shell.variables.insert("RANDOM".to_owned(), text);
}

/// `a{b,c}` and `{0..2}`: the words that one with braces stands for.
fn braces(word: &Word) -> Vec<Word> {
    for (at, part) in word.iter().enumerate() {
        let Part::Text(text) = part else { continue };
        let Some((before, rest)) = text.split_once('{') else {
            continue;
        };
        let Some((inner, after)) = rest.split_once('}') else {
            continue;
        };
        let Some(choices) = choices(inner) else {
            continue;
        };
        let made = choices.into_iter().take(WORDS_MAX).flat_map(|choice| {
            let mut one = word.clone();
            if let Some(part) = one.get_mut(at) {
                *part = Part::Text(format!("{before}{choice}{after}"));
            }
            braces(&one)
        });
        return made.take(WORDS_MAX).collect();
    }
    vec![word.clone()]
}

fn choices(inner: &str) -> Option<Vec<String>> {
    if let Some((from, to)) = inner.split_once("..") {
        let (from, to): (i32, i32) = (from.parse().ok()?, to.parse().ok()?);
        let (from, to) = (from.clamp(-10_000, 10_000), to.clamp(-10_000, 10_000));
        let up = (from..=to).map(|it| it.to_string());
        let down = (to..=from).rev().map(|it| it.to_string());
        return Some(if from <= to {
            up.collect()
        } else {
            down.collect()
        });
    }
    let parts: Vec<String> = inner.split(',').map(str::to_owned).collect();
    (parts.len() > 1).then_some(parts)
}

/// The files that a pattern fits.
fn matching(shell: &Shell, world: &World<'_>, pattern: &str) -> Vec<String> {
    let (folder, last) = match pattern.rsplit_once('/') {
        Some(("", last)) => ("/", last),
        Some((folder, last)) => (folder, last),
        None => ("", pattern),
    };
    let names = shell.names(world, folder);
    let fit = names.into_iter().filter(|name| {
        let hidden = name.starts_with('.') && !last.starts_with('.');
        !hidden && fits(last, name)
    });
    fit.map(|name| match folder {
        "" => name,
        "/" => format!("/{name}"),
        folder => format!("{folder}/{name}"),
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_and_braces() {
        assert!(
            fits("*.yaml", "web.yaml")
                && fits("w?b*", "web.yaml")
                && !fits("*.yml", "web.yaml")
                && fits("web-[01].*l", "web-1.yaml")
                && !fits("web-[!01]*", "web-1.yaml")
        );
        let text = |text: &str| vec![Part::Text(text.to_owned())];
        let words = |it: &str| -> Vec<String> {
            let words = braces(&text(it)).into_iter();
            words
                .map(|word| match &word[..] {
                    [Part::Text(text)] => text.clone(),
                    other => panic!("{other:?}"),
                })
                .collect()
        };
        assert_eq!(words("web-{0..2}"), ["web-0", "web-1", "web-2"]);
        assert_eq!(words("{a,b}{1,2}"), ["a1", "a2", "b1", "b2"]);
        assert_eq!(words("{.status}"), ["{.status}"]);
        assert_eq!(words("{1..9999}{1..9999}{1..9999}").len(), WORDS_MAX);
    }
}
