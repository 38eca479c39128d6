//! The same run by another method, as far as it is needed.

use std::sync::atomic::{AtomicBool, Ordering};

use miette::IntoDiagnostic;
use perennial::report::{Findings, WatchedRun, WhatIf};
use perennial::training::{Execution, Existing, Observer, Program, RunConfig, RunFolder, Training, TrainingError, TrainingEvent};

use super::super::interrupt;
use super::super::output::note;

/// Ticks after a season's end by which its evaluation has been recorded.
const EVALUATED_AFTER_TICKS: u64 = 601;

/// Outcome of a trial.
pub(super) enum Tried {
    /// It was compared.
    Compared(WhatIf),
    /// The program was asked to stop.
    Interrupted,
}

/// Makes a run again by another method, in a temporary folder, and compares the seasons that were forgotten.
pub(super) fn with_method(run: &WatchedRun, findings: &Findings, method: &str) -> miette::Result<Tried> {
    let config = changed(&run.config, method)?;
    let Some(needed) = WhatIf::needed_decisions(findings) else {
        return Ok(Tried::Compared(WhatIf {
            method: config.method,
            seasons: Vec::new(),
        }));
    };
    let gardens = config.gardens as u64;
    let stop_after = needed + EVALUATED_AFTER_TICKS * gardens;
    note(&format!(
        "trying {} for {} of {} decisions",
        config.method,
        stop_after.min(config.decisions()),
        config.decisions()
    ));
    let folder = tempfile::tempdir().into_diagnostic()?;
    let toml = config.to_toml().map_err(TrainingError::from)?;
    let place = RunFolder::create(folder.path(), "what-if", Existing::Refuse, &toml)?;
    let path = place.path().to_owned();
    let mut training = Training::start(config, place, None, Execution::default())?;
    let stop = AtomicBool::new(false);
    training.run(
        &mut StopAfter {
            decisions: stop_after,
            stop: &stop,
        },
        &stop,
    )?;
    if interrupt::flag().load(Ordering::Relaxed) {
        return Ok(Tried::Interrupted);
    }
    drop(training);
    Ok(Tried::Compared(WhatIf::of(findings, &WatchedRun::read(&path)?)))
}

/// Returns the configuration with another method, if that can be compared.
fn changed(config: &RunConfig, method: &str) -> miette::Result<RunConfig> {
    let now = Program::current();
    if config.program.as_ref() != Some(&now) {
        let made_by = config
            .program
            .as_ref()
            .map_or_else(|| "a version that did not record itself".to_owned(), ToString::to_string);
        miette::bail!(
            help = "make the run again with this program, then explain it",
            "the run was made by {made_by}, and this is {now}: a run by another method would differ in more than the method"
        );
    }
    if let Some(policy) = &config.initial_policy {
        miette::bail!(
            help = "train with the other method and the same --initialize-from, and explain both",
            "the run began with the policy {policy}, which it does not hold"
        );
    }
    let other = RunConfig {
        method: method.to_owned(),
        ..config.clone()
    };
    if other.method == config.method {
        miette::bail!(help = "name another one", "the run's own method is {method}");
    }
    if other.all_at_once() {
        miette::bail!(
            help = "name a method that learns one season after the other",
            "{method} learns all seasons at once, so it leaves none"
        );
    }
    Ok(other)
}

/// Stops a run after so many decisions, or when the program is asked to stop.
struct StopAfter<'a> {
    decisions: u64,
    stop: &'a AtomicBool,
}

impl Observer for StopAfter<'_> {
    fn event(&mut self, event: &TrainingEvent) {
        let TrainingEvent::Tick { decisions, .. } = event else {
            return;
        };
        if *decisions >= self.decisions || interrupt::flag().load(Ordering::Relaxed) {
            self.stop.store(true, Ordering::Relaxed);
        }
    }
}
