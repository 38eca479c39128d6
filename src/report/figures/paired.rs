//! Paired comparisons, seed by seed: which differences are claimed, and which are not.
//!
//! Methods are compared with the baseline, and other settings of a method with its own default settings: two questions, and two families of
//! claims. Within a family each measure is corrected for the number of its comparisons (Holm).

use super::{Exhibit, FigureSpec};
use crate::evaluation::statistics::{
    Estimate, LEAST_SEEDS, LEVEL, RESAMPLES, bootstrap, bootstrap_stream, holm, interquartile_mean, most_comparisons,
    probability_of_improvement, sign_flip,
};
use crate::report::measured::{self, BOOTSTRAP_SEED, Measure};
use crate::report::{Cell, Column, Section, Series, Spread, Table};

pub(super) const SPEC: FigureSpec = FigureSpec {
    name: "paired",
    title: "Paired comparison",
    reading: "Runs of the same seed share their gardens, so differences are taken seed by seed. A difference is claimed where its probability p \
              is at most 0.05: the fraction of all choices of signs of the differences whose mean is as far from 0 (an exact permutation \
              test, two-sided), corrected by Holm's method for the number of comparisons in its column, so that in each column at most one \
              study in twenty makes any false claim. Everything else cannot be told apart, whatever the means say. A probability of \
              improvement of 0.5 is no improvement.",
    make: |section, baseline| Ok(make(section, baseline)),
};

/// Words for a difference that is not claimed.
pub(in crate::report) const NOT_TOLD_APART: &str = "cannot be told apart";

/// A measure that is compared: its name, whether more is better, and its values.
struct Compared {
    name: &'static str,
    more_is_better: bool,
    measure: Measure,
}

const COMPARED: [Compared; 2] = [
    Compared {
        name: "average performance",
        more_is_better: true,
        measure: measured::average_performance,
    },
    Compared {
        name: "forgetting",
        more_is_better: false,
        measure: measured::forgetting,
    },
];

/// Differences of a series from another one, in one measure.
pub(in crate::report) struct Differences {
    /// Differences by stratum: those of one garden.
    pub(in crate::report) strata: Vec<Vec<f64>>,
    estimate: Estimate,
    /// Probability of the sign-flip test, before any correction.
    probability: f64,
}

impl Differences {
    /// Estimates and tests paired differences.
    pub(in crate::report) fn of(strata: Vec<Vec<f64>>) -> Result<Self, String> {
        let stream = || bootstrap_stream(BOOTSTRAP_SEED);
        let estimate = bootstrap(&strata, interquartile_mean, RESAMPLES, &mut stream()).map_err(|why| why.to_string())?;
        Ok(Self {
            estimate,
            probability: sign_flip(&strata.concat(), &mut stream()).map_err(|why| why.to_string())?,
            strata,
        })
    }

    fn count(&self) -> usize {
        self.strata.iter().map(Vec::len).sum()
    }
}

/// Returns for each comparison of a family the cells difference, corrected probability and verdict, and `Some(true)` if it is claimed to be
/// better, `Some(false)` if worse.
pub(in crate::report) fn verdicts(
    family: &[Result<Differences, String>],
    more_is_better: bool,
    spread: impl Fn(&Differences) -> Spread,
) -> Vec<([Cell; 3], Option<bool>)> {
    let probabilities: Vec<f64> = family.iter().flatten().map(|one| one.probability).collect();
    let mut corrected = holm(&probabilities).into_iter();
    let cells = family.iter().map(|one| {
        let one = match one {
            Ok(one) => one,
            Err(why) => return ([0; 3].map(|_| Cell::Missing(why.clone())), None),
        };
        let probability = corrected.next().unwrap_or(1.0);
        // The sign of what was tested.
        let mean: f64 = one.strata.iter().flatten().sum();
        let claim = (probability <= LEVEL).then_some((mean > 0.0) == more_is_better);
        let words = match claim {
            Some(true) => "better",
            Some(false) => "worse",
            None => NOT_TOLD_APART,
        };
        let cells = [
            Cell::Estimate {
                estimate: one.estimate,
                spread: spread(one),
            },
            Cell::probability(probability),
            Cell::Text(words.to_owned()),
        ];
        (cells, claim)
    });
    cells.collect()
}

fn make(section: &Section, baseline: &str) -> Vec<Exhibit> {
    let mut exhibits = Vec::new();
    match section.series_of(baseline) {
        None => exhibits.push(Exhibit::Text(format!(
            "There is no run of the baseline `{baseline}` with these settings to compare with."
        ))),
        Some(other) => {
            let is_its_methods =
                |series: &&Series| section.series_of(&series.method).is_some_and(|own| own.label == series.label);
            let methods: Vec<(&Series, &Series)> = section
                .series
                .iter()
                .filter(|series| series.label != other.label)
                .filter(is_its_methods)
                .map(|series| (series, other))
                .collect();
            if methods.is_empty() {
                exhibits.push(Exhibit::Text(format!(
                    "`{}` is the only method here: there is nothing to compare it with.",
                    other.label
                )));
            } else {
                let caption = format!("Each method against {}", other.label);
                exhibits.extend(family(section, "paired", &caption, &methods));
            }
        }
    }
    let settings: Vec<(&Series, &Series)> = section
        .series
        .iter()
        .filter_map(|series| Some((series, section.series_of(&series.method)?)))
        .filter(|(series, own)| own.is_usual() && own.label != series.label)
        .collect();
    if !settings.is_empty() {
        let caption = "Other settings of a method against its default settings";
        exhibits.extend(family(section, "paired_settings", caption, &settings));
    }
    exhibits
}

