//! Search of a method's strength: its grid, and how its settings shrink in a trial.

/// Number of trials per method.
pub const TRIALS: usize = 5;

/// Search grid of a method's strength.
#[derive(Clone, Copy, Debug)]
pub struct Tuning {
    /// Path of the setting, as in overrides.
    pub path: &'static str,
    /// First value, from the method's paper or from experience: it stays unless another one is clearly better.
    pub first: &'static str,
    /// Values to try, as TOML writes them; the first value is one of them. Strengths whose published values differ by orders of
    /// magnitude, as importances have no natural scale, are searched in steps of ten.
    pub values: [&'static str; TRIALS],
}

impl Tuning {
    /// Returns the override of a trial.
    pub fn trial(&self, number: usize) -> String {
        self.set(self.values[number % TRIALS])
    }

    /// Returns the override that sets a value.
    pub fn set(&self, value: &str) -> String {
        format!("{}={value}", self.path)
    }
}

/// Shortening of a run to a trial: a trial has `times` fewer decisions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shortening {
    /// Ratio of decisions.
    pub times: u64,
}

impl Shortening {
    /// Divides a count of decisions or updates; 0 stays off, everything else stays on.
    pub fn shorten(self, count: &mut u64) {
        *count = (*count / self.times).max(u64::from(*count > 0));
    }

    /// Divides a capacity.
    pub fn shrink(self, capacity: &mut usize) {
        *capacity = (*capacity / self.times as usize).max(usize::from(*capacity > 0));
    }

    /// Multiplies a rate per update, up to 1.
    pub fn quicken(self, rate: &mut f32) {
        *rate = (*rate * self.times as f32).min(1.0);
    }
}
