//! Memory use of a session: checks that there is enough, and limits the number of notes.

use super::Session;
use crate::training::{RunConfig, TrainingError};

/// Number of years for which there must be enough memory. The calendar has a thousand, but no window stays open that long.
const MOST_WATCHED_YEARS: usize = 10;
/// Maximum number of notes kept.
const MOST_NOTES: usize = 100;

/// Checks that there is enough memory for a session. A policy that does not learn keeps no experience.
pub(super) fn check_memory(config: &RunConfig, learns: bool) -> Result<(), TrainingError> {
    let decisions_per_season = if learns { config.decisions_per_season } else { 1 };
    let watched = RunConfig {
        years: config.years.min(MOST_WATCHED_YEARS),
        decisions_per_season,
        ..config.clone()
    };
    Ok(watched.check_memory()?)
}

impl Session {
    /// Switches learning on or off, unless there is too little memory to learn.
    pub(super) fn let_learn(&mut self, on: bool) -> Result<(), TrainingError> {
        if on && !self.learning {
            check_memory(self.config(), true)?;
        }
        self.learn(on);
        Ok(())
    }

    /// Adds a note. If there are very many, the older half is dropped.
    pub(super) fn say(&mut self, note: String) {
        self.notes.push(note);
        if self.notes.len() > MOST_NOTES {
            self.notes.drain(..MOST_NOTES / 2);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::live::testing::session;

    #[test]
    fn notes_do_not_fill_the_memory() {
        let mut session = session("replay");
        (0..1000).for_each(|number| session.say(number.to_string()));
        assert!(session.notes.len() <= MOST_NOTES);
        assert_eq!(session.notes.last().map(String::as_str), Some("999"));
    }
}
