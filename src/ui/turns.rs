//! What the page does by itself: a little in each frame, so that none takes long.

use std::cell::Cell;

use gloo_timers::callback::Interval;
use leptos::prelude::*;

use super::{App, stage};
use crate::browser;
use crate::scene::{Scene, Shelf};

/// What is done in a turn. A round is one of each, in this order.
const ROUND: [Turn; 9] = [
    Turn::Tick,
    Turn::See,
    Turn::Thought,
    Turn::Columns,
    Turn::Pulse,
    Turn::Columns,
    Turn::Rest,
    Turn::Columns,
    Turn::Tell,
];
/// What is done before anything else once a person has asked for something.
const ANSWER: [Turn; 7] = [
    Turn::Columns,
    Turn::Rest,
    Turn::Thought,
    Turn::Columns,
    Turn::Columns,
    Turn::Pulse,
    Turn::Look,
];
/// Every so many rounds what happened is listed anew: so that it can be read.
const LOOK_EVERY: usize = 4;
/// How often a round is taken at once where no frame comes: while the page is at rest, or behind others.
const IDLE_MS: u32 = 200;

/// A frame that comes later than this after it was asked for was missed: the machine is slow.
const LATE_MS: f64 = 18.0;
/// After so many frames with columns of which none was late it is no longer taken for slow.
const IN_TIME: u32 = 20;

/// What is done in one frame.
#[derive(Clone, Copy, PartialEq)]
enum Turn {
    /// Lets time pass.
    Tick,
    /// Makes a scene of what it has brought.
    See,
    /// Shows who acted.
    Thought,
    /// Shows some of the columns.
    Columns,
    /// Draws some of them whole. That comes before anything else where it is due.
    Open,
    /// Lets what was written answer.
    Pulse,
    /// Shows what else is on the stage.
    Rest,
    /// Tells of it beside the stage.
    Tell,
    /// Lists anew what happened.
    Look,
}

/// Whose turn it is.
pub(super) struct Turns {
    /// How many turns were taken.
    count: Cell<usize>,
    /// Where in the answer to a person the page is.
    answered: Cell<usize>,
    /// When time was last let pass.
    last_ms: Cell<f64>,
    /// What was done last.
    last: Cell<Turn>,
    /// How many frames with columns were in time since one was late.
    in_time: Cell<u32>,
    /// When the browser was asked for the frame that has not come yet.
    asked_ms: Cell<Option<f64>>,
    /// Whether a frame has come since the last look.
    is_frame_seen: Cell<bool>,
}

impl Turns {
    pub(super) fn new() -> Self {
        Self {
            count: Cell::new(0),
            answered: Cell::new(ANSWER.len()),
            last_ms: Cell::new(browser::real_ms()),
            last: Cell::new(Turn::Tick),
            in_time: Cell::new(IN_TIME),
            asked_ms: Cell::new(None),
            is_frame_seen: Cell::new(false),
        }
    }

    /// Whether columns were drawn too late of late.
    fn is_slow(&self) -> bool {
        self.in_time.get() < IN_TIME
    }

    /// Takes note of a frame that has come: where columns were drawn before it, of whether it is late.
    fn frame_came(&self) {
        self.is_frame_seen.set(true);
        if let (Some(asked_ms), Turn::Columns | Turn::Open) =
            (self.asked_ms.take(), self.last.get())
        {
            let is_late = browser::real_ms() - asked_ms > LATE_MS;
            let in_time = self.in_time.get().saturating_add(1);
            self.in_time.set(if is_late { 0 } else { in_time });
        }
    }

    fn next(&self) -> Turn {
        if let Some(turn) = ANSWER.get(self.answered.get()) {
            self.answered.set(self.answered.get() + 1);
            return *turn;
        }
        let count = self.count.get();
        self.count.set(count + 1);
        ROUND[count % ROUND.len()]
    }
}

impl App {
    /// Takes turns for as long as the page is open.
    pub(super) fn take_turns(self) {
        let clock = Interval::new(IDLE_MS, move || {
            if !self.turns.with_value(|it| it.is_frame_seen.take()) {
                for _ in ROUND {
                    self.take_turn();
                }
                self.ask_for_frame();
            }
        });
        clock.forget();
    }

    /// Has a person answered with the next frames.
    pub(super) fn answer(self) {
        self.turns.with_value(|it| it.answered.set(0));
        self.ask_for_frame();
    }

    /// Has the next turn taken in the next frame, if there is something to do.
    pub(super) fn ask_for_frame(self) {
        let is_asked = self.turns.with_value(|it| it.asked_ms.get().is_some());
        if is_asked || !self.is_busy() {
            return;
        }
        let now_ms = browser::real_ms();
        self.turns.with_value(|it| it.asked_ms.set(Some(now_ms)));
        request_animation_frame(move || {
            self.turns.with_value(Turns::frame_came);
            self.take_turn();
            self.ask_for_frame();
        });
    }

    fn take_turn(self) {
        let turn = match stage::is_opening(self) {
            true => Turn::Open,
            false => self.turns.with_value(Turns::next),
        };
        self.turns.with_value(|it| it.last.set(turn));
        let is_slow = self.turns.with_value(Turns::is_slow);
        match turn {
            Turn::Tick => {
                let now_ms = browser::real_ms();
                let last_ms = self.turns.with_value(|it| it.last_ms.replace(now_ms));
                self.tick((now_ms - last_ms) as i64);
            }
            Turn::See => self.see(),
            Turn::Thought => self.draw(Scene::with_thought_of),
            Turn::Open => stage::open_some(self, is_slow),
            Turn::Columns => {
                let pace = |shelf: &Shelf| stage::pace(self, shelf, is_slow);
                self.draw(|shown, goal| shown.with_columns_of(goal, pace));
            }
            Turn::Pulse => stage::beat(self),
            Turn::Rest => self.draw(Scene::with_rest_of),
            Turn::Tell if self.is_look_due() => self.look(),
            Turn::Tell => self.tell(),
            Turn::Look => self.look(),
        }
    }

    fn is_look_due(self) -> bool {
        let rounds = self.turns.with_value(|it| it.count.get()) / ROUND.len();
        rounds.is_multiple_of(LOOK_EVERY)
    }
}
