//! What outlasts a reload: the text in the pane, the log of actions and how far the clock was.

use super::{FILE, Msg, SPEED, Session};
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

/// A run as it is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Run<'a> {
    /// How far the clock was.
    pub(super) at_ms: i64,
    /// Whether it went on.
    pub(super) playing: bool,
    /// How fast, in hundredths.
    pub(super) speed: i64,
    /// The file that was open in the pane.
    pub(super) file: &'a str,
    /// The log of actions.
    pub(super) log: &'a str,
}

impl<'a> Run<'a> {
    pub(super) fn read(run: &'a str) -> Result<Self, SavedError> {
        let (first, log) = run.split_once('\n').ok_or(SavedError::Clock)?;
        let words: Vec<&str> = first.splitn(5, ' ').collect();
        // Before there was more than one file its name was not kept.
        let (at_ms, state, speed, file) = match words[..] {
            ["at", at_ms, state, speed] => (at_ms, state, speed, FILE),
            ["at", at_ms, state, speed, file] => (at_ms, state, speed, file),
            _ => return Err(SavedError::Clock),
        };
        Ok(Self {
            at_ms: at_ms.parse().map_err(|_| SavedError::Clock)?,
            playing: state == "playing",
            speed: speed.parse().unwrap_or(SPEED),
            file,
            log,
        })
    }

    pub(super) fn write(self) -> String {
        let Self {
            at_ms,
            playing,
            speed,
            file,
            log,
        } = self;
        let state = if playing { "playing" } else { "paused" };
        format!("at {at_ms} {state} {speed} {file}\n{log}")
    }
}

impl Session {
    /// What has to be kept for [`Session::restore`].
    pub(super) fn saved(&self) -> Saved {
        let run = Run {
            at_ms: self.timeline.elapsed_ms(),
            playing: self.playing,
            speed: self.speed,
            file: &self.file,
            log: &self.timeline.recording().log(),
        };
        Saved {
            manifest: self.manifest.clone(),
            run: run.write(),
        }
    }

    /// The session as it was: the cluster comes back by doing again what was done.
    pub fn restore(saved: Saved) -> Result<Self, SavedError> {
        let Run {
            at_ms,
            playing,
            speed,
            file,
            log,
        } = Run::read(&saved.run)?;
        let mut timeline = Timeline::new(Recording::read(log)?);
        timeline.advance((at_ms - timeline.elapsed_ms()).max(0));
        timeline.seek(at_ms);
        let mut session = Self::new(timeline, saved.manifest);
        session.file = file.to_owned();
        session.kept = session.timeline.workspace().files.get(file).cloned();
        session.touched = session.kept.as_ref() != Some(&session.manifest);
        session.check_manifest();
        session.playing = playing;
        session.update(Msg::Speed(speed));
        Ok(session)
    }
}
