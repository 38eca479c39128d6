//! Arguments that several commands share.

use std::path::PathBuf;

use clap::{Args, ValueHint};
use perennial::training::run_folder::DEFAULT_RESULTS_DIR;

/// Where runs lie.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Where")]
pub(crate) struct ResultsDir {
    /// The folder in which runs lie, each in one of its own.
    #[arg(long, value_name = "DIR", default_value = DEFAULT_RESULTS_DIR, value_hint = ValueHint::DirPath)]
    pub(crate) results_dir: PathBuf,
}

/// A method, or several with `+` between them, as the learner's registry knows them.
pub(crate) fn method(name: &str) -> Result<String, String> {
    perennial::learner::plan(name)
        .map(|_| name.to_owned())
        .map_err(|error| error.to_string())
}

/// The algorithms that the learner's registry knows.
pub(crate) fn algorithms() -> clap::builder::PossibleValuesParser {
    let known = perennial::learner::ALGORITHMS.iter();
    clap::builder::PossibleValuesParser::new(known.map(|spec| clap::builder::PossibleValue::new(spec.name).help(spec.summary)))
}

/// What `--method` says of itself: every method with its line.
pub(crate) fn method_help() -> String {
    let methods = perennial::learner::METHODS
        .iter()
        .map(|spec| format!("\n- {}: {}", spec.name, spec.summary));
    format!(
        "What is done against forgetting; several compose with `+`. `perennial methods` says more.\n{}",
        methods.collect::<String>()
    )
}

/// A whole number of at least one.
pub(crate) fn at_least_one(text: &str) -> Result<u64, String> {
    match text.replace('_', "").parse() {
        Ok(0) => Err("must be at least 1".to_owned()),
        Ok(number) => Ok(number),
        Err(error) => Err(error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mistyped_method_is_told_the_nearest() {
        assert_eq!(method("replay"), Ok("replay".to_owned()));
        assert!(method("repaly").unwrap_err().contains("`replay`"));
        assert!(method_help().contains("finetune"));
    }

    #[test]
    fn numbers_may_be_written_readably_and_are_not_zero() {
        assert_eq!(at_least_one("60_000"), Ok(60_000));
        assert!(at_least_one("0").is_err() && at_least_one("-1").is_err() && at_least_one("many").is_err());
    }
}
