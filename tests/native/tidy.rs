//! The house is in order: layers, headers, sizes, literals, dependencies, every test file in its suite.

use std::fs;
use std::path::{Path, PathBuf};

/// The layers from the lowest to the highest, as in ARCHITECTURE.md.
const LAYERS: &[&str] = &[
    "cluster", "manifest", "kubectl", "terminal", "timeline", "scene", "session", "proof", "i18n",
    "browser", "ui",
];
/// The most lines of a Rust file, tests included.
const LINES_MAX: usize = 700;
/// The most lines of a style sheet.
const STYLE_LINES_MAX: usize = 250;
/// The most packages in Cargo.lock: what the page and its tools for tests need today.
const PACKAGES_MAX: usize = 220;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every file below a folder with this ending, in order.
fn files(folder: &str, ending: &str) -> Vec<PathBuf> {
    let mut open = vec![root().join(folder)];
    let mut found = Vec::new();
    while let Some(folder) = open.pop() {
        let entries = fs::read_dir(&folder).expect("the folder is there");
        for path in entries.filter_map(|entry| Some(entry.ok()?.path())) {
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|it| it == ending) {
                found.push(path);
            }
        }
    }
    found.sort();
    assert!(!found.is_empty(), "there are {ending} files in {folder}");
    found
}

fn rust_files() -> Vec<PathBuf> {
    ["src", "tests/native", "benches"]
        .iter()
        .flat_map(|it| files(it, "rs"))
        .collect()
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).expect("the file can be read")
}

/// The layer of a file in `src`.
fn layer(path: &Path) -> Option<usize> {
    let inside = path.strip_prefix(root().join("src")).ok()?;
    let first = inside.iter().next()?.to_str()?;
    let name = first.strip_suffix(".rs").unwrap_or(first);
    LAYERS.iter().position(|it| *it == name)
}

#[test]
fn a_module_uses_only_layers_below_it() {
    for path in files("src", "rs") {
        let Some(own) = layer(&path) else { continue };
        let text = read(&path);
        for (number, higher) in LAYERS.iter().enumerate().skip(own + 1) {
            let uses = text.contains(&format!("crate::{higher}::"))
                || text.contains(&format!("crate::{higher};"));
            assert!(!uses, "{} uses {}", path.display(), LAYERS[number]);
        }
    }
    let page = read(&root().join("ARCHITECTURE.md"));
    let mut last = 0;
    for name in LAYERS {
        let at = page
            .find(&format!("| `{name}`"))
            .expect("ARCHITECTURE.md lists it");
        assert!(at > last, "ARCHITECTURE.md lists {name} in its order");
        last = at;
    }
}

#[test]
fn the_core_uses_no_web_crate_and_the_cluster_nothing_of_the_outside() {
    for path in files("src", "rs") {
        let is_page = layer(&path).is_none_or(|it| LAYERS[it] == "ui" || LAYERS[it] == "browser");
        let text = read(&path);
        for name in ["leptos", "web_sys", "wasm_bindgen", "js_sys", "gloo_timers"] {
            assert!(
                is_page || !text.contains(&format!("{name}::")),
                "{} uses {name}",
                path.display()
            );
        }
        for name in ["web_sys::", "js_sys::"] {
            let in_browser = layer(&path).is_some_and(|it| LAYERS[it] == "browser");
            assert!(
                in_browser || !text.contains(name),
                "{} touches the window",
                path.display()
            );
        }
        if layer(&path) == Some(0) {
            for name in [
                "std::fs",
                "std::env",
                "std::io",
                "std::net",
                "std::thread",
                "serde_yaml",
            ] {
                assert!(!text.contains(name), "{} uses {name}", path.display());
            }
        }
    }
}

#[test]
fn every_file_says_what_it_owns_and_is_not_too_long() {
    for path in rust_files() {
        let text = read(&path);
        assert!(text.starts_with("//! "), "{} has no header", path.display());
        let lines = text.lines().count();
        assert!(lines <= LINES_MAX, "{} has {lines} lines", path.display());
        let trailing = text
            .lines()
            .position(|line| line.ends_with(' ') || line.ends_with('\t'));
        assert_eq!(trailing, None, "{} has trailing space", path.display());
    }
    for path in files("style", "css") {
        let lines = read(&path).lines().count();
        assert!(
            lines <= STYLE_LINES_MAX,
            "{} has {lines} lines",
            path.display()
        );
    }
}

#[test]
fn colors_and_durations_stand_in_the_tokens_only() {
    let page = read(&root().join("index.html"));
    for path in files("style", "css") {
        let name = path
            .file_name()
            .and_then(|it| it.to_str())
            .unwrap_or_default();
        assert!(
            page.contains(&format!("href=\"style/{name}\"")),
            "index.html links {name}"
        );
        if name == "tokens.css" {
            continue;
        }
        for (number, line) in read(&path).lines().enumerate() {
            let is_literal = line
                .split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '#')
                .any(|word| {
                    let hex = word.strip_prefix('#').is_some_and(|it| {
                        it.len() >= 3 && it.bytes().all(|byte| byte.is_ascii_hexdigit())
                    });
                    let time = word
                        .strip_suffix("ms")
                        .is_some_and(|it| it.parse::<u32>().is_ok());
                    hex || time || word == "rgb" || word == "hsl"
                });
            assert!(!is_literal, "{name}:{} has a literal: {line}", number + 1);
        }
    }
}

#[test]
fn every_dependency_has_its_reason_and_their_number_is_known() {
    let manifest = read(&root().join("Cargo.toml"));
    let mut in_list = false;
    let mut before = "";
    for line in manifest.lines() {
        if line.starts_with('[') {
            in_list = line.contains("dependencies");
        } else if in_list && line.contains(" = ") && !line.starts_with([' ', '#']) {
            let shares = before.contains(" = ") || before == "] }";
            assert!(before.starts_with("# ") || shares, "{line} has no reason");
        }
        before = line;
    }
    let packages = read(&root().join("Cargo.lock"))
        .matches("[[package]]")
        .count();
    assert!(packages <= PACKAGES_MAX, "{packages} packages");
}

#[test]
fn no_text_of_the_page_stands_in_a_component() {
    // What a person reads goes through messages: between tags of `view!` there are no words.
    for path in files("src/ui", "rs") {
        for (number, line) in read(&path).lines().enumerate() {
            let code = line.split("//").next().unwrap_or_default().trim();
            let word = code.strip_prefix('"').and_then(|it| it.strip_suffix('"'));
            let is_text = word.is_some_and(|it| it.starts_with(|it: char| it.is_uppercase()));
            let allowed = ["Ordinal"].contains(&word.unwrap_or_default());
            assert!(
                !is_text || allowed,
                "{}:{}: {line}",
                path.display(),
                number + 1
            );
        }
    }
}
