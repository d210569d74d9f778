//! Where a person types: history, completion, search, paste.

use std::sync::Arc;

use leptos::prelude::*;

use crate::browser;
use crate::kubectl::Completion;
use crate::session::{Entry, Msg};
use crate::ui::{App, use_app};

/// The most lines that the field shows of a command.
const ROWS_MAX: u32 = 8;
/// The most candidates that are listed.
const LISTED_MAX: usize = 60;

/// What a completion offers, and which candidate stands in the line.
#[derive(Clone, Debug, Default, PartialEq)]
struct Offer {
    found: Completion,
    /// The line before and behind what is completed.
    before: String,
    after: String,
    chosen: Option<usize>,
}

/// The signals of one prompt.
#[derive(Clone, Copy)]
struct Line {
    app: App,
    number: u8,
    field: NodeRef<leptos::html::Textarea>,
    /// How many commands back the line is; 0 is the new one.
    back: StoredValue<usize>,
    /// The new one, while an old one stands in the line.
    draft: StoredValue<String>,
    offer: RwSignal<Option<Offer>>,
    /// What is searched for in the history, and how many hits are passed over.
    search: RwSignal<Option<(String, usize)>>,
    own: Memo<Vec<Arc<Entry>>>,
}

pub(super) fn prompt(number: u8, own: Memo<Vec<Arc<Entry>>>) -> AnyView {
    let app = use_app();
    let texts = app.messages().console;
    let line = Line {
        app,
        number,
        field: NodeRef::new(),
        back: StoredValue::new(0),
        draft: StoredValue::new(String::new()),
        offer: RwSignal::new(None),
        search: RwSignal::new(None),
        own,
    };
    let prompt = Memo::new(move |_| app.prompts.read().get(usize::from(number - 1)).cloned());
    let text = move || match line.search.get() {
        Some(_) => texts.search.to_owned(),
        None => prompt.get().map_or(String::new(), |it| it.text),
    };
    let pending = move || prompt.get().map(|it| it.pending);
    let found = move || line.search.get().map(|_| line.hit().unwrap_or_default());
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        line.enter();
    };
    let paste = move |event: leptos::ev::Event| {
        if let Some(pasted) = browser::pasted(&event).filter(|it| it.trim_end().contains('\n')) {
            event.prevent_default();
            let text = format!("{}{pasted}", line.value());
            line.set("");
            app.send(Msg::Run {
                terminal: number,
                text,
            });
        }
    };
    view! {
        <form class="commands__line" on:submit=submit>
            <div class="commands__pending">{pending}</div>
            <div class="commands__row">
                <span class="commands__prompt" aria-hidden="true">{text}</span>
                <textarea
                    node_ref=line.field
                    rows="1"
                    aria-label=(texts.command_line)(number)
                    aria-controls=move || line.offer.read().is_some().then(|| list_id(number))
                    aria-activedescendant=move || line.offer.read().as_ref().and_then(|it| it.chosen).map(|at| option_id(number, at))
                    aria-autocomplete="list"
                    aria-describedby="terminal-keys"
                    placeholder="kubectl get pods"
                    spellcheck="false"
                    autocapitalize="off"
                    autocomplete="off"
                    on:keydown=move |event| line.key(&event)
                    on:input=move |_| line.typed()
                    on:paste=move |event| paste(event.into())
                ></textarea>
            </div>
            <div class="commands__found" role="status">{found}</div>
            {offered(line)}
        </form>
    }
    .into_any()
}

/// The candidates, as a list.
fn offered(line: Line) -> AnyView {
    let texts = use_app().messages().console;
    let body = move || {
        let offer = line.offer.get()?;
        let count = offer.found.candidates.len();
        let items: Vec<AnyView> = offer
            .found
            .candidates
            .iter()
            .take(LISTED_MAX)
            .enumerate()
            .map(|(at, it)| {
                let is_chosen = (offer.chosen == Some(at)).to_string();
                let take = move |_| line.choose(at);
                let about = it.about.clone();
                view! { <li role="option" id=option_id(line.number, at) aria-selected=is_chosen on:click=take>{it.text.clone()}" "<small>{about}</small></li> }.into_any()
            })
            .collect();
        let label = (texts.offered)(count);
        let body = view! {
            <p class="hidden" role="status">{label.clone()}</p>
            <ul class="commands__offer" role="listbox" id=list_id(line.number) aria-label=label>{items}</ul>
        };
        Some(body.into_any())
    };
    body.into_any()
}

