//! rm, rmdir, mkdir, touch, cp and mv in a container, in GNU's words and in busybox's.

use super::system::{has, paths};
use crate::cluster::inside::Spot;
use crate::cluster::inside::files::{FileError, normal};
use crate::terminal::job::World;
use crate::terminal::out::Printed;
use crate::terminal::shell::Shell;

/// Who works on files, and where.
pub(super) struct Files<'a, 'w> {
    /// Whether the programs are busybox's.
    pub busybox: bool,
    pub spot: &'a Spot,
    pub shell: &'a Shell,
    pub world: &'a mut World<'w>,
    pub printed: &'a mut Printed,
}

impl Files<'_, '_> {
    /// Says what is wrong with a file, in the one's words or the other's; the exit code.
    fn fails(&mut self, ours: &str, gnu: &str, error: FileError) -> i32 {
        let text = if self.busybox { ours } else { gnu };
        self.printed.error(&format!("{text}: {error}\n"));
        1
    }

    /// Runs one of the programs; its exit code.
    pub(super) fn run(mut self, name: &str, words: &[String]) -> i32 {
        match name {
            "rm" => self.rm(words),
            "rmdir" => self.rmdir(words),
            "mkdir" => self.mkdir(words),
            "touch" => self.touch(words),
            _ => self.copy(name, words),
        }
    }

    fn place(&self, path: &str) -> String {
        normal(&self.shell.folder, path)
    }

    fn rm(&mut self, words: &[String]) -> i32 {
        let whole = has(words, 'r') || has(words, 'R');
        let force = has(words, 'f');
        let mut code = 0;
        for path in paths(words) {
            match self
                .world
                .cluster
                .remove(self.spot, &self.place(path), whole)
            {
                Ok(()) => {}
                Err(FileError::Missing) if force => {}
                Err(FileError::IsFolder) if self.busybox => {
                    self.printed
                        .error(&format!("rm: '{path}' is a directory\n"));
                    code = 1;
                }
                Err(error) => {
                    let ours = format!("rm: can't remove '{path}'");
                    let gnu = format!("rm: cannot remove '{path}'");
                    code = self.fails(&ours, &gnu, error);
                }
            }
        }
        code
    }

    fn rmdir(&mut self, words: &[String]) -> i32 {
        let mut code = 0;
        for path in paths(words) {
            let whole = self.place(path);
            let removed = self
                .world
                .cluster
                .list_folder(self.spot, &whole)
                .and_then(|found| {
                    if found.is_empty() {
                        self.world.cluster.remove(self.spot, &whole, true)
                    } else {
                        Err(FileError::NotEmpty)
                    }
                });
            if let Err(error) = removed {
                let ours = format!("rmdir: '{path}'");
                let gnu = format!("rmdir: failed to remove '{path}'");
                code = self.fails(&ours, &gnu, error);
            }
        }
        code
    }

    fn mkdir(&mut self, words: &[String]) -> i32 {
        let parents = has(words, 'p');
        let mut code = 0;
        for path in paths(words) {
            let whole = self.place(path);
            let mut folders = vec![whole.clone()];
            if parents {
                let ends = whole.match_indices('/').map(|(at, _)| at).skip(1);
                folders = ends
                    .filter_map(|at| whole.get(..at).map(str::to_owned))
                    .chain([whole.clone()])
                    .collect();
            }
            for folder in folders {
                match self.world.cluster.make_folder(self.spot, &folder) {
                    Ok(()) => {}
                    Err(FileError::Exists) if parents => {}
                    Err(error) => {
                        let ours = format!("mkdir: can't create directory '{path}'");
                        let gnu = format!("mkdir: cannot create directory '{path}'");
                        code = self.fails(&ours, &gnu, error);
                        break;
                    }
                }
            }
        }
        code
    }

    fn touch(&mut self, words: &[String]) -> i32 {
        let mut code = 0;
        for path in paths(words) {
            let whole = self.place(path);
            match self.world.cluster.write_file(self.spot, &whole, "", true) {
                Ok(()) | Err(FileError::IsFolder) => {}
                Err(error) => {
                    let ours = format!("touch: {path}");
                    let gnu = format!("touch: cannot touch '{path}'");
                    code = self.fails(&ours, &gnu, error);
                }
            }
        }
        code
    }

    /// `cp` and `mv`.
    fn copy(&mut self, name: &str, words: &[String]) -> i32 {
        let mut files: Vec<&String> = paths(words).collect();
        let to = match (files.pop(), files.first()) {
            (Some(to), Some(_)) => to,
            (Some(only), None) => {
                self.printed.error(&format!(
                    "{name}: missing destination file operand after '{only}'\n"
                ));
                return 1;
            }
            _ => {
                self.printed
                    .error(&format!("{name}: missing file operand\n"));
                return 1;
            }
        };
        let moves = name == "mv";
        let whole = moves || has(words, 'r') || has(words, 'R') || has(words, 'a');
        let target = self.place(to);
        let is_folder = self.world.cluster.list_folder(self.spot, &target).is_ok();
        let mut code = 0;
        for from in files {
            let source = self.place(from);
            let found = self.world.cluster.read_file(self.spot, &source);
            match found {
                Err(FileError::IsFolder) if whole => {}
                Err(FileError::IsFolder) => {
                    self.printed.error(&if self.busybox {
                        format!("cp: omitting directory '{from}'\n")
                    } else {
                        format!("cp: -r not specified; omitting directory '{from}'\n")
                    });
                    code = 1;
                    continue;
                }
                Err(error) => {
                    let verb = if moves { "rename" } else { "stat" };
                    let ours = format!("{name}: can't {verb} '{from}'");
                    let gnu = format!("{name}: cannot stat '{from}'");
                    code = self.fails(&ours, &gnu, error);
                    continue;
                }
                Ok(_) => {}
            }
            let last = source.rsplit('/').next().unwrap_or_default();
            let into = if is_folder {
                normal(&target, last)
            } else {
                target.clone()
            };
            if into.starts_with(&format!("{source}/")) {
                self.printed.error(&format!(
                    "{name}: cannot copy a directory, '{from}', into itself, '{to}'\n"
                ));
                code = 1;
                continue;
            }
            let done = copy_all(self.spot, &source, &into, self.world).and_then(|()| match moves {
                true if source != into => self.world.cluster.remove(self.spot, &source, true),
                _ => Ok(()),
            });
            if let Err(error) = done {
                let (ours, gnu) = if moves {
                    (
                        format!("mv: can't rename '{from}'"),
                        format!("mv: cannot move '{from}' to '{to}'"),
                    )
                } else {
                    (
                        format!("cp: can't create '{to}'"),
                        format!("cp: cannot create regular file '{to}'"),
                    )
                };
                code = self.fails(&ours, &gnu, error);
            }
        }
        code
    }
}

/// Copies a file, or a directory with what is in it.
fn copy_all(spot: &Spot, from: &str, to: &str, world: &mut World<'_>) -> Result<(), FileError> {
    let found = match world.cluster.list_folder(spot, from) {
        Err(FileError::NotFolder) => {
            let text = world.cluster.read_file(spot, from)?;
            return world.cluster.write_file(spot, to, &text, false);
        }
        found => found?,
    };
    match world.cluster.make_folder(spot, to) {
        Ok(()) | Err(FileError::Exists) => {}
        Err(error) => return Err(error),
    }
    for one in found {
        copy_all(
            spot,
            &normal(from, &one.name),
            &normal(to, &one.name),
            world,
        )?;
    }
    Ok(())
}
