//! What a person types or pastes, as the lines that they mean: without the prompts that were copied along.

use super::syntax::{self, SyntaxError};

/// Prompts that people copy from books and terminals.
const PROMPTS: &[&str] = &["$ ", "/ # "];

/// The lines of a text. Where lines begin with a prompt, those without one are what was printed, and are left out.
pub(super) fn lines(text: &str) -> Vec<String> {
    let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
    if !lines.iter().any(|it| prompted(it).is_some()) {
        return joined(lines.into_iter().map(str::to_owned));
    }
    let mut out = Vec::new();
    // The command that is not whole yet: what follows belongs to it.
    let mut pending = String::new();
    for line in lines {
        let command = prompted(line);
        // The second prompt: a command that goes on, or one typed into a shell that it opened.
        let further = line.trim_start().strip_prefix(">");
        let further = further.map(|it| it.strip_prefix(' ').unwrap_or(it));
        if !pending.is_empty() || command.is_some() || further.is_some() {
            let command = command.or(further).unwrap_or(line);
            pending.push_str(command);
            pending.push('\n');
            let is_open = command.ends_with('\\')
                || matches!(syntax::parse(&pending), Err(SyntaxError::Unfinished));
            if !is_open {
                pending.clear();
            }
            out.push(command.to_owned());
        }
    }
    joined(out.into_iter())
}

/// What stands behind a prompt.
fn prompted(line: &str) -> Option<&str> {
    let line = line.trim_start();
    PROMPTS.iter().find_map(|it| line.strip_prefix(it))
}

/// Lines that end in a backslash, with the next one.
fn joined(lines: impl Iterator<Item = String>) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    let mut goes_on = false;
    for line in lines {
        let ends_open = line.ends_with('\\');
        match out.last_mut() {
            Some(last) if goes_on => {
                last.push('\n');
                last.push_str(&line);
            }
            _ => out.push(line),
        }
        goes_on = ends_open;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prompts_and_what_was_printed_are_left_out() {
        for (text, expected) in [
            ("kubectl get pods", vec!["kubectl get pods"]),
            (
                "$ kubectl get pods\nNAME   READY\nweb-0  1/1\n$ ls",
                vec!["kubectl get pods", "ls"],
            ),
            (
                "$ kubectl apply \\\n   -f x.yaml\napplied",
                vec!["kubectl apply \\\n   -f x.yaml"],
            ),
            (
                "$ kubectl exec -it web-1 -- bash\n> ls /\n> exit",
                vec!["kubectl exec -it web-1 -- bash", "ls /", "exit"],
            ),
            (
                "/ # nslookup web-0.nginx\nServer: x",
                vec!["nslookup web-0.nginx"],
            ),
            (
                "$ cat <<EOF > a\nx: 1\n  y: 2\nEOF\nprinted\n$ for i in 1; do\n  echo $i\ndone\n1\n$ echo 'a\nb'\na",
                vec![
                    "cat <<EOF > a",
                    "x: 1",
                    "  y: 2",
                    "EOF",
                    "for i in 1; do",
                    "  echo $i",
                    "done",
                    "echo 'a",
                    "b'",
                ],
            ),
            ("a\nb", vec!["a", "b"]),
            ("    $ a", vec!["a"]),
        ] {
            assert_eq!(lines(text), expected, "{text}");
        }
    }
}