impl Line {
    fn value(self) -> String {
        self.field
            .get_untracked()
            .map_or(String::new(), |it| it.value())
    }

    /// Whether a part of the line is selected, which Ctrl+C copies.
    fn has_selection(self) -> bool {
        let field = self.field.get_untracked();
        field.is_some_and(|it| browser::has_selection_in(&it))
    }

    fn set(self, text: &str) {
        if let Some(field) = self.field.get_untracked() {
            field.set_value(text);
            browser::put_cursor_at_end(&field);
        }
        self.fit();
    }

    /// Gives the field as many lines as its text has.
    fn fit(self) {
        if let Some(field) = self.field.get_untracked() {
            let lines = field.value().split('\n').count();
            field.set_rows(u32::try_from(lines).unwrap_or(u32::MAX).min(ROWS_MAX));
        }
    }

    /// Whether the cursor stands in the first line, or in the last one.
    fn is_at_edge(self, first: bool) -> bool {
        let Some(field) = self.field.get_untracked() else {
            return true;
        };
        let value = field.value();
        let at = field.selection_start().ok().flatten();
        let at = at.map_or(value.len(), |units| byte_of(&value, units));
        let (before, after) = value.split_at(at);
        let side = if first { before } else { after };
        !side.contains('\n')
    }

    /// The history, the latest first, without what was typed twice in a row.
    fn history(self) -> Vec<String> {
        let mut lines: Vec<String> = self
            .own
            .with_untracked(|it| it.iter().map(|it| it.command.clone()).collect());
        lines.dedup();
        lines.reverse();
        lines
    }

    /// The command that the search has found.
    fn hit(self) -> Option<String> {
        let (text, skip) = self.search.get_untracked()?;
        let lines = self.history();
        lines
            .into_iter()
            .filter(|it| !text.is_empty() && it.contains(&text))
            .nth(skip)
    }

    fn enter(self) {
        let app = self.app;
        if self.search.get_untracked().is_some() {
            return self.end_search();
        }
        let text = self.value();
        self.set("");
        self.back.set_value(0);
        self.offer.set(None);
        app.send(Msg::Run {
            terminal: self.number,
            text,
        });
    }

    fn end_search(self) {
        let hit = self.hit();
        self.search.set(None);
        self.set(&hit.unwrap_or_default());
    }

    fn typed(self) {
        self.offer.set(None);
        self.fit();
        if self.search.get_untracked().is_some() {
            self.search.set(Some((self.value(), 0)));
        }
    }

    fn key(self, event: &leptos::ev::KeyboardEvent) {
        let control = event.ctrl_key() && !event.alt_key() && !event.meta_key();
        let app = self.app;
        if event.is_composing() {
            // Who writes Korean or Chinese ends a syllable with Enter, too.
            return;
        }
        match (&*event.key(), control) {
            ("Enter", false) if !event.shift_key() => self.enter(),
            ("ArrowUp", _) if self.is_at_edge(true) => self.recall(1),
            ("ArrowDown", _) if self.is_at_edge(false) => self.recall(-1),
            ("Tab", false) if !self.value().trim().is_empty() => {
                // Where there is nothing to complete, Tab goes on to the next control.
                if !self.complete(event.shift_key()) {
                    return;
                }
            }
            ("Escape", _) if self.offer.get_untracked().is_some() => self.offer.set(None),
            ("Escape", _) if self.search.get_untracked().is_some() => self.search.set(None),
            ("c", true) if !browser::has_selection() && !self.has_selection() => {
                self.set("");
                self.offer.set(None);
                self.search.set(None);
                app.send(Msg::Interrupt(self.number));
            }
            ("l", true) => app.send(Msg::Run {
                terminal: self.number,
                text: "clear".to_owned(),
            }),
            ("d", true) if self.value().is_empty() => {
                app.send(Msg::Run {
                    terminal: self.number,
                    text: "exit".to_owned(),
                });
            }
            ("u", true) => self.set(""),
            ("r", true) => {
                let (text, skip) = self
                    .search
                    .get_untracked()
                    .map_or((self.value(), 0), |(text, skip)| (text, skip + 1));
                self.search.set(Some((text, skip)));
            }
            _ => return,
        }
        event.prevent_default();
    }

