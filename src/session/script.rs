//! What was done, for a real cluster: a shell script, and single lines as a person would type them.

use std::borrow::Cow;

use crate::timeline::{Action, Ask};

/// A line as it is shown: what kubectl has no command for is what one would do on the machine itself.
pub(super) fn shown(line: &str) -> Cow<'_, str> {
    let mut words = line.split(' ');
    match (words.next(), words.next()) {
        (Some("@silence"), Some(node)) => format!("ssh {node} sudo systemctl stop kubelet").into(),
        (Some("@revive"), Some(node)) => format!("ssh {node} sudo systemctl start kubelet").into(),
        _ => line.into(),
    }
}

/// A word of a command line, quoted if it must be.
pub(super) fn word(text: &str) -> String {
    let plain = |letter: char| letter.is_ascii_alphanumeric() || "-_./:=@,+".contains(letter);
    if !text.is_empty() && text.chars().all(plain) {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', r"'\''"))
    }
}

/// A shell script that does on a real cluster what was done here, with the pauses between.
pub(super) fn script(actions: &[Action]) -> String {
    let mut out =
        "#!/bin/sh\n# What was done in Ordinal, for a real cluster with the namespace default.\n"
            .to_owned();
    let mut last_s = 0;
    for Action { at_ms, ask } in actions {
        let now_s = at_ms / 1000;
        if now_s > last_s {
            out.push_str(&format!("sleep {}\n", now_s - last_s));
            last_s = now_s;
        }
        match ask {
            Ask::File { name, text } => {
                let end = end_mark(text);
                let line_end = if text.ends_with('\n') { "" } else { "\n" };
                out.push_str(&format!(
                    "cat > {} <<'{end}'\n{text}{line_end}{end}\n",
                    word(name)
                ));
            }
            Ask::Typed { text, .. } => out.push_str(&format!("{}\n", in_background(text))),
            // It ended something that the script leaves behind in the background.
            Ask::Interrupt(_) => {}
            Ask::Line(line) => out.push_str(&format!("{}\n", in_background(&shown(line)))),
        }
    }
    out
}

/// A line that waits, with what was done meanwhile after it.
fn in_background(line: &str) -> String {
    let waits = [
        "kubectl delete ",
        "kubectl drain ",
        "kubectl proxy",
        "kubectl port-forward ",
        "watch ",
    ];
    let watches = line.contains(" -w") || line.contains(" --watch");
    if watches || waits.iter().any(|it| line.starts_with(it)) {
        format!("{line} &")
    } else {
        line.to_owned()
    }
}

/// A word that no line of a text is.
fn end_mark(text: &str) -> String {
    let mut mark = "EOF".to_owned();
    while text.lines().any(|line| line == mark) {
        mark.push('_');
    }
    mark
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_script_does_what_was_done() {
        let action = |at_ms, ask| Action { at_ms, ask };
        let actions = [
            action(
                0,
                Ask::File {
                    name: "manifest.yaml".into(),
                    text: "a: 1\nEOF".into(),
                },
            ),
            action(0, Ask::Line("kubectl apply -f manifest.yaml".into())),
            action(12_900, Ask::Line("kubectl delete pod web-1".into())),
            action(13_000, Ask::Line("@silence node-b".into())),
        ];
        assert_eq!(
            script(&actions),
            "#!/bin/sh\n# What was done in Ordinal, for a real cluster with the namespace default.\n\
             cat > manifest.yaml <<'EOF_'\na: 1\nEOF\nEOF_\nkubectl apply -f manifest.yaml\nsleep 12\n\
             kubectl delete pod web-1 &\nsleep 1\nssh node-b sudo systemctl stop kubelet\n"
        );
    }
}
