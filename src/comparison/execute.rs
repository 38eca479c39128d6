//! Executes runs in parallel: one learner per thread, each in its own folder. A failing run does not affect the others.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::plan::{ComparisonPlan, PlannedRun};
use super::record::ComparisonRecord;
use super::run_end::RunEnd;
use super::run_status::RunStatus;
use crate::training::{Execution, Existing, Observer, Outcome, RunFolder, RunFolderError, Training, TrainingError};

/// Time between two looks at a run that another process works on.
const LOOK_EVERY: Duration = Duration::from_millis(200);

/// Observes runs in progress, called from several threads at once.
pub trait Audience: Sync {
    /// Called when a run begins or resumes. Returns the observer of that run.
    fn begins(&self, number: usize, run: &PlannedRun) -> Box<dyn Observer + '_>;
    /// Called once for a run that another process works on. It is checked again until that process is done with it.
    fn waits(&self, number: usize, run: &PlannedRun);
    /// Called when a run has ended, or need not begin.
    fn ended(&self, number: usize, run: &PlannedRun, end: &RunEnd);
}

/// Options for executing a plan. None of them changes the results.
#[derive(Clone, Copy, Debug)]
pub struct Carrying<'a> {
    /// Folder that contains all runs.
    pub results_dir: &'a Path,
    /// Folder of the record.
    pub record_dir: &'a Path,
    /// Number of runs in progress at a time.
    pub jobs: usize,
    /// Replace the contents of run folders that cannot be resumed. Finished runs of this plan are kept in any case.
    pub force: bool,
    /// Flag that asks all runs to stop.
    pub stop: &'a AtomicBool,
}

