//! The only place outside the command line that looks at a clock: seconds for the ledger, and the date for TensorBoard.
//!
//! Nothing that a run computes may depend on what it says.

#![allow(clippy::disallowed_methods, reason = "this is the one place where the clock is looked at")]

use std::time::{Instant, SystemTime, UNIX_EPOCH};

/// Counts seconds from where it was started.
#[derive(Clone, Copy, Debug)]
pub struct Stopwatch(Instant);

impl Stopwatch {
    /// Starts counting.
    pub fn start() -> Self {
        Self(Instant::now())
    }

    /// Seconds since the start.
    pub fn seconds(&self) -> f64 {
        self.0.elapsed().as_secs_f64()
    }
}

/// Seconds since 1970, as TensorBoard wants them.
pub fn wall_time_s() -> f64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0.0, |time| time.as_secs_f64())
}
