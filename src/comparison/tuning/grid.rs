//! Search grids. Each method's own file declares its grid ([`MethodSpec::tuning`](crate::learner::MethodSpec)).
//!
//! Bounds and controls have no strength. The step size is common to all methods and is not searched: in a shorter year it would
//! come out too large.

pub use crate::learner::methods::{TRIALS, Tuning};

use crate::learner::methods::{MethodSpec, all_methods, find_method};

/// Returns the search grid of a method.
pub fn grid(method: &str) -> Option<Tuning> {
    find_method(method)?.tuning
}

/// Returns the methods that have a strength to search.
pub fn tunable() -> Vec<&'static MethodSpec> {
    all_methods().into_iter().filter(|spec| spec.tuning.is_some()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::comparison::testing::config;
    use crate::scenario::Scenario;
    use crate::scenario::overrides::{Override, apply};

    #[test]
    fn the_defaults_are_what_tuning_found() {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/tuning.toml");
        let found = crate::comparison::tuning::Tuned::read(&path).unwrap();
        let mut complete = toml::Table::new();
        complete.insert("scenario".to_owned(), Scenario::schema().complete().into());
        // What was not searched yet has the first value of its grid.
        for spec in tunable() {
            if found.methods.iter().any(|method| method.name == spec.name) {
                continue;
            }
            let (usual, searched) = (config(spec.name, 0), grid(spec.name).unwrap());
            let first: Override = searched.set(searched.first).parse().unwrap();
            assert_eq!(apply(&usual, &complete, &[first]).unwrap(), usual, "{}", spec.name);
        }
        for method in &found.methods {
            let usual = config(&method.name, 0);
            let changes: Vec<Override> = method.set.iter().map(|set| set.parse().unwrap()).collect();
            assert_eq!(apply(&usual, &complete, &changes).unwrap(), usual, "{}", method.name);
            let values: Vec<String> = method.trials.iter().map(|trial| trial.set[0].clone()).collect();
            let searched = grid(&method.name).unwrap();
            assert_eq!(
                values,
                (0..TRIALS).map(|trial| searched.trial(trial)).collect::<Vec<_>>(),
                "{}",
                method.name
            );
        }
    }

    #[test]
    fn the_values_of_a_grid_differ_and_can_be_set_the_default_among_them() {
        let mut complete = toml::Table::new();
        complete.insert("scenario".to_owned(), Scenario::schema().complete().into());
        for spec in tunable() {
            let tuning = grid(spec.name).unwrap();
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
