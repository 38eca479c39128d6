//! Measured result of an application of continual learning: what `perennial apply` writes and a report shows.
//!
//! Every application has the same form: values of some measures, for each seed, under some conditions that can be placed along an axis; and bars
//! that a measure has to reach under one condition. A condition's value is the interquartile mean over its seeds.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Undefined;
use super::statistics::interquartile_mean;

/// Beginning of the file names of results; the name of the application follows.
pub const RESULT_PREFIX: &str = "application-";

/// Measured result of one application.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ApplicationResult {
    /// Version of the program.
    pub version: String,
    /// Name of the application.
    pub application: String,
    /// Question that it answers.
    pub question: String,
    /// Command that makes the result.
    pub command: String,
    /// Meaning of a condition's place.
    pub across: String,
    /// Measure that the figure shows.
    pub shown: String,
    /// Measures, in the order of the table.
    pub measures: Vec<ApplicationMeasure>,
    /// Bars to be reached.
    pub bars: Vec<ApplicationBar>,
    /// Values, condition by condition.
    pub points: Vec<ApplicationPoint>,
}

/// A measured quantity.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ApplicationMeasure {
    /// Name, as in tables.
    pub name: String,
    /// Formula or explanation.
    pub meaning: String,
    /// `true` for counts and bytes, which are shown without decimals.
    pub is_count: bool,
}

impl ApplicationMeasure {
    /// Creates a measure with decimals.
    pub fn number(name: &str, meaning: &str) -> Self {
        Self {
            name: name.to_owned(),
            meaning: meaning.to_owned(),
            is_count: false,
        }
    }

    /// Creates a measure that counts.
    pub fn count(name: &str, meaning: &str) -> Self {
        Self {
            is_count: true,
            ..Self::number(name, meaning)
        }
    }
}

/// A value that a measure has to reach.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ApplicationBar {
    /// Condition under which it is to be reached.
    pub condition: String,
    /// Measure.
    pub measure: String,
    /// Least or greatest value that counts as reached.
    pub bound: Bound,
    /// Value that would be better still.
    pub aim: Option<Bound>,
}

/// Limit of a value.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Bound {
    /// The value or more.
    AtLeast(f64),
    /// The value or less.
    AtMost(f64),
}

impl Bound {
    /// Returns `true` if the limit is kept.
    pub fn holds(self, value: f64) -> bool {
        match self {
            Self::AtLeast(least) => value >= least,
            Self::AtMost(most) => value <= most,
        }
    }
}

impl std::fmt::Display for Bound {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::AtLeast(least) => write!(formatter, "at least {least}"),
            Self::AtMost(most) => write!(formatter, "at most {most}"),
        }
    }
}

/// Values of one seed under one condition.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ApplicationPoint {
    /// Condition.
    pub condition: String,
    /// Place of the condition along the axis; none if it has none.
    pub place: Option<f64>,
    /// Seed.
    pub seed: u64,
    /// Values by the names of their measures; none where a value is not defined.
    pub values: BTreeMap<String, Option<f64>>,
}

impl ApplicationPoint {
    /// Creates a point.
    pub fn new(condition: &str, place: Option<f64>, seed: u64, values: &[(&str, Option<f64>)]) -> Self {
        Self {
            condition: condition.to_owned(),
            place,
            seed,
            values: values.iter().map(|(name, value)| ((*name).to_owned(), *value)).collect(),
        }
    }
}

/// Verdict on a bar.
#[derive(Clone, Debug, PartialEq)]
pub struct BarVerdict {
    /// Interquartile mean of the measure; none if a seed has no value.
    pub value: Option<f64>,
    /// `true` if the bar is reached.
    pub is_reached: bool,
    /// `true` if the aim is reached; none if there is none.
    pub reaches_aim: Option<bool>,
}

impl ApplicationResult {
    /// Returns the file name of an application's result.
    pub fn file_name(application: &str) -> String {
        format!("{RESULT_PREFIX}{application}.json")
    }

