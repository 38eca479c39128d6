//! Progress of many runs: a bar for each run in progress and one for all of them; plain lines if there is no terminal.

use std::io::{self, IsTerminal};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};
use perennial::comparison::{Audience, ComparisonPlan, PlannedRun, RunEnd};
use perennial::escape;
use perennial::metrics::DecisionRate;
use perennial::training::{Observer, TrainingEvent};

use crate::cli::output::note;
use crate::cli::progress::duration;
use crate::cli::table;

/// Time between two updates of the bars.
const BAR_EVERY: Duration = Duration::from_millis(200);
/// Time between two plain lines.
const LINE_EVERY: Duration = Duration::from_secs(30);

/// Output of the progress.
enum Display {
    Bars { all: MultiProgress, overall: ProgressBar },
    Lines,
    Nothing,
}

/// Shows how far all runs are.
pub(in crate::cli) struct Board {
    display: Display,
    began: Instant,
    runs: usize,
    state: Mutex<State>,
}

/// State shared by all runs.
struct State {
    /// Decisions that each run is done with.
    done: Vec<u64>,
    /// Decisions that need not be taken now, as they were before: they say nothing of the pace.
    before: u64,
    total: u64,
    ended: usize,
    shown: Instant,
    pace: DecisionRate,
}

impl Board {
    /// Bars if the standard error is a terminal, else lines; nothing if `quiet`.
    #[allow(
        clippy::disallowed_methods,
        reason = "progress is what the command line looks at the clock for"
    )]
    pub(in crate::cli) fn new(quiet: bool, plan: &ComparisonPlan) -> Self {
        let display = match (quiet, io::stderr().is_terminal()) {
            (true, _) => Display::Nothing,
            (false, true) => {
                let all = MultiProgress::with_draw_target(ProgressDrawTarget::stderr_with_hz(10));
                let overall = all.add(ProgressBar::new(plan.decisions()));
                overall.set_style(style("{bar:24} {percent:>3} % {wide_msg}"));
                Display::Bars { all, overall }
            }
            (false, false) => Display::Lines,
        };
        let now = Instant::now();
        let total = plan.decisions();
        Self {
            display,
            began: now,
            runs: plan.runs.len(),
            state: Mutex::new(State {
                done: vec![0; plan.runs.len()],
                before: 0,
                total,
                ended: 0,
                shown: now,
                pace: DecisionRate::new(total, 0),
            }),
        }
    }

    /// Takes the bars away.
    pub(in crate::cli) fn finish(&self) {
        if let Display::Bars { all, overall } = &self.display {
            overall.finish_and_clear();
            // A terminal that is gone needs no clearing.
            let _ = all.clear();
        }
    }

    /// A line of its own, above the bars where there are any.
    fn say(&self, text: &str) {
        match &self.display {
            Display::Bars { all, .. } => all.suspend(|| note(text)),
            Display::Lines => note(text),
            Display::Nothing => {}
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A run stands at so many decisions; `before` of them were done in an earlier sitting.
    fn stands_at(&self, number: usize, decisions: u64, before: u64) {
        let mut state = self.state();
        state.before += before;
        state.done[number] = decisions;
        let every = match self.display {
            Display::Bars { .. } => BAR_EVERY,
            Display::Lines => LINE_EVERY,
            Display::Nothing => return,
        };
        if state.shown.elapsed() < every {
            return;
        }
        let elapsed = state.shown.elapsed();
        state.shown += elapsed;
        let text = self.overall_text(&mut state);
        let done = state.done.iter().sum();
        drop(state);
        match &self.display {
            Display::Bars { overall, .. } => {
                overall.set_position(done);
                overall.set_message(text);
            }
            Display::Lines => note(&text),
            Display::Nothing => {}
        }
    }

    fn overall_text(&self, state: &mut State) -> String {
        let done: u64 = state.done.iter().sum();
        let now = done.saturating_sub(state.before);
        // The mean since the beginning, not the last moment: runs that begin and end make the latter jump.
        state.pace = DecisionRate::new(state.total.saturating_sub(state.before), 0);
        state.pace.update(self.began.elapsed().as_secs_f64(), now);
        overall_text(
            state.ended,
            self.runs,
            done as f64 / state.total.max(1) as f64,
            state.pace.left_s(),
        )
    }
}

/// Formats the number of runs that have ended, and the time left.
fn overall_text(ended: usize, runs: usize, fraction: f64, left_s: Option<f64>) -> String {
    let left = left_s
        .map(|left_s| format!(", {} left", duration(left_s)))
        .unwrap_or_default();
    format!(
        "{ended} of {runs} runs ended, {:.0} % of all decisions{left}",
        100.0 * fraction
    )
}

fn style(template: &str) -> ProgressStyle {
    // A template that does not parse would be a mistake in this file; the default one then serves.
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
}

impl Audience for Board {
    fn begins(&self, number: usize, run: &PlannedRun) -> Box<dyn Observer + '_> {
        let bar = match &self.display {
            Display::Bars { all, overall } => {
                let bar = all.insert_before(overall, ProgressBar::new(run.config.decisions()));
                bar.set_style(style("{bar:12} {percent:>3} % {wide_msg}"));
                Some(bar)
            }
            Display::Lines | Display::Nothing => None,
        };
        Box::new(Seat {
            board: self,
            number,
            name: run.name(),
            bar,
            shown: self.began,
        })
    }

    fn waits(&self, _: usize, run: &PlannedRun) {
        self.say(&format!(
            "{}: being worked on by another process, which is waited for",
            run.name()
        ));
    }

    fn ended(&self, number: usize, run: &PlannedRun, end: &RunEnd) {
        let mut state = self.state();
        match end {
            // What need not be run is done, and says nothing of the pace.
            RunEnd::Kept(_) => {
                state.done[number] = run.config.decisions();
                state.before += run.config.decisions();
            }
            // What cannot be run takes no time either.
            RunEnd::Failed(_) => {
                state.total = state.total.saturating_sub(run.config.decisions() - state.done[number]);
            }
            RunEnd::Finished(_) | RunEnd::Stopped | RunEnd::NotBegun => {}
        }
        state.ended += usize::from(!matches!(end, RunEnd::Stopped | RunEnd::NotBegun));
        let text = self.overall_text(&mut state);
        let done = state.done.iter().sum();
        drop(state);
        let overall = match &self.display {
            Display::Bars { overall, .. } => {
                overall.set_position(done);
                overall.set_message(text);
                String::new()
            }
            Display::Lines | Display::Nothing => format!(" ({text})"),
        };
        let name = run.name();
        match end {
            RunEnd::Kept(_) => self.say(&format!("{name}: finished before, kept")),
            RunEnd::Finished(summary) => self.say(&format!(
                "{name}: average performance {}, forgetting {}, {}{overall}",
                table::number(summary.average_performance),
                table::number(summary.forgetting),
                duration(summary.timing.total_s)
            )),
            // Told even when quiet: whoever waits for the end should not learn of it only there.
            RunEnd::Failed(why) => {
                let text = format!("{name}: failed: {why}");
                match &self.display {
                    Display::Bars { all, .. } => all.suspend(|| note(&text)),
                    Display::Lines | Display::Nothing => note(&text),
                }
            }
            RunEnd::Stopped => self.say(&format!("{name}: stopped, with a checkpoint")),
            RunEnd::NotBegun => {}
        }
    }
}

