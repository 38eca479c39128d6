//! The only place outside the command line that looks at a clock: seconds of the wall and of the processor for the ledger, and the
//! date for TensorBoard.
//!
//! Nothing that a run computes may depend on what it says.

#![allow(clippy::disallowed_methods, reason = "this is the one place where the clock is looked at")]

use std::time::{Instant, SystemTime, UNIX_EPOCH};

use cpu_time::ThreadTime;

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

/// Counts the seconds that the processor works for this thread: not those in which it waits, or in which others have the core.
///
/// So runs that go on side by side, or on a machine that has other things to do, can be compared all the same.
#[derive(Debug)]
pub struct WorkStopwatch(Option<ThreadTime>);

impl WorkStopwatch {
    /// Starts counting on this thread, on which it stays.
    pub fn start() -> Self {
        Self(ThreadTime::try_now().ok())
    }

    /// Seconds of work since the start; 0 where the system does not say.
    pub fn seconds(&self) -> f64 {
        let elapsed = self.0.as_ref().and_then(|start| start.try_elapsed().ok());
        elapsed.map_or(0.0, |elapsed| elapsed.as_secs_f64())
    }
}

/// Seconds that the processor has worked for this thread since it began; 0 where the system does not say. Two readings on one thread
/// can be subtracted, and a reading may be kept anywhere, unlike a [`WorkStopwatch`].
pub(super) fn thread_work_s() -> f64 {
    ThreadTime::try_now().map_or(0.0, |time| time.as_duration().as_secs_f64())
}

/// Seconds since 1970, as TensorBoard wants them.
pub fn wall_time_s() -> f64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0.0, |time| time.as_secs_f64())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waiting_is_no_work() {
        let (wall, work) = (Stopwatch::start(), WorkStopwatch::start());
        std::thread::sleep(std::time::Duration::from_millis(50));
        assert!(wall.seconds() >= 0.05);
        assert!(work.seconds() < wall.seconds());
    }

    #[test]
    fn work_is_counted_on_the_thread_that_does_it() {
        let work = WorkStopwatch::start();
        let elsewhere = std::thread::spawn(|| {
            let work = WorkStopwatch::start();
            std::hint::black_box(
                (0..10_000_000_u64).fold(0, |sum: u64, number| sum.rotate_left(1) ^ std::hint::black_box(number)),
            );
            work.seconds()
        });
        let elsewhere = elsewhere.join().unwrap();
        assert!(elsewhere > 0.0);
        assert!(work.seconds() < elsewhere, "waiting for a thread is no work");
    }
}
