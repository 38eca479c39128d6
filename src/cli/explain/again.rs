//! A run that is made again in a temporary folder, as it was or changed.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};

use miette::IntoDiagnostic;
use perennial::report::WatchedRun;
use perennial::training::{Execution, Existing, Observer, Program, RunConfig, RunFolder, Training, TrainingError, TrainingEvent};

use super::super::interrupt;

/// A run that is made again. Dropping it removes its folder.
pub(super) struct Again {
    /// The run so far.
    pub(super) training: Training,
    path: PathBuf,
    _folder: tempfile::TempDir,
}

impl Again {
    /// Begins a run of this configuration.
    pub(super) fn start(config: RunConfig) -> miette::Result<Self> {
        let folder = tempfile::tempdir().into_diagnostic()?;
        let toml = config.to_toml().map_err(TrainingError::from)?;
        let place = RunFolder::create(folder.path(), "again", Existing::Refuse, &toml)?;
        Ok(Self {
            path: place.path().to_owned(),
            training: Training::start(config, place, None, Execution::default())?,
            _folder: folder,
        })
    }

    /// Goes on to so many decisions; `false` if the program was asked to stop.
    pub(super) fn go_on(&mut self, decisions: u64) -> miette::Result<bool> {
        let stop = AtomicBool::new(self.training.decisions() >= decisions);
        self.training.run(&mut StopAt { decisions, stop: &stop }, &stop)?;
        Ok(!interrupt::flag().load(Ordering::Relaxed))
    }

    /// Ends the run and reads what it recorded.
    pub(super) fn watched(self) -> miette::Result<WatchedRun> {
        drop(self.training);
        Ok(WatchedRun::read(&self.path)?)
    }
}

/// Stops a run after so many decisions, or when the program is asked to stop.
struct StopAt<'a> {
    decisions: u64,
    stop: &'a AtomicBool,
}

impl Observer for StopAt<'_> {
    fn event(&mut self, event: &TrainingEvent) {
        let TrainingEvent::Tick { decisions, .. } = event else {
            return;
        };
        if *decisions >= self.decisions || interrupt::flag().load(Ordering::Relaxed) {
            self.stop.store(true, Ordering::Relaxed);
        }
    }
}

/// Refuses a run that was made by another program: what is made again would differ in more than what is changed. `so` says what follows.
pub(super) fn check_program(config: &RunConfig, so: &str) -> miette::Result<()> {
    let now = Program::current();
    if config.program.as_ref() == Some(&now) {
        return Ok(());
    }
    let made_by = config.program.as_ref();
    let made_by = made_by.map_or_else(|| "a version that did not record itself".to_owned(), ToString::to_string);
    Err(miette::miette!(
        help = "make the run again with this program, then explain it",
        "the run was made by {made_by}, and this is {now}: {so}"
    ))
}
