//! Decisions and updates per second of real time.

use std::collections::VecDeque;

use bevy::prelude::Resource;

use crate::live::Status;

/// Length of the window over which rates are measured, in seconds.
const WINDOW_S: f64 = 4.0;
/// Interval between two samples, in seconds.
const LOOK_EVERY_S: f64 = 0.25;

/// Recent samples of the counters.
#[derive(Resource, Clone, Debug, Default)]
pub(super) struct Rates {
    /// Real time in seconds, decisions and updates.
    counted: VecDeque<(f64, u64, u64)>,
}

impl Rates {
    /// Samples the counters.
    pub(super) fn see(&mut self, real_s: f64, status: &Status) {
        self.count(real_s, status.decisions, status.learning.ledger.updates);
    }

    fn count(&mut self, real_s: f64, decisions: u64, updates: u64) {
        if let Some(&(last_s, last_decisions, last_updates)) = self.counted.back() {
            if decisions < last_decisions || updates < last_updates {
                // The simulation was restarted.
                self.counted.clear();
            } else if real_s - last_s < LOOK_EVERY_S {
                return;
            }
        }
        self.counted.push_back((real_s, decisions, updates));
        while self.counted.len() > 2 && self.counted.front().is_some_and(|&(first_s, ..)| real_s - first_s > WINDOW_S) {
            self.counted.pop_front();
        }
    }

    /// Returns decisions and updates per second.
    pub(super) fn a_second(&self) -> (f64, f64) {
        let (Some(&(from_s, decisions_then, updates_then)), Some(&(to_s, decisions, updates))) =
            (self.counted.front(), self.counted.back())
        else {
            return (0.0, 0.0);
        };
        let passed_s = (to_s - from_s).max(LOOK_EVERY_S);
        (
            (decisions - decisions_then) as f64 / passed_s,
            (updates - updates_then) as f64 / passed_s,
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_are_those_of_the_last_seconds() {
        let mut rates = Rates::default();
        for tenth in 0..200_u64 {
            // A thousand decisions per second, and none after ten seconds.
            rates.count(tenth as f64 * 0.1, tenth.min(100) * 100, tenth.min(100) * 10);
            if tenth == 90 {
                let (decisions, updates) = rates.a_second();
                assert!((decisions - 1_000.0).abs() < 1.0 && (updates - 100.0).abs() < 0.1);
            }
        }
        assert_eq!(rates.a_second(), (0.0, 0.0));
    }

    #[test]
    fn what_begins_anew_has_no_negative_rate() {
        let mut rates = Rates::default();
        rates.count(0.0, 500, 50);
        rates.count(1.0, 0, 0);
        rates.count(2.0, 10, 1);
        assert_eq!(rates.a_second(), (10.0, 1.0));
    }
}
