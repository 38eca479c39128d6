//! Table of all methods: performance and forgetting.

use super::{Exhibit, FigureSpec, references};
use crate::learner::Needs;
use crate::report::measured::{self, Measure};
use crate::report::{Cell, Column, Section, Series, Table};

pub(super) const SPEC: FigureSpec = FigureSpec {
    name: "overall",
    title: "Overall",
    reading: "The best method first. Values are interquartile means over seeds, with 95 % bootstrap intervals, or with the seeds themselves where \
              there are fewer than ten. A score of 0 is a driver that acts by chance, 1 the scripted gardener, and better scores are possible; scores fall \
              below 0 where a policy does harm. Not knowing and doing harm are told apart by the seasons kept and by the performance without \
              harm.",
    make: |section, _| {
        let words = references::line_to_reach(section).map(Exhibit::Text);
        Ok([Exhibit::Table(table(section))].into_iter().chain(words).collect())
    },
};

/// Measures as name, formula and function. `P[i][j]` is the score in season `j` after season `i`, `T` the last, `e(j)` the end of
/// `j`.
pub(in crate::report) const MEASURES: [(&str, &str, Measure); 12] = [
    ("average performance", "mean_j P[T][j]", measured::average_performance),
    (
        "without harm",
        "mean_j max(P[T][j], 0): average performance with scores below chance counted as chance",
        measured::performance_without_harm,
    ),
    (
        "seasons kept",
        "number of seasons with P[T][j] > P[last end of j][j] / 2 that were learned at all (0.05 at their ends), the last one included",
        measured::seasons_kept,
    ),
    (
        "forgetting",
        "mean_(j < n) P[last end of j][j] - P[T][j]",
        measured::forgetting,
    ),
    (
        "forgetting from best",
        "mean_j (max_(i >= 1) P[i][j] - P[T][j])",
        measured::forgetting_from_best,
    ),
    (
        "backward transfer",
        "mean_(j < n) P[T][j] - P[first end of j][j]",
        measured::backward_transfer,
    ),
    ("zero-shot", "mean_(j > 1) P[before j][j] - P[0][j]", measured::zero_shot),
    (
        "worst retained",
        "min_j min_(i >= first end of j) P[i][j]",
        measured::worst_retained,
    ),
    (
        "plasticity gap",
        "mean_j P_joint[T][j] - P[first end of j][j], joint of the same seed",
        measured::plasticity_gap,
    ),
    (
        "area",
        "mean_j AUC_j; AUC is the mean height of the curve of training episodes in season j of the first year, exploration included",
        measured::area,
    ),
    (
        "plasticity gap by area",
        "mean_j AUC_scratch_j - AUC_j; scratch of the same seed that explores as much: new networks in each season",
        measured::plasticity_gap_by_area,
    ),
    (
        "forward transfer",
        "mean_j (AUC_j - AUC_scratch_j) / (1 - AUC_scratch_j), with the areas of the plasticity gap by area; not defined where the denominator \
         is below 0.25 in any season of any seed",
        measured::forward_transfer,
    ),
];

fn table(section: &Section) -> Table {
    let first = [
        Column::plain("method"),
        Column::with(
            "needs",
            "what the method must be told: boundaries between seasons, or the season when it is tested",
        ),
        Column::plain("seeds"),
    ];
    let row = |series: &Series| {
        let measured = MEASURES
            .iter()
            .map(|(_, _, measure)| measured::cell(measure(section, series)));
        [
            Cell::Code(series.label.clone()),
            needs(series.needs),
            Cell::count(series.runs.len() as u64),
        ]
        .into_iter()
        .chain(measured)
        .collect()
    };
    Table {
        name: SPEC.name.to_owned(),
        caption: "All methods".to_owned(),
        columns: first
            .into_iter()
            .chain(MEASURES.iter().map(|(name, formula, _)| Column::with(name, formula)))
            .collect(),
        rows: section.series.iter().map(row).collect(),
        is_data: false,
    }
}

pub(super) fn needs(needs: Option<Needs>) -> Cell {
    needs.map_or_else(
        || Cell::Missing("this version does not know the method".to_owned()),
        |needs| Cell::Text(needs.to_string()),
    )
}