    /// Returns the conditions with their places, in order.
    pub fn conditions(&self) -> Vec<(&str, Option<f64>)> {
        let mut conditions: Vec<(&str, Option<f64>)> = Vec::new();
        for point in &self.points {
            if !conditions.iter().any(|(name, _)| *name == point.condition) {
                conditions.push((&point.condition, point.place));
            }
        }
        conditions
    }

    /// Returns the number of different seeds.
    pub fn seeds(&self) -> usize {
        let seeds: std::collections::BTreeSet<u64> = self.points.iter().map(|point| point.seed).collect();
        seeds.len()
    }

    /// Returns the values of a measure under a condition, one for each seed that was measured.
    ///
    /// # Errors
    /// A seed has no value, or there is none at all.
    pub fn values(&self, condition: &str, measure: &str) -> Result<Vec<f64>, Undefined> {
        let here = self.points.iter().filter(|point| point.condition == condition);
        let values = here
            .filter_map(|point| point.values.get(measure))
            .copied()
            .collect::<Option<Vec<f64>>>();
        match values {
            Some(values) if !values.is_empty() => Ok(values),
            _ => Err(Undefined::NoValues {
                what: "measure under this condition (every seed has to have one)",
            }),
        }
    }

    /// Says whether a bar is reached.
    pub fn verdict(&self, bar: &ApplicationBar) -> BarVerdict {
        let values = self.values(&bar.condition, &bar.measure);
        let value = values.and_then(|values| interquartile_mean(&values)).ok();
        BarVerdict {
            value,
            is_reached: value.is_some_and(|value| bar.bound.holds(value)),
            reaches_aim: bar.aim.map(|aim| value.is_some_and(|value| aim.holds(value))),
        }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A result of two conditions and three seeds.
    pub(crate) fn example() -> ApplicationResult {
        let point = |condition, place, seed, gain| ApplicationPoint::new(condition, Some(place), seed, &[("gain", gain)]);
        ApplicationResult {
            version: "0.1.0".to_owned(),
            application: "warm-start".to_owned(),
            question: "what does a warm start save".to_owned(),
            command: "perennial apply warm-start".to_owned(),
            across: "angle".to_owned(),
            shown: "gain".to_owned(),
            measures: vec![ApplicationMeasure::number("gain", "scratch / warm")],
            bars: vec![ApplicationBar {
                condition: "near".to_owned(),
                measure: "gain".to_owned(),
                bound: Bound::AtLeast(3.0),
                aim: Some(Bound::AtLeast(10.0)),
            }],
            points: vec![
                point("near", 30.0, 0, Some(4.0)),
                point("near", 30.0, 1, Some(6.0)),
                point("near", 30.0, 2, Some(5.0)),
                point("far", 180.0, 0, Some(0.5)),
                point("far", 180.0, 1, None),
                point("far", 180.0, 2, Some(0.7)),
            ],
        }
    }

    #[test]
    fn a_bar_is_reached_by_the_mean_of_all_seeds_or_not_at_all() {
        let result = example();
        let verdict = result.verdict(&result.bars[0]);
        assert_eq!(
            verdict,
            BarVerdict {
                value: Some(5.0),
                is_reached: true,
                reaches_aim: Some(false)
            }
        );
        let far = ApplicationBar {
            condition: "far".to_owned(),
            ..result.bars[0].clone()
        };
        assert_eq!(
            result.verdict(&far).value,
            None,
            "a seed that never got there is not left out"
        );
        assert!(!result.verdict(&far).is_reached);
        assert!(Bound::AtMost(0.02).holds(0.02) && !Bound::AtMost(0.02).holds(0.021));
    }

    #[test]
    fn a_result_survives_its_file_and_knows_its_conditions() {
        let result = example();
        let text = serde_json::to_string_pretty(&result).unwrap();
        assert_eq!(serde_json::from_str::<ApplicationResult>(&text).unwrap(), result);
        assert_eq!(result.conditions(), [("near", Some(30.0)), ("far", Some(180.0))]);
        assert_eq!(result.seeds(), 3);
    }
}
