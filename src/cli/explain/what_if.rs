//! The same run by another method, as far as it is needed.

use perennial::report::{Findings, WatchedRun, WhatIf};
use perennial::training::RunConfig;

use super::super::output::note;
use super::again::{Again, check_program};

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
    let mut again = Again::start(config)?;
    if !again.go_on(stop_after)? {
        return Ok(Tried::Interrupted);
    }
    Ok(Tried::Compared(WhatIf::of(findings, &again.watched()?)))
}

/// Returns the configuration with another method, if that can be compared.
fn changed(config: &RunConfig, method: &str) -> miette::Result<RunConfig> {
    check_program(config, "a run by another method would differ in more than the method")?;
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
