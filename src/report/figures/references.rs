//! Scores of the drivers that learn nothing: what they are measured by, and the line to reach.

use super::{Exhibit, FigureSpec};
use crate::agent::drivers::ReferenceDriver;
use crate::evaluation::{ScoreBaseline, Undefined, measures};
use crate::report::table::decimals;
use crate::report::{Cell, Column, Section, Table};

pub(super) const SPEC: FigureSpec = FigureSpec {
    name: "references",
    title: "Drivers to compare with",
    reading: "Scores of drivers that learn nothing, in the same probe gardens. Scores are measured by two of them: the random driver is 0, the \
              gardener, which goes to the nearest thirsty plant, 1. The planning gardener sets the score to beat: it knows the true thirst and \
              plans its way. A driver that does nothing at all tells what not acting is worth: a policy below it does harm.",
    make: |section, _| Ok(vec![Exhibit::Table(table(section))]),
};

/// Returns the return of a driver in a season.
fn return_of(driver: ReferenceDriver, baseline: &ScoreBaseline) -> Option<f64> {
    match driver {
        ReferenceDriver::Gardener => Some(baseline.gardener_return),
        ReferenceDriver::Planner => baseline.planner_return,
        ReferenceDriver::Idle => baseline.idle_return,
        ReferenceDriver::Random => Some(baseline.random_return),
    }
}

/// Returns the score of a driver in each season.
fn scores(section: &Section, driver: ReferenceDriver) -> Vec<Result<f64, String>> {
    let matrix = &section.example().matrix;
    let score = |(season, baseline): (usize, &ScoreBaseline)| {
        let earned = return_of(driver, baseline).ok_or("these runs are of a version that did not measure this driver")?;
        matrix.score_of(season, earned).map_err(|why: Undefined| why.to_string())
    };
    matrix.baselines().iter().enumerate().map(score).collect()
}

/// Returns the mean score of a driver over all seasons.
pub(super) fn mean_score(section: &Section, driver: ReferenceDriver) -> Result<f64, String> {
    let scores: Vec<f64> = scores(section, driver).into_iter().collect::<Result<_, _>>()?;
    measures::mean("score of a driver", &scores).map_err(|why| why.to_string())
}

/// Returns in words that 1 is no ceiling, and which score is the line to reach; `None` where the planning gardener was not measured.
pub(super) fn line_to_reach(section: &Section) -> Option<String> {
    let planner = mean_score(section, ReferenceDriver::Planner).ok()?;
    let idle = mean_score(section, ReferenceDriver::Idle).map_or_else(
        |_| String::new(),
        |idle| format!(", a driver that does nothing scores {}", decimals(idle)),
    );
    Some(format!(
        "Scores can exceed 1; the score to beat is that of the planning gardener, which scores {} on average over the seasons{idle}.",
        decimals(planner)
    ))
}

fn table(section: &Section) -> Table {
    let cell = |score: Result<f64, String>| score.map_or_else(Cell::Missing, Cell::number);
    // A hundred columns cannot be read.
    let seasons: &[String] = if section.is_long_life() {
        &[]
    } else {
        &section.example().summary.seasons
    };
    let row = |driver: ReferenceDriver| {
        let head = [
            Cell::Code(driver.name().to_owned()),
            Cell::Text(driver.summary().to_owned()),
            cell(mean_score(section, driver)),
        ];
        head.into_iter()
            .chain(scores(section, driver).into_iter().take(seasons.len()).map(cell))
            .collect()
    };
    Table {
        name: SPEC.name.to_owned(),
        caption: "Scores of the reference drivers".to_owned(),
        columns: [
            Column::plain("driver"),
            Column::plain("what it does"),
            Column::with("mean score", "over the seasons, as average performance"),
        ]
        .into_iter()
        .chain(seasons.iter().map(|season| Column::with(season, "score in this season")))
        .collect(),
        rows: [
            ReferenceDriver::Planner,
            ReferenceDriver::Gardener,
            ReferenceDriver::Idle,
            ReferenceDriver::Random,
        ]
        .map(row)
        .to_vec(),
        is_data: false,
    }
}