    fn recall(self, by: isize) {
        let lines = self.history();
        let before = self.back.get_value();
        if before == 0 {
            self.draft.set_value(self.value());
        }
        let now = before.saturating_add_signed(by).min(lines.len());
        self.back.set_value(now);
        match now.checked_sub(1).and_then(|at| lines.get(at)) {
            Some(line) => self.set(line),
            None => self.set(&self.draft.get_value()),
        }
    }

    /// The first Tab completes what is certain and lists the rest; further ones go through the list.
    fn complete(self, backwards: bool) -> bool {
        let app = self.app;
        if let Some(offer) = self.offer.get_untracked() {
            let count = offer.found.candidates.len().min(LISTED_MAX);
            let at = match (offer.chosen, backwards) {
                (None, false) => 0,
                (None, true) => count.saturating_sub(1),
                (Some(at), false) => (at + 1) % count.max(1),
                (Some(at), true) => (at + count - 1) % count.max(1),
            };
            self.choose(at);
            return true;
        }
        let value = self.value();
        let cursor = self
            .field
            .get_untracked()
            .and_then(|it| it.selection_start().ok().flatten());
        let cursor = cursor.map_or(value.len(), |units| byte_of(&value, units));
        let found = app.with(|session| session.complete(self.number, &value, cursor));
        let (before, after) = (value.get(..found.start), value.get(cursor..));
        let (before, after) = (
            before.unwrap_or_default().to_owned(),
            after.unwrap_or_default().to_owned(),
        );
        match &found.candidates[..] {
            [] => return false,
            [one] if one.text == *value.get(found.start..cursor).unwrap_or_default() => {
                return false;
            }
            [one] => {
                let blank = if one.is_open() || after.starts_with(' ') {
                    ""
                } else {
                    " "
                };
                self.put(&before, &format!("{}{blank}", one.text), &after);
            }
            _ => {
                self.put(&before, &found.common.clone(), &after);
                self.offer.set(Some(Offer {
                    found,
                    before,
                    after,
                    chosen: None,
                }));
            }
        }
        true
    }

    fn choose(self, at: usize) {
        let Some(mut offer) = self.offer.get_untracked() else {
            return;
        };
        if let Some(candidate) = offer.found.candidates.get(at) {
            self.put(&offer.before, &candidate.text, &offer.after);
            offer.chosen = Some(at);
            self.offer.set(Some(offer));
        }
    }

    fn put(self, before: &str, text: &str, after: &str) {
        let Some(field) = self.field.get_untracked() else {
            return;
        };
        field.set_value(&format!("{before}{text}{after}"));
        let units = before.encode_utf16().count() + text.encode_utf16().count();
        let units = u32::try_from(units).unwrap_or(u32::MAX);
        // A field that is not on the page has no cursor.
        field.set_selection_range(units, units).ok();
        field.focus().ok();
        self.fit();
    }
}

fn list_id(terminal: u8) -> String {
    format!("offer-{terminal}")
}

fn option_id(terminal: u8, at: usize) -> String {
    format!("offer-{terminal}-{at}")
}

/// The byte at which so many UTF-16 units end.
fn byte_of(text: &str, units: u32) -> usize {
    let mut left = units;
    for (at, letter) in text.char_indices() {
        let size = u32::try_from(letter.len_utf16()).unwrap_or(1);
        if left < size {
            return at;
        }
        left -= size;
    }
    text.len()
}
