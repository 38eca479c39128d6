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
    /// The values that are tried, as TOML writes them; the default is one of them.
    pub values: [&'static str; TRIALS],
}

/// Every method's grid. Methods that have no strength of their own search the step size, so that they get the same budget.
#[rustfmt::skip]
pub static TUNING: &[Tuning] = &[
    Tuning { method: "finetune", path: "learner.adam.learning_rate", values: ["2.5e-4", "5e-4", "1e-3", "2e-3", "4e-3"] },
    Tuning { method: "scratch", path: "learner.adam.learning_rate", values: ["2.5e-4", "5e-4", "1e-3", "2e-3", "4e-3"] },
    Tuning { method: "joint", path: "learner.adam.learning_rate", values: ["2.5e-4", "5e-4", "1e-3", "2e-3", "4e-3"] },
    Tuning { method: "frozen", path: "learner.adam.learning_rate", values: ["2.5e-4", "5e-4", "1e-3", "2e-3", "4e-3"] },
    Tuning { method: "replay", path: "learner.replay.cloning_weight", values: ["0.1", "0.3", "1.0", "3.0", "10.0"] },
    Tuning { method: "replay_boundary_free", path: "learner.replay_boundary_free.cloning_weight", values: ["0.1", "0.3", "1.0", "3.0", "10.0"] },
    Tuning { method: "l2", path: "learner.l2.strength", values: ["0.03", "0.1", "0.3", "1.0", "10.0"] },
    Tuning { method: "ewc", path: "learner.ewc.strength", values: ["0.03", "0.1", "0.3", "1.0", "10.0"] },
    Tuning { method: "si", path: "learner.si.strength", values: ["0.03", "0.1", "0.3", "1.0", "10.0"] },
    Tuning { method: "mas", path: "learner.mas.strength", values: ["0.03", "0.1", "0.3", "1.0", "10.0"] },
    Tuning { method: "agem", path: "learner.agem.strength", values: ["0.2", "0.4", "0.6", "0.8", "1.0"] },
    Tuning { method: "gradient_projection", path: "learner.gradient_projection.threshold", values: ["0.9", "0.95", "0.97", "0.98", "0.99"] },
    Tuning { method: "packnet", path: "learner.packnet.share_of_a_task", values: ["0.15", "0.2", "0.25", "0.3", "0.4"] },
    Tuning { method: "reset_distil", path: "learner.reset_distil.distillation_updates", values: ["500", "1000", "2000", "4000", "8000"] },
    Tuning { method: "self_supervised", path: "learner.self_supervised.weight", values: ["0.1", "0.3", "1.0", "2.0", "5.0"] },
    Tuning { method: "continual_backprop", path: "learner.continual_backprop.replacement_rate", values: ["1e-5", "3e-5", "1e-4", "3e-4", "1e-3"] },
    Tuning { method: "redo", path: "learner.redo.threshold", values: ["0.0", "0.01", "0.025", "0.05", "0.1"] },
    Tuning { method: "shrink_perturb", path: "learner.shrink_perturb.shrink", values: ["1e-5", "3e-5", "1e-4", "3e-4", "1e-3"] },
    Tuning { method: "l2_init", path: "learner.l2_init.strength", values: ["1e-6", "1e-5", "1e-4", "1e-3", "1e-2"] },
];

impl Tuning {
    /// What is searched for this method.
    pub fn find(method: &str) -> Option<&'static Self> {
        TUNING.iter().find(|tuning| tuning.method == method)
    }

    /// The override of a trial.
    pub(super) fn trial(&self, number: usize) -> String {
        format!("{}={}", self.path, self.values[number % TRIALS])
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
    fn every_method_has_one_line_of_values_that_differ_and_can_be_set_the_default_among_them() {
        assert_eq!(TUNING.len(), METHODS.len());
        let mut complete = toml::Table::new();
        complete.insert("scenario".to_owned(), Scenario::form().complete().into());
        for spec in METHODS {
            let tuning = Tuning::find(spec.name).unwrap_or_else(|| panic!("{} has no line in TUNING", spec.name));
            let usual = config(spec.name, 0);
            let tried: Vec<_> = (0..TRIALS)
                .map(|trial| {
                    let change: Override = tuning.trial(trial).parse().unwrap();
                    apply(&usual, &complete, &[change]).unwrap()
                })
                .collect();
            assert!(tried.contains(&usual), "{}: its default is not among its values", spec.name);
            for (number, one) in tried.iter().enumerate() {
                assert!(!tried[..number].contains(one), "{}: a value is tried twice", spec.name);
            }
        }
    }
}
