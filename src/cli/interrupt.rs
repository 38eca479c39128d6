//! Requests to stop: Ctrl-C, and the signals by which schedulers, containers and terminals end a program.
//!
//! A command that keeps something asks for [`flag`] and looks at it after each tick: the first request sets it, and one that comes more
//! than a second later leaves at once. All other commands leave at the first one. Leaving at once is safe at any time, as files are only
//! ever replaced whole.

use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::output::note;

/// Number of the signal of Ctrl-C on every system.
const SIGINT: u8 = 2;
/// Requests within this time are one and the same: `timeout` signals a process and its group, a terminal all that run in it.
const SAME_REQUEST: Duration = Duration::from_secs(1);

static STOP: AtomicBool = AtomicBool::new(false);
/// `true` once a command looks at the flag.
static IS_ASKED: AtomicBool = AtomicBool::new(false);
/// The first signal that was received.
static SIGNAL: AtomicU8 = AtomicU8::new(SIGINT);
static FIRST_REQUEST: Mutex<Option<Instant>> = Mutex::new(None);

/// Begins to listen: for SIGINT, SIGTERM and SIGHUP on Unix, for Ctrl-C and a closed console elsewhere.
///
/// Ctrl-C counts even where a shell told background jobs to ignore it. SIGHUP does not count where it is ignored: a run that was started
/// with `nohup` outlives its terminal.
pub(crate) fn listen() -> miette::Result<()> {
    listen_for(received).map_err(|error| miette::miette!("could not listen for Ctrl-C: {error}"))
}

/// The flag that a request to stop sets, for a command that looks at it.
pub(crate) fn flag() -> &'static AtomicBool {
    IS_ASKED.store(true, Ordering::SeqCst);
    &STOP
}

/// Exit code of a command that was asked to stop: 128 and the number of the signal, as shells have it.
pub(crate) fn exit_code() -> u8 {
    128 + SIGNAL.load(Ordering::SeqCst)
}

#[cfg(unix)]
fn listen_for(received: fn(u8)) -> std::io::Result<()> {
    use signal_hook::consts::{SIGHUP, SIGTERM};

    let mut signals = vec![i32::from(SIGINT), SIGTERM];
    if !is_ignored(SIGHUP) {
        signals.push(SIGHUP);
    }
    let mut signals = signal_hook::iterator::Signals::new(signals)?;
    let listening = std::thread::Builder::new().name("signals".to_owned());
    listening.spawn(move || {
        for signal in signals.forever() {
            received(u8::try_from(signal).unwrap_or(SIGINT));
        }
    })?;
    Ok(())
}

#[cfg(not(unix))]
fn listen_for(received: fn(u8)) -> Result<(), ctrlc::Error> {
    ctrlc::set_handler(move || received(SIGINT))
}

/// Returns `true` if this process was started with the signal ignored. Only Linux says so without `unsafe`; elsewhere a signal that may
/// be ignored is taken for ignored, and ends the program as it would by default.
#[cfg(unix)]
fn is_ignored(signal: i32) -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let ignored = ignored.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    ignored.is_none_or(|mask| mask >> (signal - 1) & 1 == 1)
}

/// Reaction to a request to stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reaction {
    /// The command is asked to stop.
    Ask,
    /// Nothing: it is the same request again.
    Ignore,
    /// The program ends at once.
    Leave,
}

/// The reaction to a request; `since_first` is none for the first one.
fn reaction(is_asked: bool, since_first: Option<Duration>) -> Reaction {
    match since_first {
        _ if !is_asked => Reaction::Leave,
        None => Reaction::Ask,
        Some(elapsed) if elapsed < SAME_REQUEST => Reaction::Ignore,
        Some(_) => Reaction::Leave,
    }
}

#[allow(
    clippy::disallowed_methods,
    reason = "when a signal came tells whether it is a new request; nothing of a run depends on it"
)]
fn received(signal: u8) {
    let mut first = FIRST_REQUEST.lock().unwrap_or_else(PoisonError::into_inner);
    let reaction = reaction(IS_ASKED.load(Ordering::SeqCst), first.map(|first| first.elapsed()));
    if first.is_none() {
        *first = Some(Instant::now());
        SIGNAL.store(signal, Ordering::SeqCst);
    }
    match reaction {
        Reaction::Ask => {
            STOP.store(true, Ordering::SeqCst);
            note("\nstopping: what was done is kept (Ctrl-C again leaves at once)");
        }
        Reaction::Ignore => {}
        Reaction::Leave => std::process::exit((128 + signal).into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_request_leaves_at_once_unless_it_is_the_first_one_again() {
        let millis = |number| Some(Duration::from_millis(number));
        assert_eq!(reaction(true, None), Reaction::Ask);
        assert_eq!(reaction(true, millis(3)), Reaction::Ignore);
        assert_eq!(reaction(true, millis(1_001)), Reaction::Leave);
        assert_eq!(reaction(false, None), Reaction::Leave, "nothing looks at the flag");
    }
}
