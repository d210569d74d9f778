//! Requests on their way across the stage.

use leptos::prelude::*;

use crate::browser;
use crate::scene::Flight;
use crate::ui::terminal::name_of;
use crate::ui::use_app;

/// Lets every request that is new fly once.
pub(super) fn watch() {
    let app = use_app();
    let flights = Memo::new(move |_| app.scene.read().flights.clone());
    Effect::new(move |last: Option<usize>| {
        let flights = flights.read();
        let seen = last.unwrap_or(0);
        for flight in flights.iter().filter(|it| it.number >= seen) {
            fly(flight);
        }
        // Who goes back in time and on again sees them again.
        flights.last().map_or(seen, |it| it.number + 1)
    });
}

fn fly(flight: &Flight) {
    let label = format!("HTTP {}", flight.status);
    let from = flight.from.as_ref().filter(|it| **it != flight.to);
    let from = flight.service.as_ref().or(from).map(name_of);
    browser::fly(
        from.as_deref(),
        &name_of(&flight.to),
        &label,
        flight.status < 400,
    );
}
