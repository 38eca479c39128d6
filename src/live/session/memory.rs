//! What a session keeps in memory: whether there is enough of it, and that notes do not fill it.

use super::Session;
use crate::training::{RunConfig, TrainingError};

/// Years for which there must be memory: a window is not left open for the thousand years that its calendar has.
const MOST_WATCHED_YEARS: usize = 10;
/// Notes that are kept at most.
const MOST_NOTES: usize = 100;

/// Checks that there is memory for what is watched. A policy that does not learn keeps no experience.
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

    /// Adds a note. Of very many, the older half goes.
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
