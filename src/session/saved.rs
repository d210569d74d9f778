//! What outlasts a reload: the text in the pane, the log of actions and how far the clock was.

use super::{FILE, Msg, Session};
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
            run: format!("at {at_ms} {state} {} {}\n{log}", self.speed, self.file),
        }
    }

    /// The session as it was: the cluster comes back by doing again what was done.
    pub fn restore(saved: Saved) -> Result<Self, SavedError> {
        let (first, log) = saved.run.split_once('\n').ok_or(SavedError::Clock)?;
        let words: Vec<&str> = first.splitn(5, ' ').collect();
        // Before there was more than one file its name was not kept.
        let (at_ms, state, speed, file) = match words[..] {
            ["at", at_ms, state, speed] => (at_ms, state, speed, FILE),
            ["at", at_ms, state, speed, file] => (at_ms, state, speed, file),
            _ => return Err(SavedError::Clock),
        };
        let at_ms: i64 = at_ms.parse().map_err(|_| SavedError::Clock)?;
        let mut timeline = Timeline::new(Recording::read(log)?);
        timeline.advance((at_ms - timeline.elapsed_ms()).max(0));
        timeline.seek(at_ms);
        let mut session = Self::new(timeline, saved.manifest);
        session.file = file.to_owned();
        session.kept = session.timeline.workspace().files.get(file).cloned();
        session.touched = session.kept.as_ref() != Some(&session.manifest);
        session.check_manifest();
        session.playing = state == "playing";
        session.update(Msg::Speed(speed.parse().unwrap_or(session.speed)));
        Ok(session)
    }
}
