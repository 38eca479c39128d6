//! Progress of a run: a bar on a terminal, plain lines elsewhere, nothing with `--quiet`.

use std::io::{self, IsTerminal};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use perennial::escape::{self, terminal};
use perennial::evaluation::sampling::LONG_LIFE_SEASONS;
use perennial::metrics::DecisionRate;

use super::output::note;
use super::table::number;
use perennial::training::{Observer, TrainingEvent};

/// Time between two updates of the bar.
const BAR_EVERY: Duration = Duration::from_millis(100);
/// Time between two plain lines within a season. Each season's end writes one too.
const LINE_EVERY: Duration = Duration::from_secs(10);

/// Output of the progress.
enum Display {
    Bar(ProgressBar),
    Lines,
    Nothing,
}

/// Shows how far a run is.
pub(crate) struct Progress {
    display: Display,
    began: Instant,
    shown: Instant,
    pace: DecisionRate,
    seasons: Vec<String>,
}

impl Progress {
    /// A bar if the standard error is a terminal, else lines; nothing if `quiet`.
    #[allow(
        clippy::disallowed_methods,
        reason = "progress is what the command line looks at the clock for"
    )]
    pub(crate) fn new(quiet: bool) -> Self {
        let display = match (quiet, io::stderr().is_terminal()) {
            (true, _) => Display::Nothing,
            (false, true) => Display::Bar(bar()),
            (false, false) => Display::Lines,
        };
        let now = Instant::now();
        Self {
            display,
            began: now,
            shown: now,
            pace: DecisionRate::new(0, 0),
            seasons: Vec::new(),
        }
    }

    /// Takes the bar away.
    pub(crate) fn finish(&self) {
        if let Display::Bar(bar) = &self.display {
            bar.finish_and_clear();
        }
    }

    /// A line of its own, above the bar where there is one.
    fn say(&self, text: &str) {
        match &self.display {
            Display::Bar(bar) => bar.suspend(|| note(text)),
            Display::Lines => note(text),
            Display::Nothing => {}
        }
    }

    fn tick(&mut self, decisions: u64, season: &str, score: Option<f64>) {
        let every = match self.display {
            Display::Bar(_) => BAR_EVERY,
            Display::Lines => LINE_EVERY,
            Display::Nothing => return,
        };
        if self.shown.elapsed() < every {
            return;
        }
        self.shown += self.shown.elapsed();
        self.pace.update(self.began.elapsed().as_secs_f64(), decisions);
        let text = state(season, score, &self.pace);
        match &self.display {
            Display::Bar(bar) => {
                bar.set_message(text);
                bar.set_position(decisions);
            }
            Display::Lines => note(&format!("{:3.0} % {text}", 100.0 * self.pace.fraction())),
            Display::Nothing => {}
        }
    }
}

impl Observer for Progress {
    fn event(&mut self, event: &TrainingEvent) {
        match event {
            TrainingEvent::Started {
                run_id,
                seasons,
                total_decisions,
                decisions,
            } => {
                self.seasons = seasons.iter().map(|name| terminal(name)).collect();
                self.pace = DecisionRate::new(*total_decisions, *decisions);
                self.began += self.began.elapsed();
                if let Display::Bar(bar) = &self.display {
                    bar.set_length(*total_decisions);
                    bar.set_position(*decisions);
                }
                if *decisions > 0 {
                    self.say(&format!("{} goes on after {decisions} decisions", terminal(run_id)));
                }
            }
            // Told even when quiet: a damaged file is no progress, it is something to know.
            TrainingEvent::SkippedDamaged { path, reason, used } => {
                note(&format!(
                    "warning: {}: {reason}; going on from {} instead",
                    escape::path(path),
                    escape::path(used)
                ));
            }
            TrainingEvent::Tick {
                decisions,
                season,
                score,
            } => self.tick(*decisions, &terminal(season), *score),
            TrainingEvent::RowEvaluated { row, season, scores } => {
                self.say(&row_line(&self.seasons, *row, &terminal(season), scores));
            }
            TrainingEvent::CheckpointWritten { .. } => {}
        }
    }
}

