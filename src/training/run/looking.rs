//! Looks inside the learner, at fixed decisions and at the ends of seasons.

use super::{Training, policies_of_all};
use crate::learner::{Learner, LearnerError, PolicySnapshot};
use crate::metrics::Record;
use crate::training::TrainingError;
use crate::training::clock::WorkStopwatch;
use crate::training::inside::{Inside, Occasion};

impl Training {
    /// Makes the album of a run that is looked into, and writes it if it is not there yet.
    pub(super) fn open_album(&mut self) -> Result<(), TrainingError> {
        let stopwatch = WorkStopwatch::start();
        self.inside = Inside::of_run(&self.config, &self.scenario).map(Box::new);
        if let Some(inside) = &self.inside {
            inside.write_album(&self.folder, &self.scenario)?;
        }
        self.progress.timing.inside_s += stopwatch.seconds();
        Ok(())
    }

    /// Looks inside the learner now, and records it.
    pub(super) fn look_inside(&mut self) -> Result<(), TrainingError> {
        let config = self.config.clone();
        self.ask_and_look(None, move |learner| (policies_of_all(learner, &config), ()))?;
        Ok(())
    }

    /// Asks the learner for its policies, one for each season or one for all, and for something more; looks at the learner before that and at the policies after,
    /// and records it. `ended` is the number of the season that ends, counted through all years.
    pub(super) fn ask_and_look<T: Send + 'static>(
        &mut self,
        ended: Option<usize>,
        question: impl FnOnce(&mut Learner) -> (Vec<PolicySnapshot>, T) + Send + 'static,
    ) -> Result<T, TrainingError> {
        let Some(mut inside) = self.inside.take() else {
            return Ok(self.play.ask(question)?.1);
        };
        let occasion = self.occasion(ended);
        let (inside, answer, record, seconds) = self.play.ask(move |learner| {
            let stopwatch = WorkStopwatch::start();
            let record = inside.look_at_learner(learner, &occasion);
            let before_s = stopwatch.seconds();
            let answer = question(learner);
            let stopwatch = WorkStopwatch::start();
            let record = inside.ask_policies(record, &answer.0, &occasion);
            (inside, answer, record, before_s + stopwatch.seconds())
        })?;
        self.inside = Some(inside);
        self.progress.timing.inside_s += seconds;
        self.record(Record::Inside(Box::new(record.map_err(LearnerError::from)?)))?;
        Ok(answer.1)
    }

    /// Returns what is under way and what was before, after the last tick.
    fn occasion(&self, ended: Option<usize>) -> Occasion {
        let count = self.scenario.seasons.len();
        let ended_season = ended.map(|number| number % count);
        if self.config.all_at_once() {
            return Occasion {
                decisions: self.decisions(),
                season: None,
                past: (0..count).collect(),
                ended: ended_season,
            };
        }
        // That of the last tick: at the end of a season, the one that ends.
        let number = self.calendar.season(self.progress.tick.saturating_sub(1));
        let season = number % count;
        let mut past: Vec<usize> = (0..number.min(count)).map(|number| number % count).collect();
        past.retain(|other| *other != season);
        Occasion {
            decisions: self.decisions(),
            season: Some(season),
            past,
            ended: ended_season,
        }
    }
}
