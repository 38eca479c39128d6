//! Ctrl-C: the first asks to stop, the second stops.

use std::sync::atomic::{AtomicBool, Ordering};

use super::exit::INTERRUPTED;
use super::output::note;

static STOP: AtomicBool = AtomicBool::new(false);

/// The flag that Ctrl-C sets; whoever runs for long looks at it after each tick.
///
/// Other signals keep their meaning: a run that is killed goes on from its last checkpoint as if it had not been, and one that was
/// started with `nohup` outlives its terminal. Ctrl-C counts even where a shell told background jobs to ignore it.
///
/// The second time leaves at once: files are only ever replaced whole, so the last checkpoint is good.
pub(crate) fn flag() -> miette::Result<&'static AtomicBool> {
    let handler = || {
        if STOP.swap(true, Ordering::SeqCst) {
            std::process::exit(INTERRUPTED.into());
        }
        note("\nstopping: this tick ends and a checkpoint is written (Ctrl-C again leaves at once)");
    };
    match ctrlc::set_handler(handler) {
        Ok(()) | Err(ctrlc::Error::MultipleHandlers) => Ok(&STOP),
        Err(error) => Err(miette::miette!("could not listen for Ctrl-C: {error}")),
    }
}