fn bar() -> ProgressBar {
    let bar = ProgressBar::with_draw_target(Some(0), ProgressDrawTarget::stderr_with_hz(10));
    // A template that does not parse would be a mistake in this line; the default one then serves.
    let style =
        ProgressStyle::with_template("{bar:24} {percent:>3} % {wide_msg}").unwrap_or_else(|_| ProgressStyle::default_bar());
    bar.set_style(style);
    bar
}

/// Season, speed, score and time left, as far as they are known.
fn state(season: &str, score: Option<f64>, pace: &DecisionRate) -> String {
    let per_s = pace.decisions_per_s().map(|per_s| format!("{per_s:.0} decisions/s"));
    let left = pace.left_s().map(|left_s| format!("{} left", duration(left_s)));
    let score = score.map(|score| format!("score {}", number(Some(score))));
    let parts = [Some(season.to_owned()), per_s, score, left];
    parts
        .into_iter()
        .flatten()
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join(", ")
}

/// Formats the result of a season: its name, and the scores in all seasons.
fn row_line(seasons: &[String], row: usize, season: &str, scores: &[Option<f64>]) -> String {
    let scores = if seasons.len() >= LONG_LIFE_SEASONS && scores.iter().all(Option::is_some) {
        let known: Vec<f64> = scores.iter().copied().flatten().collect();
        let mean = known.iter().sum::<f64>() / known.len().max(1) as f64;
        format!("mean of {} seasons {}", known.len(), number(Some(mean)))
    } else {
        // Of a long life only some seasons are evaluated after each.
        let is_told = |score: &Option<f64>| score.is_some() || seasons.len() < LONG_LIFE_SEASONS;
        let told = seasons.iter().zip(scores).filter(|(_, score)| is_told(score));
        let told = told.map(|(name, score)| format!("{name} {}", number(*score)));
        told.collect::<Vec<_>>().join(", ")
    };
    match (row, row.saturating_sub(1) / seasons.len().max(1)) {
        (0, _) => format!("before learning: {scores}"),
        (_, 0) => format!("after {season}: {scores}"),
        (_, year) => format!("after {season} of year {}: {scores}", year + 1),
    }
}

/// A duration as people say it.
pub(crate) fn duration(seconds: f64) -> String {
    let seconds = seconds.round() as u64;
    match (seconds / 3600, seconds / 60 % 60, seconds % 60) {
        (0, 0, seconds) => format!("{seconds} s"),
        (0, minutes, seconds) => format!("{minutes}:{seconds:02} min"),
        (hours, minutes, _) => format!("{hours}:{minutes:02} h"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_known_is_not_said() {
        assert_eq!(state("spring", None, &DecisionRate::new(100, 0)), "spring");
        let mut pace = DecisionRate::new(240_000, 0);
        pace.update(2.0, 20_000);
        assert_eq!(
            state("summer", Some(0.5), &pace),
            "summer, 10000 decisions/s, score 0.50, 22 s left"
        );
    }

    #[test]
    fn durations_are_short() {
        assert_eq!(
            [0.4, 59.6, 3_599.0, 3_600.0, 90_000.0].map(duration),
            ["0 s", "1:00 min", "59:59 min", "1:00 h", "25:00 h"]
        );
    }

    #[test]
    fn a_season_says_what_all_of_them_came_to() {
        let seasons = ["spring".to_owned(), "winter".to_owned()];
        let line = |row, season| row_line(&seasons, row, season, &[Some(1.0), None]);
        assert_eq!(line(0, ""), "before learning: spring 1.00, winter -");
        assert_eq!(line(2, "winter"), "after winter: spring 1.00, winter -");
        assert_eq!(line(3, "spring"), "after spring of year 2: spring 1.00, winter -");
    }

    #[test]
    fn of_a_long_life_only_what_was_evaluated_is_said() {
        let seasons: Vec<String> = (0..40).map(|number| format!("season {number}")).collect();
        let mut scores = vec![None; 40];
        (scores[7], scores[8]) = (Some(0.9), Some(-0.5));
        assert_eq!(
            row_line(&seasons, 8, "season 7", &scores),
            "after season 7: season 7 0.90, season 8 -0.50"
        );
        assert_eq!(
            row_line(&seasons, 0, "", &vec![Some(0.25); 40]),
            "before learning: mean of 40 seasons 0.25"
        );
    }
}
