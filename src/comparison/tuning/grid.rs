//! What is searched for each method.

/// How many trials each method gets, whichever it is.
pub const TRIALS: usize = 5;

/// What is searched for a method.
#[derive(Clone, Copy, Debug)]
pub struct Tuning {
    /// Its name.
    pub method: &'static str,
    /// The setting that says how strongly it acts.
    pub path: &'static str,
    /// The first value, from the method's paper or from experience: it stays unless another one is clearly better.
    pub first: &'static str,
    /// The values that are tried, as TOML writes them; the first value is one of them.
    pub values: [&'static str; TRIALS],
}

/// Every method's grid.
///
/// Strengths whose published values differ by orders of magnitude, as importances have no natural scale, are searched in steps of ten.
/// Methods that are not here have no strength: see [`WITHOUT_STRENGTH`].
#[rustfmt::skip]
pub static TUNING: &[Tuning] = &[
    Tuning { method: "replay", path: "learner.replay.cloning_weight", first: "1.0", values: ["0.1", "0.3", "1.0", "3.0", "10.0"] },
    Tuning { method: "replay_boundary_free", path: "learner.replay_boundary_free.cloning_weight", first: "1.0", values: ["0.1", "0.3", "1.0", "3.0", "10.0"] },
    Tuning { method: "l2", path: "learner.l2.strength", first: "0.3", values: ["0.0003", "0.003", "0.03", "0.3", "3.0"] },
    Tuning { method: "ewc", path: "learner.ewc.strength", first: "0.3", values: ["0.0003", "0.003", "0.03", "0.3", "3.0"] },
    Tuning { method: "si", path: "learner.si.strength", first: "0.3", values: ["0.0003", "0.003", "0.03", "0.3", "3.0"] },
    Tuning { method: "mas", path: "learner.mas.strength", first: "0.3", values: ["0.0003", "0.003", "0.03", "0.3", "3.0"] },
    Tuning { method: "agem", path: "learner.agem.strength", first: "1.0", values: ["0.2", "0.4", "0.6", "0.8", "1.0"] },
    Tuning { method: "gradient_projection", path: "learner.gradient_projection.threshold", first: "0.97", values: ["0.5", "0.8", "0.9", "0.97", "0.99"] },
    Tuning { method: "packnet", path: "learner.packnet.share_of_a_task", first: "0.25", values: ["0.15", "0.2", "0.25", "0.3", "0.4"] },
    Tuning { method: "reset_distil", path: "learner.reset_distil.distillation_updates", first: "4000", values: ["500", "1000", "2000", "4000", "8000"] },
    Tuning { method: "self_supervised", path: "learner.self_supervised.weight", first: "1.0", values: ["0.1", "0.3", "1.0", "2.0", "5.0"] },
    Tuning { method: "continual_backprop", path: "learner.continual_backprop.replacement_rate", first: "1e-4", values: ["1e-5", "3e-5", "1e-4", "3e-4", "1e-3"] },
    Tuning { method: "redo", path: "learner.redo.threshold", first: "0.025", values: ["0.0", "0.01", "0.025", "0.05", "0.1"] },
    Tuning { method: "shrink_perturb", path: "learner.shrink_perturb.shrink", first: "1e-4", values: ["1e-6", "1e-5", "1e-4", "1e-3", "1e-2"] },
    Tuning { method: "l2_init", path: "learner.l2_init.strength", first: "1e-5", values: ["1e-6", "1e-5", "1e-4", "1e-3", "1e-2"] },
];

/// Bounds and controls that have no strength. Their step size is everybody's: searched in a shorter year it would come out too large.
pub static WITHOUT_STRENGTH: &[&str] = &["finetune", "scratch", "frozen", "joint"];

impl Tuning {
    /// What is searched for this method.
    pub fn find(method: &str) -> Option<&'static Self> {
        TUNING.iter().find(|tuning| tuning.method == method)
    }

    /// The override of a trial.
    pub(super) fn trial(&self, number: usize) -> String {
        self.set(self.values[number % TRIALS])
    }

    /// The override that sets a value.
    pub(super) fn set(&self, value: &str) -> String {
        format!("{}={value}", self.path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::comparison::testing::config;
    use crate::learner::METHODS;
    use crate::scenario::Scenario;
    use crate::scenario::overrides::{Override, apply};

    #[test]
    fn the_defaults_are_what_tuning_found() {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/tuning.toml");
        let found = crate::comparison::tuning::Tuned::read(&path).unwrap();
        assert_eq!(found.methods.len(), TUNING.len());
        let mut complete = toml::Table::new();
        complete.insert("scenario".to_owned(), Scenario::schema().complete().into());
        for method in &found.methods {
            let usual = config(&method.name, 0);
            let changes: Vec<Override> = method.set.iter().map(|set| set.parse().unwrap()).collect();
            assert_eq!(apply(&usual, &complete, &changes).unwrap(), usual, "{}", method.name);
            let values: Vec<String> = method.trials.iter().map(|trial| trial.set[0].clone()).collect();
            let grid = Tuning::find(&method.name).unwrap();
            assert_eq!(
                values,
                (0..TRIALS).map(|trial| grid.trial(trial)).collect::<Vec<_>>(),
                "{}",
                method.name
            );
        }
    }

    #[test]
    fn every_method_with_a_strength_has_one_line_of_values_that_differ_and_can_be_set_its_default_among_them() {
        assert_eq!(TUNING.len() + WITHOUT_STRENGTH.len(), METHODS.len());
        let mut complete = toml::Table::new();
        complete.insert("scenario".to_owned(), Scenario::schema().complete().into());
        for spec in METHODS.iter().filter(|spec| !WITHOUT_STRENGTH.contains(&spec.name)) {
            let tuning = Tuning::find(spec.name).unwrap_or_else(|| panic!("{} has no line in TUNING", spec.name));
            let usual = config(spec.name, 0);
            let tried: Vec<_> = (0..TRIALS)
                .map(|trial| {
                    let change: Override = tuning.trial(trial).parse().unwrap();
                    apply(&usual, &complete, &[change]).unwrap()
                })
                .collect();
            assert!(
                tuning.values.contains(&tuning.first),
                "{}: its first value is not tried",
                spec.name
            );
            assert!(tried.contains(&usual), "{}: its default is not among its values", spec.name);
            for (number, one) in tried.iter().enumerate() {
                assert!(!tried[..number].contains(one), "{}: a value is tried twice", spec.name);
            }
        }
    }
}
