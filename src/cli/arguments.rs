//! Arguments that several commands share.

use std::path::PathBuf;

#[cfg(feature = "window")]
use clap::builder::TypedValueParser;
use clap::builder::{PossibleValue, PossibleValuesParser};
use clap::{Args, ValueHint};
use perennial::rollout::{MAXIMUM_EPISODES, MAXIMUM_GARDENS};
use perennial::training::run_folder::DEFAULT_RESULTS_DIR;
use perennial::training::{MAXIMUM_DECISIONS_PER_SEASON, MAXIMUM_YEARS};

/// Folder for results.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Folders")]
pub(crate) struct ResultsDir {
    /// Folder that contains the runs, each in a folder of its own.
    #[arg(long, value_name = "DIR", default_value = DEFAULT_RESULTS_DIR, value_hint = ValueHint::DirPath)]
    pub(crate) results_dir: PathBuf,
}

/// A method, or several with `+` between them, as the learner's registry knows them: its canonical name.
pub(crate) fn method(name: &str) -> Result<String, String> {
    perennial::learner::plan(name)
        .map(|plan| plan.name())
        .map_err(|error| error.to_string())
}

/// The algorithms that the learner's registry knows.
pub(crate) fn algorithms() -> PossibleValuesParser {
    let known = perennial::learner::ALGORITHMS.iter();
    PossibleValuesParser::new(known.map(|spec| PossibleValue::new(spec.name).help(spec.summary)))
}

/// Parses the name of one of these values.
#[cfg(feature = "window")]
pub(crate) fn one_of<T: Copy + Send + Sync + 'static, const N: usize>(
    values: [T; N],
    name: fn(T) -> &'static str,
    summary: fn(T) -> &'static str,
) -> impl TypedValueParser<Value = T> {
    PossibleValuesParser::new(values.map(|value| PossibleValue::new(name(value)).help(summary(value)))).try_map(move |given| {
        let is_meant = |&value: &T| name(value) == given;
        values.into_iter().find(is_meant).ok_or("no such value")
    })
}

/// Returns the long help of `--method`: a list of all methods.
pub(crate) fn method_help() -> String {
    let methods = perennial::learner::METHODS
        .iter()
        .map(|spec| format!("\n- {}: {}", spec.name, spec.summary));
    format!(
        "Continual-learning method; several compose with `+`. `perennial methods` gives details.\n{}",
        methods.collect::<String>()
    )
}

/// Most seeds of a comparison.
const MAXIMUM_SEEDS: u64 = 1_000;
/// Most threads, and most runs at once.
const MAXIMUM_THREADS: u64 = 1_024;

/// Gardens side by side.
pub(crate) fn gardens(text: &str) -> Result<u64, String> {
    count(text, MAXIMUM_GARDENS as u64)
}

/// Decisions of a season.
pub(crate) fn decisions(text: &str) -> Result<u64, String> {
    count(text, MAXIMUM_DECISIONS_PER_SEASON)
}

/// Years of a run.
pub(crate) fn years(text: &str) -> Result<u64, String> {
    count(text, MAXIMUM_YEARS as u64)
}

/// Episodes in a season.
pub(crate) fn episodes(text: &str) -> Result<u64, String> {
    count(text, MAXIMUM_EPISODES as u64)
}

/// Seeds of a comparison.
pub(crate) fn seeds(text: &str) -> Result<u64, String> {
    count(text, MAXIMUM_SEEDS)
}

/// Threads, or runs that go on at once.
pub(crate) fn threads(text: &str) -> Result<u64, String> {
    count(text, MAXIMUM_THREADS)
}

/// A seed: as large as a configuration can say.
pub(crate) fn seed(text: &str) -> Result<u64, String> {
    whole_number(text, 0, i64::MAX as u64)
}

/// A whole number from 1 to `most`.
pub(crate) fn count(text: &str, most: u64) -> Result<u64, String> {
    whole_number(text, 1, most)
}

fn whole_number(text: &str, least: u64, most: u64) -> Result<u64, String> {
    match text.replace('_', "").parse() {
        Ok(number) if (least..=most).contains(&number) => Ok(number),
        _ => Err(format!("must be a whole number from {least} to {most}")),
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
    fn numbers_may_be_written_readably_and_have_a_range_that_is_told() {
        assert_eq!(decisions("60_000"), Ok(60_000));
        for (most, range) in [
            (gardens as fn(&str) -> _, 4_096),
            (years, 1_000),
            (episodes, 100_000),
            (seeds, 1_000),
            (threads, 1_024),
        ] {
            assert_eq!(most(&range.to_string()), Ok(range));
            for wrong in ["0", "-1", "many", "1.5", "", "61489146912365173", "99999999999999999999999"] {
                assert_eq!(
                    most(wrong),
                    Err(format!("must be a whole number from 1 to {range}")),
                    "{wrong}"
                );
            }
        }
        assert_eq!((seed("0"), seed("12345")), (Ok(0), Ok(12_345)));
        assert!(
            seed("9223372036854775808")
                .unwrap_err()
                .contains("from 0 to 9223372036854775807")
        );
    }

    #[test]
    fn a_composition_is_read_in_canonical_form() {
        for text in ["replay + ewc", "ewc+replay"] {
            assert_eq!(method(text), Ok("replay+ewc".to_owned()));
        }
    }
}
