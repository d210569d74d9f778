//! The panes beside the stage. The stage has the first claim on space: each of them can be folded away, and what is
//! folded is remembered.
//!
//! Where the panes stand below each other, on a narrow screen, there is nothing to gain and nothing is folded.

use leptos::prelude::*;

use super::{App, use_app};
use crate::browser::{self, FOLDED};
use crate::i18n::Panes;
use crate::session::Msg;

/// A pane that can be folded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// The manifest pane, to nothing.
    Manifest,
    /// The terminals, to the line in which one types and the last line that was printed.
    Terminals,
    /// The panel that says why, to nothing. What is selected is shown in it all the same.
    Why,
}

const SIDES: [Side; 3] = [Side::Manifest, Side::Terminals, Side::Why];

impl Side {
    /// How it is remembered, and the end of its class.
    const fn word(self) -> &'static str {
        match self {
            Self::Manifest => "manifest",
            Self::Terminals => "terminals",
            Self::Why => "why",
        }
    }

    const fn name(self, texts: &Panes) -> &'static str {
        match self {
            Self::Manifest => texts.manifest,
            Self::Terminals => texts.terminals,
            Self::Why => texts.why,
        }
    }

    fn is_open(self, app: App) -> bool {
        let is_needed = self == Self::Why && app.selected.read().is_some();
        is_needed || !app.folded.read().contains(&self)
    }
}

/// What was folded last time.
pub(super) fn kept() -> Vec<Side> {
    let text = browser::kept(FOLDED).unwrap_or_default();
    let is_kept = |side: &Side| text.split(' ').any(|it| it == side.word());
    SIDES.into_iter().filter(is_kept).collect()
}

/// Whether the terminals are a line.
pub(super) fn is_line(app: App) -> bool {
    !Side::Terminals.is_open(app)
}

/// The class of the page: what is folded.
pub(super) fn class(app: App) -> String {
    let folded = SIDES.into_iter().filter(|it| !it.is_open(app));
    let classes = folded.map(|it| format!(" app--without-{}", it.word()));
    format!("app{}", classes.collect::<String>())
}

/// Does something whenever other panes are folded than before.
pub(super) fn on_change(app: App, then: impl Fn() + 'static) {
    Effect::new(move |last: Option<String>| {
        let now = class(app);
        if last.is_some_and(|it| it != now) {
            then();
        }
        now
    });
}

/// A button for each pane.
pub(super) fn toggles() -> AnyView {
    let app = use_app();
    let texts = app.messages().panes;
    let buttons: Vec<AnyView> = SIDES.into_iter().map(|it| toggle(app, it)).collect();
    view! { <div class="top__panes" role="group" aria-label=texts.title>{buttons}</div> }.into_any()
}

fn toggle(app: App, side: Side) -> AnyView {
    let name = side.name(app.messages().panes);
    let class = format!("button top__pane top__pane--{}", side.word());
    let pressed = move || side.is_open(app).to_string();
    let on_click = move |_| {
        let is_open = untrack(|| side.is_open(app));
        app.folded.update(|it| {
            it.retain(|it| *it != side);
            if is_open {
                it.push(side);
            }
        });
        if is_open && side == Side::Why {
            app.send(Msg::Select(None));
        }
        let words: Vec<_> = app
            .folded
            .read_untracked()
            .iter()
            .map(|it| it.word())
            .collect();
        // Where the browser keeps nothing it is folded for this visit.
        browser::keep(FOLDED, &words.join(" "));
    };
    view! {
        <button class=class title=name aria-label=name aria-pressed=pressed on:click=on_click>
            <i aria-hidden="true"></i>
        </button>
    }
    .into_any()
}
