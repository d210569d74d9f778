//! Requests on their way: who asked whom, through which Service, and what came of it.

use std::sync::Arc;

use crate::cluster::net::Request;
use crate::cluster::object::ObjectKey;
use crate::cluster::time::Time;

/// For how long a request is shown, in milliseconds.
const SHOWN_MS: i64 = 2000;
/// The most requests that are shown at once.
const SHOWN_MAX: usize = 12;

/// One request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flight {
    /// Its number among all requests.
    pub number: usize,
    /// The pod that asked; `None` for a person outside.
    pub from: Option<ObjectKey>,
    /// The Service that it went through.
    pub service: Option<ObjectKey>,
    /// The pod that answered.
    pub to: ObjectKey,
    /// The status of the answer.
    pub status: u16,
}

/// The latest requests.
pub(super) fn draw(requests: &[Request], now: Time) -> Arc<[Flight]> {
    let latest = requests.iter().enumerate().rev().take(SHOWN_MAX);
    let latest = latest.take_while(|(_, it)| now.ms_since(it.at) < SHOWN_MS);
    let mut shown: Vec<Flight> = latest
        .map(|(number, it)| Flight {
            number,
            from: it.from.clone(),
            service: it.service.clone(),
            to: it.to.clone(),
            status: it.status,
        })
        .collect();
    shown.reverse();
    shown.into()
}
