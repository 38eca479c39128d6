//! Search grids. Each method's own file declares its grid ([`MethodSpec::tuning`](crate::learner::MethodSpec)).
//!
//! Bounds and controls have no strength. The step size is common to all methods and is not searched.

pub use crate::learner::methods::{TRIALS, Tuning};

use crate::learner::methods::{MethodSpec, all_methods, find_method};

/// Returns the search grid of a method; of a composition that of its last part, while the others have their defaults. Together with the
/// searches of the parts before it, that is a search by coordinates, with the same number of runs as any other.
pub fn grid(method: &str) -> Option<Tuning> {
    let last = method.rsplit('+').next()?;
    find_method(last.trim())?.tuning
}

/// Returns the methods that have a strength to search.
pub fn tunable() -> Vec<&'static MethodSpec> {
    all_methods().into_iter().filter(|spec| spec.tuning.is_some()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::comparison::preset::alone;
    use crate::comparison::testing::config;
    use crate::scenario::Scenario;
    use crate::scenario::overrides::{Override, apply};
    use crate::training::{DEFAULT_METHOD, RunConfig};

    /// Returns the default configuration of a method, and the same with these overrides.
    fn usual_and_with(method: &str, set: &[String]) -> (RunConfig, RunConfig) {
        let mut complete = toml::Table::new();
        complete.insert("scenario".to_owned(), Scenario::schema().complete().into());
        let usual = config(method, 0);
        let changes: Vec<Override> = set.iter().map(|set| set.parse().unwrap()).collect();
        let changed = apply(&usual, &complete, &changes).unwrap();
        (usual, changed)
    }

    #[test]
    fn the_defaults_are_what_tuning_found() {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/tuning.toml");
        let found = crate::comparison::tuning::Tuned::read(&path).unwrap();
        // What was not searched yet has the first values of its grid.
        let set_of = |name: &str| {
            found
                .methods
                .iter()
                .find(|method| method.name == name)
                .map(|method| method.set.clone())
        };
        for spec in tunable() {
            let set = match (alone(spec.name), set_of(spec.name)) {
                // Its default is what was found for the default composition.
                (&[_, ..], found) => {
                    assert!(found.is_none_or(|found| found == alone(spec.name)), "{}", spec.name);
                    assert!(DEFAULT_METHOD.ends_with(spec.name), "{}", spec.name);
                    set_of(DEFAULT_METHOD)
                }
                ([], found) => found,
            };
            let set = set.unwrap_or_else(|| grid(spec.name).unwrap().first());
            let (usual, changed) = usual_and_with(spec.name, &set);
            assert_eq!(changed, usual, "{}", spec.name);
        }
        for method in &found.methods {
            let tried: Vec<_> = method.trials.iter().map(|trial| trial.set.clone()).collect();
            assert_eq!(tried, grid(&method.name).unwrap().trials(), "{}", method.name);
        }
    }

    #[test]
    fn the_trials_of_a_grid_differ_and_can_be_set_the_default_among_them() {
        for spec in tunable() {
            let tuning = grid(spec.name).unwrap();
            let combinations: usize = tuning.0.iter().map(|axis| axis.values.len()).product();
            assert_eq!(combinations, TRIALS, "{}", spec.name);
            let tried: Vec<_> = tuning.trials().iter().map(|set| usual_and_with(spec.name, set).1).collect();
            assert!(
                tuning.trials().contains(&tuning.first()),
                "{}: its first values are not tried",
                spec.name
            );
            assert!(
                tried.contains(&config(spec.name, 0)),
                "{}: its default is not among its trials",
                spec.name
            );
            for (number, one) in tried.iter().enumerate() {
                assert!(!tried[..number].contains(one), "{}: a trial is made twice", spec.name);
            }
        }
    }

    /// A search can find that a method does not help: one of its trials is the method without effect.
    #[test]
    fn a_strength_of_zero_is_among_the_trials() {
        // PackNet without a share, distillation without updates, a threshold that no context passes: off in their own ways.
        let off = ["0.0", "0", "1e6"];
        for spec in tunable() {
            let strength = grid(spec.name).unwrap().0[0];
            assert!(
                strength.values.iter().any(|value| off.contains(value)),
                "{}: {:?}",
                spec.name,
                strength.values
            );
        }
    }
}
