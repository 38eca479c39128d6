//! Ctrl-C: the first asks to stop, the second stops.

use std::sync::atomic::{AtomicBool, Ordering};

use super::exit::INTERRUPTED;
use super::output::note;

static STOP: AtomicBool = AtomicBool::new(false);

/// The flag that Ctrl-C, a kill, or a closed terminal sets; whoever runs for long looks at it after each tick.
///
/// The second time leaves at once: files are only ever replaced whole, so the last checkpoint is good.
pub(crate) fn flag() -> miette::Result<&'static AtomicBool> {
    let handler = || {
        if STOP.swap(true, Ordering::SeqCst) {
            std::process::exit(INTERRUPTED.into());
        }
        note("\nstopping: this tick ends and a checkpoint is written (Ctrl-C again leaves at once)");
    };
    match ctrlc::try_set_handler(handler) {
        Ok(()) | Err(ctrlc::Error::MultipleHandlers) => Ok(&STOP),
        Err(error) => Err(miette::miette!("could not listen for Ctrl-C: {error}")),
    }
}
