//! What outlasts a reload: the text in the pane, the log of actions and how far the clock was.

use super::{Msg, Session};
use crate::timeline::{LogError, Recording, Timeline};

/// A session as text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Saved {
    /// The text in the manifest pane.
    pub manifest: String,
    /// The run: how far the clock was, and the log of actions.
    pub run: String,
}

/// A run that cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SavedError {
    /// It does not begin with the time of its clock.
    #[error("the saved run does not say how far its clock was")]
    Clock,
    /// Its log is not one.
    #[error(transparent)]
    Log(#[from] LogError),
}

impl Session {
    /// What has to be kept for [`Session::restore`].
    pub fn save(&self) -> Saved {
        let log = self.timeline.recording().log();
        let at_ms = self.timeline.elapsed_ms();
        let state = if self.playing { "playing" } else { "paused" };
        Saved {
            manifest: self.manifest.clone(),
            run: format!("at {at_ms} {state} {}\n{log}", self.speed),
        }
    }

    /// The session as it was: the cluster comes back by doing again what was done.
    pub fn restore(saved: Saved) -> Result<Self, SavedError> {
        let (first, log) = saved.run.split_once('\n').ok_or(SavedError::Clock)?;
        let words: Vec<&str> = first.split(' ').collect();
        let &["at", at_ms, state, speed] = &*words else {
            return Err(SavedError::Clock);
        };
        let at_ms: i64 = at_ms.parse().map_err(|_| SavedError::Clock)?;
        let mut timeline = Timeline::new(Recording::read(log)?);
        timeline.advance((at_ms - timeline.elapsed_ms()).max(0));
        timeline.seek(at_ms);
        let mut session = Self::new(timeline, saved.manifest);
        session.playing = state == "playing";
        session.update(Msg::Speed(speed.parse().unwrap_or(session.speed)));
        Ok(session)
    }
}
