//! The time bar: play, pause, steps, the moment that is shown, speed, start again.

use leptos::prelude::*;

use super::use_app;
use crate::session::{Msg, SPEEDS};

/// What the clock shows at the finest.
pub(super) const CLOCK_STEP_MS: i64 = 100;
/// How far the slider moves at once while time passes.
const SLIDER_STEP_MS: i64 = 1000;

pub(super) fn bar() -> AnyView {
    let app = use_app();
    let texts = app.messages();
    let toggle = move |_| {
        let msg = if app.playing.get_untracked() {
            Msg::Pause
        } else {
            Msg::Play
        };
        app.send(msg);
    };
    let label = move || {
        if app.playing.get() {
            texts.pause
        } else {
            texts.play
        }
    };
    let sign = move || if app.playing.get() { "❚❚" } else { "▶" };
    let speeds: Vec<AnyView> = SPEEDS
        .iter()
        .map(|speed| {
            let value = speed.to_string();
            view! { <option value=value selected=move || app.speed.get() == *speed>{name(*speed)}</option> }.into_any()
        })
        .collect();
    let choose = move |event| {
        if let Ok(speed) = event_target_value(&event).parse() {
            app.send(Msg::Speed(speed));
        }
    };
    view! {
        <section class="time" aria-label=texts.time>
            <button class="time__play" title=label aria-label=label on:click=toggle>
                <span aria-hidden="true">{sign}</span>
            </button>
            <button
                class="button"
                title=texts.step_back
                aria-label=texts.step_back
                on:click=move |_| app.send(Msg::StepBack)
            >
                <span aria-hidden="true">"‹"</span>
            </button>
            <button class="button" title=texts.step aria-label=texts.step on:click=move |_| app.send(Msg::Step)>
                <span aria-hidden="true">"›"</span>
            </button>
            <span class="time__clock" role="timer">{move || clock(app.clock_ms.get())}</span>
            {moment()}
            <label class="time__speed">
                <span class="hidden">{texts.speed}</span>
                <select title=texts.speed on:change=choose>{speeds}</select>
            </label>
            <span class="time__note" role="status">
                {move || match (app.waking.get(), app.nothing_ahead.get()) {
                    (true, _) => Some(texts.waking),
                    (false, true) => Some(texts.nothing_ahead),
                    (false, false) => None,
                }}
            </span>
            {move || {
                let undo = move |_| app.send(Msg::Undo);
                app.can_undo.get().then(|| view! { <button class="button" on:click=undo>{texts.undo}</button> })
            }}
            <button class="button" on:click=move |_| app.send(Msg::StartAgain)>{texts.start_again}</button>
        </section>
    }
    .into_any()
}

/// The slider over what has happened so far, with a mark for everything that the person did.
fn moment() -> AnyView {
    let app = use_app();
    let texts = app.messages();
    let seek = move |event| {
        if let Ok(ms) = event_target_value(&event).parse() {
            app.send(Msg::Seek(ms));
        }
    };
    let mark = |at_ms: i64| view! { <i style=format!("--at: {at_ms}")></i> }.into_any();
    let marks = move || {
        let entries = app.entries.read();
        entries.iter().map(|it| mark(it.at_ms)).collect::<Vec<_>>()
    };
    // While time passes the slider follows the clock in steps: moving it costs more than all else on the bar.
    let steps = move |ms: i64| match app.playing.get() {
        true => ms / SLIDER_STEP_MS * SLIDER_STEP_MS,
        false => ms,
    };
    let at_ms = Memo::new(move |_| steps(app.clock_ms.get()));
    // While time passes at the end, the end goes along with it.
    let known_ms = Memo::new(move |_| {
        let (known_ms, clock_ms) = (app.known_ms.get(), app.clock_ms.get());
        let is_at_end = known_ms - clock_ms <= CLOCK_STEP_MS;
        match app.playing.get() && is_at_end {
            true => steps(clock_ms),
            false => steps(known_ms),
        }
    });
    let known = move || format!("--known: {}", known_ms.get().max(1));
    view! {
        <div class="time__moment" style=known>
            <span class="time__marks" aria-hidden="true">{marks}</span>
            <input
                type="range"
                min="0"
                step=CLOCK_STEP_MS.to_string()
                max=move || known_ms.get().to_string()
                prop:value=move || at_ms.get().to_string()
                aria-label=texts.moment
                aria-valuetext=move || clock(at_ms.get())
                on:input=seek
            />
        </div>
    }
    .into_any()
}

/// Minutes, seconds and tenths.
pub(super) fn clock(ms: i64) -> String {
    let (minutes, seconds, tenths) = (ms / 60_000, ms / 1000 % 60, ms / 100 % 10);
    format!("{minutes}:{seconds:02}.{tenths}")
}

/// A speed in hundredths as `½×` would be read: `0.5×`.
fn name(speed: i64) -> String {
    let (whole, rest) = (speed / 100, speed % 100);
    if rest == 0 {
        format!("{whole}×")
    } else {
        format!("{whole}.{rest:02}×").replace("0×", "×")
    }
}
