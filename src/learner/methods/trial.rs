//! Search of a method's strength: the values that are tried.

/// Number of trials per method: every combination of the values of its axes.
pub const TRIALS: usize = 10;

/// Search grid of a method: one axis, or several that are combined. Together they have [`TRIALS`] combinations.
#[derive(Clone, Copy, Debug)]
pub struct Tuning(pub &'static [Axis]);

/// A setting that is searched.
#[derive(Clone, Copy, Debug)]
pub struct Axis {
    /// Path of the setting, as in overrides.
    pub path: &'static str,
    /// First value, from the method's paper or from experience: it stays unless another one is clearly better.
    pub first: &'static str,
    /// Values to try, as TOML writes them; the first value is one of them. The smallest strength is 0 or whatever else turns the method off,
    /// so that a search can find that it does not help. Strengths whose published values differ by orders of magnitude, as importances have
    /// no natural scale, are searched in steps of ten.
    pub values: &'static [&'static str],
}

impl Axis {
    fn set(&self, value: &str) -> String {
        format!("{}={value}", self.path)
    }
}

impl Tuning {
    /// Returns the overrides of trial `number`, one for each axis. The values of the first axis change fastest.
    pub fn trial(&self, mut number: usize) -> Vec<String> {
        let mut set = Vec::with_capacity(self.0.len());
        for axis in self.0 {
            let count = axis.values.len().max(1);
            set.extend(axis.values.get(number % count).map(|value| axis.set(value)));
            number /= count;
        }
        set
    }

    /// Returns the overrides of all trials.
    pub fn trials(&self) -> Vec<Vec<String>> {
        (0..TRIALS).map(|number| self.trial(number)).collect()
    }

    /// Returns the overrides that set the first values.
    pub fn first(&self) -> Vec<String> {
        self.0.iter().map(|axis| axis.set(axis.first)).collect()
    }
}