/// Executes a plan: every run that is not finished begins or resumes. The record is written whenever a run ends.
///
/// Several processes may execute plans in one folder. A run that another process works on is left to it, and has the outcome that it gets
/// there.
///
/// # Errors
/// Returns an error if the record cannot be written. A failure within a run is reported as that run's [`RunEnd::Failed`].
pub fn execute_plan(
    plan: &ComparisonPlan,
    carrying: &Carrying<'_>,
    mut record: ComparisonRecord,
    audience: &dyn Audience,
) -> Result<Vec<RunEnd>, RunFolderError> {
    std::fs::create_dir_all(carrying.record_dir).map_err(|source| RunFolderError::Write {
        path: carrying.record_dir.to_owned(),
        source,
    })?;
    record.write(carrying.record_dir)?;
    let open = Mutex::new((0..plan.runs.len()).map(|number| (number, false)).collect::<VecDeque<_>>());
    let shared = Mutex::new((record, vec![RunEnd::NotBegun; plan.runs.len()], None));
    let work = || {
        loop {
            // Not in the condition of the loop, which would hold the queue during a run.
            let next = lock(&open).pop_front();
            let Some((number, has_waited)) = next else { return };
            let Some(run) = plan.runs.get(number) else { return };
            if has_waited {
                std::thread::sleep(LOOK_EVERY);
            }
            let Some(end) = attempt(number, run, carrying, audience) else {
                if !has_waited {
                    audience.waits(number, run);
                }
                lock(&open).push_back((number, true));
                continue;
            };
            audience.ended(number, run, &end);
            let mut shared = lock(&shared);
            let (record, ends, failed) = &mut *shared;
            record.note(number, &end);
            ends[number] = end;
            if let Err(error) = record.write(carrying.record_dir) {
                // The runs are worth more than their record: they continue, and the error is returned at the end.
                failed.get_or_insert(error);
            }
        }
    };
    std::thread::scope(|scope| {
        for _ in 1..carrying.jobs.clamp(1, plan.runs.len().max(1)) {
            // If the system has no more threads, fewer runs are in progress at once. The results are the same.
            if std::thread::Builder::new().spawn_scoped(scope, work).is_err() {
                break;
            }
        }
        work();
    });
    let (_, ends, failed) = shared.into_inner().unwrap_or_else(PoisonError::into_inner);
    failed.map_or(Ok(ends), Err)
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Executes one run and catches its failure; `None` if another process works on it.
fn attempt(number: usize, run: &PlannedRun, carrying: &Carrying<'_>, audience: &dyn Audience) -> Option<RunEnd> {
    let carried = catch_unwind(AssertUnwindSafe(|| carry_on(number, run, carrying, audience)));
    let text = match carried {
        Ok(Ok(end)) => return Some(end),
        Ok(Err(TrainingError::Folder(RunFolderError::Locked { .. }))) => return None,
        Ok(Err(error)) => with_causes(&error),
        Err(panic) => {
            let said = panic.downcast_ref::<String>().map(String::as_str);
            let said = said.or_else(|| panic.downcast_ref::<&str>().copied());
            format!("internal error: {}", said.unwrap_or("it panicked"))
        }
    };
    Some(RunEnd::Failed(without_place(&text, carrying.results_dir)))
}

fn carry_on(number: usize, run: &PlannedRun, carrying: &Carrying<'_>, audience: &dyn Audience) -> Result<RunEnd, TrainingError> {
    let path = carrying.results_dir.join(&run.folder);
    // One thread per run: the runs themselves are parallel.
    let execution = Execution { overlapped: false };
    let begin = |existing| -> Result<Training, TrainingError> {
        let parent = path.parent().unwrap_or(carrying.results_dir);
        let id = path.file_name().unwrap_or_default().to_string_lossy();
        // The configuration does not hold the policy that a run begins with: such a run begins with its first checkpoint.
        let folder = match run.initial_policy {
            None => RunFolder::create(parent, &id, existing, &run.config.to_toml()?)?,
            Some(_) => RunFolder::reserve(parent, &id, existing)?,
        };
        Training::start(run.config.clone(), folder, run.initial_policy.as_deref(), execution)
    };
    let mut training = match RunStatus::of(&path, &run.config) {
        RunStatus::Finished(summary) => return Ok(RunEnd::Kept(summary)),
        _ if carrying.stop.load(Ordering::Relaxed) => return Ok(RunEnd::NotBegun),
        RunStatus::Absent => match begin(Existing::Refuse) {
            // Another process began the run at this moment, so it is checked again.
            Err(TrainingError::Folder(RunFolderError::Exists { path, .. })) => {
                return Err(RunFolderError::Locked { path, holder: None }.into());
            }
            begun => begun?,
        },
        RunStatus::Different(_) | RunStatus::Damaged(_) if carrying.force => begin(Existing::Replace)?,
        // Reserving the folder gives the better error message.
        RunStatus::Different(_) => begin(Existing::Refuse)?,
        RunStatus::Unfinished | RunStatus::Damaged(_) => {
            let folder = RunFolder::resume(carrying.results_dir, &run.folder.to_string_lossy())?;
            // Another process may have finished the run before the folder was free.
            if let Some(summary) = folder.summary()? {
                return Ok(RunEnd::Kept(Box::new(summary)));
            }
            match Training::resume(folder, execution) {
                Err(_) if carrying.force => begin(Existing::Replace)?,
                resumed => resumed?,
            }
        }
    };
    let mut observer = audience.begins(number, run);
    Ok(match training.run(&mut *observer, carrying.stop)? {
        Outcome::Finished(summary) => RunEnd::Finished(summary),
        Outcome::Stopped { .. } => RunEnd::Stopped,
    })
}

/// Formats an error with its causes on one line.
fn with_causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let more = error.to_string();
        if !text.contains(&more) {
            text = format!("{text}: {more}");
        }
        cause = error.source();
    }
    text
}

/// Removes the absolute path of the results folder from a message.
fn without_place(text: &str, results_dir: &Path) -> String {
    text.replace(&format!("{}{}", results_dir.display(), std::path::MAIN_SEPARATOR), "")
}

#[cfg(test)]
#[path = "execute_tests.rs"]
mod tests;
