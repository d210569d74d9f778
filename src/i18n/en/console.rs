//! English: the terminals.

use crate::i18n::Console;
use crate::terminal::Hint;

pub(super) const CONSOLE: Console = Console {
    title: "Terminals",
    name: |number| format!("Terminal {number}"),
    both: "Side by side",
    busy: " · busy",
    keys: "Tab completes · ↑ and Ctrl+R recall · Ctrl+C stops",
    screen: |number| format!("Screen of terminal {number}"),
    log: "What was typed and printed",
    empty: "Type kubectl commands here; help says what else there is. What the buttons do to the cluster is shown as the command that it is.",
    empty_second: "A second terminal: watch here (kubectl get pods -w) and act in the other.",
    command_line: |number| match number {
        1 => "Command line: kubectl".to_owned(),
        number => format!("Command line of terminal {number}"),
    },
    runs: |command| match command.split_once('\n') {
        Some((first, _)) => format!("{first} … runs."),
        None => format!("{command} runs."),
    },
    stop: "Stop (Ctrl+C)",
    paused: "The clock stands still, so nothing comes.",
    play: "Let it run",
    earlier: |count| format!("Show {count} earlier lines"),
    search: "(history) ",
    offered: |count| format!("{count} candidates; Tab goes through them"),
    hint,
    files: "Files",
    file: |name| format!("File {name}"),
    new_file: "New file",
    make_file: "Open",
};

fn hint(hint: &Hint) -> String {
    match hint {
        Hint::Files(names) if names.is_empty() => {
            "There is no file yet: write one in the pane on the left.".to_owned()
        }
        Hint::Files(names) => format!(
            "There is no file of this name here; ls shows those that there are: {}. Apply one of them, or give the file in the pane the other name.",
            names.join(", ")
        ),
        Hint::Ports {
            asked,
            image,
            listens,
        } => {
            let listens: Vec<String> = listens.iter().map(ToString::to_string).collect();
            let listens = listens.join(", ");
            format!(
                "Nothing listens at port {asked} there: {image} listens at {listens}. Ask http://localhost:{listens}/ instead."
            )
        }
        Hint::Mounts(paths) => format!(
            "There is no such directory in this image. The pod's volume is mounted at {}.",
            paths.join(", ")
        ),
        Hint::Syntax => {
            "The manifest is not YAML as it stands. The pane marks the place and says the way out: open the file there and take its fix.".to_owned()
        }
    }
}
