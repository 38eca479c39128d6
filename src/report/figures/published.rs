//! Published results of the same methods, next to those of the report.
//!
//! Continual World: Wolczyk et al. 2021, "Continual World: A Robotic Benchmark For Continual Reinforcement Learning"; ClonEx: Wolczyk et
//! al. 2022, "Disentangling Transfer in Continual Reinforcement Learning"; COOM: Tomilin et al. 2023, "COOM: A Game Benchmark for
//! Continual Reinforcement Learning".

use super::{Exhibit, FigureSpec};
use crate::learner::History;
use crate::report::measured;
use crate::report::{Cell, Column, Section, Series, Table};

pub(super) const SPEC: FigureSpec = FigureSpec {
    name: "published",
    title: "Published numbers",
    reading: "The order of methods can be compared, the numbers cannot. Continual World (CW20) is ten manipulation tasks of a robot arm, twice, \
              1 million steps each, learned by soft actor-critic with a head for each task; performance is the rate of success, between 0 \
              and 1, and its forgetting counts the last task as well. COOM is first-person games, their returns scaled to between 0 and 1. \
              Here it is one garden in changing looks, one head, the season not named, and a score that can pass 1 and fall below 0.",
    make: |section, _| Ok(vec![Exhibit::Table(table(section))]),
};

/// Published results of a method: performance, forgetting and forward transfer in CW20, performance in COOM.
struct Published {
    name: &'static str,
    /// Name of the method in this program.
    here: &'static str,
    /// `Some(true)` if the published method clones outputs, where this distinguishes two methods of the same name here.
    clones: Option<bool>,
    cw20: [Option<f64>; 3],
    coom: Option<f64>,
}

#[rustfmt::skip]
const PUBLISHED: [Published; 8] = [
    Published { name: "ClonEx (cloning)", here: "replay", clones: Some(true), cw20: [Some(0.87), None, Some(0.54)], coom: Some(0.73) },
    Published { name: "PackNet", here: "packnet", clones: None, cw20: [Some(0.80), Some(0.00), Some(0.18)], coom: Some(0.74) },
    Published { name: "EWC", here: "ewc", clones: None, cw20: [Some(0.60), Some(0.02), Some(-0.18)], coom: Some(0.54) },
    Published { name: "MAS", here: "mas", clones: None, cw20: [Some(0.51), Some(0.00), Some(-0.52)], coom: Some(0.56) },
    Published { name: "L2", here: "l2", clones: None, cw20: [Some(0.43), Some(0.02), Some(-0.73)], coom: Some(0.64) },
    Published { name: "reservoir replay", here: "replay", clones: Some(false), cw20: [Some(0.12), Some(0.07), Some(-1.34)], coom: None },
    Published { name: "A-GEM", here: "agem", clones: None, cw20: [Some(0.07), Some(0.71), Some(0.15)], coom: Some(0.28) },
    Published { name: "fine-tuning", here: "finetune", clones: None, cw20: [Some(0.05), Some(0.73), Some(0.20)], coom: Some(0.40) },
];

fn table(section: &Section) -> Table {
    let columns = [
        Column::plain("published method"),
        Column::with("CW20 performance", "mean rate of success at the end"),
        Column::with("CW20 forgetting", "mean_j (P[j][j] - P[T][j]), the last task included"),
        Column::with(
            "CW20 forward transfer",
            "mean_j (AUC_j - AUC_scratch_j) / (1 - AUC_scratch_j)",
        ),
        Column::with("COOM performance", "mean scaled return at the end"),
        Column::plain("here"),
        Column::with("average performance here", "mean_j P[T][j]"),
        Column::with("forgetting here", "mean_(j < n) P[last end of j][j] - P[T][j]"),
        Column::with(
            "forward transfer here",
            "mean_j (AUC_j - AUC_scratch_j) / (1 - AUC_scratch_j); not defined where the denominator is below 0.25",
        ),
    ];
    Table {
        name: SPEC.name.to_owned(),
        caption: "Published numbers beside ours".to_owned(),
        columns: columns.to_vec(),
        rows: PUBLISHED.iter().map(|published| row(section, published)).collect(),
        is_data: false,
    }
}

fn row(section: &Section, published: &Published) -> Vec<Cell> {
    let given = |value: Option<f64>| value.map_or_else(|| Cell::Missing("not published".to_owned()), Cell::number);
    let is_it = |series: &&Series| {
        let weight = series.runs[0].config.learner.replay.cloning_weight;
        series.method == published.here && published.clones.is_none_or(|clones| clones == (weight > 0.0))
    };
    // Prefers the unlimited method if it was also run with a limited history.
    let limited = |series: &&Series| series.runs[0].config.learner.history != History::Own;
    let mut ours: Vec<&Series> = section.series.iter().filter(is_it).collect();
    ours.sort_by_key(limited);
    let ours = ours.first().copied();
    let mut cells = vec![Cell::Text(published.name.to_owned())];
    cells.extend(published.cw20.map(given));
    cells.push(given(published.coom));
    let Some(series) = ours else {
        let weight = match published.clones {
            Some(false) => " with learner.replay.cloning_weight = 0",
            _ => "",
        };
        let why = format!("`{}`{weight} was not run with these settings", published.here);
        cells.extend(std::iter::repeat_n(Cell::Missing(why), 4));
        return cells;
    };
    cells.push(Cell::Code(series.label.clone()));
    cells.extend(
        [
            measured::average_performance,
            measured::forgetting,
            measured::forward_transfer,
        ]
        .map(|measure| measured::cell(measure(section, series))),
    );
    cells
}
