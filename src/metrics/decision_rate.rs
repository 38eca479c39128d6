//! Decision rate and remaining time of a run. It does not read a clock: the caller passes the time.

/// Weight of the current rate in the smoothed rate, per second of its time span.
const FORGETTING_PER_S: f64 = 0.2;

/// Smoothed rate of decisions, and progress of the run.
#[derive(Clone, Debug, PartialEq)]
pub struct DecisionRate {
    total_decisions: u64,
    decisions: u64,
    elapsed_s: f64,
    per_s: Option<f64>,
}

impl DecisionRate {
    /// Creates the rate of a run of `total_decisions` that has taken `decisions` at time 0 s.
    pub fn new(total_decisions: u64, decisions: u64) -> Self {
        Self {
            total_decisions,
            decisions,
            elapsed_s: 0.0,
            per_s: None,
        }
    }

    /// Records that `decisions` had been taken after `elapsed_s` seconds. Times that do not increase are ignored.
    pub fn update(&mut self, elapsed_s: f64, decisions: u64) {
        let span_s = elapsed_s - self.elapsed_s;
        if span_s <= 0.0 {
            return;
        }
        let now_per_s = decisions.saturating_sub(self.decisions) as f64 / span_s;
        // Decisions pause during evaluations; smoothing keeps the remaining time from jumping.
        let weight = (FORGETTING_PER_S * span_s).min(1.0);
        self.per_s = Some(self.per_s.map_or(now_per_s, |per_s| per_s + weight * (now_per_s - per_s)));
        (self.elapsed_s, self.decisions) = (elapsed_s, decisions);
    }

    /// Decisions per second, smoothed over about five seconds; `None` before the first update.
    pub fn decisions_per_s(&self) -> Option<f64> {
        self.per_s
    }

    /// Remaining time at this rate, in seconds; `None` while no decisions are taken.
    pub fn left_s(&self) -> Option<f64> {
        let left = self.total_decisions.saturating_sub(self.decisions) as f64;
        self.per_s.filter(|per_s| *per_s > 0.0).map(|per_s| left / per_s)
    }

    /// Completed fraction of the run, in 0..1.
    pub fn fraction(&self) -> f64 {
        if self.total_decisions == 0 {
            1.0
        } else {
            (self.decisions as f64 / self.total_decisions as f64).min(1.0)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_resumed_run_is_as_fast_as_it_goes_now_not_as_it_went_before() {
        let mut pace = DecisionRate::new(240_000, 120_000);
        assert_eq!((pace.decisions_per_s(), pace.left_s()), (None, None));
        pace.update(2.0, 122_000);
        assert_eq!(pace.decisions_per_s(), Some(1_000.0));
        assert_eq!(pace.left_s(), Some(118.0));
    }

    #[test]
    fn the_speed_follows_smoothly() {
        let mut pace = DecisionRate::new(1_000, 0);
        pace.update(1.0, 100);
        pace.update(2.0, 100);
        let slowed = pace.decisions_per_s().unwrap();
        assert!(60.0 < slowed && slowed < 100.0, "{slowed}");
        pace.update(60.0, 100);
        assert_eq!(
            (pace.decisions_per_s(), pace.left_s()),
            (Some(0.0), None),
            "nothing moves: no promise"
        );
    }

    #[test]
    fn a_clock_that_stands_still_divides_nothing() {
        let mut pace = DecisionRate::new(10, 0);
        pace.update(0.0, 5);
        assert_eq!(pace.decisions_per_s(), None);
        assert_eq!(DecisionRate::new(0, 0).fraction(), 1.0);
    }
}