/// Returns the table of a family of comparisons, and its claims in words.
fn family(section: &Section, name: &str, caption: &str, pairs: &[(&Series, &Series)]) -> Vec<Exhibit> {
    let mut rows: Vec<Vec<Cell>> = pairs
        .iter()
        .map(|(series, other)| {
            vec![
                Cell::Code(series.label.clone()),
                Cell::Code(other.label.clone()),
                Cell::count(shared_seeds(series, other).len() as u64),
            ]
        })
        .collect();
    let mut columns = vec![
        Column::plain("method"),
        Column::plain("against"),
        Column::with("paired seeds", "seeds that both have"),
    ];
    let mut words = Vec::new();
    for compared in &COMPARED {
        let Compared {
            name,
            more_is_better,
            measure,
        } = compared;
        let differences: Vec<Result<Differences, String>> = pairs
            .iter()
            .map(|(series, other)| Differences::of(vec![paired(section, series, other, *measure)?]))
            .collect();
        let verdicts = verdicts(&differences, *more_is_better, |one| Spread::of(&one.strata.concat()));
        words.push(claims(name, pairs, &differences, &verdicts));
        for (row, (cells, _)) in rows.iter_mut().zip(verdicts) {
            row.extend(cells);
        }
        let better = if *more_is_better { "above" } else { "below" };
        columns.extend([
            Column::with(
                &format!("difference of {name}"),
                &format!("interquartile mean over seeds of the method's value less the other's; {better} 0 is better"),
            ),
            Column::with(
                &format!("p, {name}"),
                "fraction of all choices of signs that give a mean difference as far from 0, corrected for the number of comparisons (Holm)",
            ),
            Column::with(&format!("{name} is"), "better or worse where p is at most 0.05"),
        ]);
        if *more_is_better {
            columns.push(Column::with(
                "probability of improvement",
                "mean over pairs of runs of [x > y] + [x = y] / 2: how likely a run of the method has the higher average performance",
            ));
            for (row, (series, other)) in rows.iter_mut().zip(pairs) {
                row.push(improvement(section, series, other));
            }
        }
    }
    vec![
        Exhibit::Table(Table {
            name: name.to_owned(),
            caption: caption.to_owned(),
            columns,
            rows,
            is_data: false,
        }),
        Exhibit::Text(words.join(" ")),
    ]
}

fn shared_seeds(series: &Series, other: &Series) -> Vec<u64> {
    series.seeds().into_iter().filter(|seed| other.run(*seed).is_some()).collect()
}

/// Returns the differences of a measure, seed by seed.
pub(in crate::report) fn paired(
    section: &Section,
    series: &Series,
    other: &Series,
    measure: Measure,
) -> Result<Vec<f64>, String> {
    let seeds = shared_seeds(series, other);
    if seeds.is_empty() {
        return Err(format!("it has no seed in common with `{}`", other.label));
    }
    let first = measure(section, &series.with_seeds(&seeds))?;
    let second = measure(section, &other.with_seeds(&seeds))?;
    Ok(first.iter().zip(second).map(|(first, second)| first - second).collect())
}

fn improvement(section: &Section, series: &Series, other: &Series) -> Cell {
    let seeds = shared_seeds(series, other);
    let values = |series: &Series| measured::average_performance(section, &series.with_seeds(&seeds));
    let estimate = || {
        if seeds.is_empty() {
            return Err(format!("it has no seed in common with `{}`", other.label));
        }
        let (first, second) = (vec![values(series)?], vec![values(other)?]);
        probability_of_improvement(&first, &second, RESAMPLES, &mut bootstrap_stream(BOOTSTRAP_SEED))
            .map_err(|why| why.to_string())
    };
    let spread = if seeds.len() < LEAST_SEEDS {
        Spread::Nothing
    } else {
        Spread::Interval
    };
    estimate().map_or_else(Cell::Missing, |estimate| Cell::Estimate { estimate, spread })
}

/// Returns the claims of a family in words.
fn claims(
    name: &str,
    pairs: &[(&Series, &Series)],
    differences: &[Result<Differences, String>],
    verdicts: &[([Cell; 3], Option<bool>)],
) -> String {
    let compared = || {
        pairs
            .iter()
            .zip(differences)
            .zip(verdicts)
            .filter(|((_, one), _)| one.is_ok())
    };
    let named = |wanted: Option<bool>| {
        let labels = compared().filter(|(_, (_, claim))| *claim == wanted);
        let labels: Vec<String> = labels.map(|(((series, _), _), _)| format!("`{}`", series.label)).collect();
        if labels.is_empty() {
            "none".to_owned()
        } else {
            labels.join(", ")
        }
    };
    let count = compared().count();
    let mut words = format!(
        "In {name}, of {count} compared: better {}; worse {}; {NOT_TOLD_APART} {}.",
        named(Some(true)),
        named(Some(false)),
        named(None)
    );
    let fewest = differences.iter().flatten().map(Differences::count).min().unwrap_or(0);
    if count > 0 && most_comparisons(fewest) < count as u64 {
        let enough = (1..).find(|&seeds| most_comparisons(seeds) >= count as u64).unwrap_or(fewest);
        words += &format!(
            " Here some have only {fewest} seeds in common, with which {count} comparisons can tell little apart even if all seeds agree: that \
             takes {enough}."
        );
    }
    words
}