/// Looks on at one run.
struct Seat<'a> {
    board: &'a Board,
    number: usize,
    name: String,
    bar: Option<ProgressBar>,
    shown: Instant,
}

impl Observer for Seat<'_> {
    fn event(&mut self, event: &TrainingEvent) {
        match event {
            TrainingEvent::Started { decisions, .. } => {
                self.board.stands_at(self.number, *decisions, *decisions);
                if *decisions > 0 {
                    self.board.say(&format!("{}: goes on after {decisions} decisions", self.name));
                }
            }
            TrainingEvent::SkippedDamaged { path, reason, used } => note(&format!(
                "warning: {}: {reason}; going on from {} instead",
                escape::path(path),
                escape::path(used)
            )),
            TrainingEvent::Tick {
                decisions,
                season,
                score,
            } => {
                if self.shown.elapsed() < BAR_EVERY {
                    return;
                }
                self.shown += self.shown.elapsed();
                self.board.stands_at(self.number, *decisions, 0);
                if let Some(bar) = &self.bar {
                    let score = score
                        .map(|score| format!(", score {}", table::number(Some(score))))
                        .unwrap_or_default();
                    bar.set_position(*decisions);
                    bar.set_message(format!("{}: {}{score}", self.name, escape::terminal(season)));
                }
            }
            // Of many runs, one line each is enough: their matrices are in their folders and in the report.
            TrainingEvent::RowEvaluated { .. } | TrainingEvent::CheckpointWritten { .. } => {}
        }
    }
}

impl Drop for Seat<'_> {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_whole_says_how_long_the_rest_takes() {
        assert_eq!(overall_text(1, 4, 0.25, None), "1 of 4 runs ended, 25 % of all decisions");
        assert_eq!(
            overall_text(1, 4, 0.25, Some(90.0)),
            "1 of 4 runs ended, 25 % of all decisions, 1:30 min left"
        );
    }
}
