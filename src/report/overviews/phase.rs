//! Phase diagrams of forgetting: conflict as an angle against the speed of change, a heat map for each method.

use std::collections::BTreeMap;

use super::OverviewSpec;
use crate::authoring::family::phase::PhaseCell;
use crate::evaluation::statistics::interquartile_mean;
use crate::report::figures::canvas::{Ink, picture};
use crate::report::figures::heat::HeatMap;
use crate::report::figures::{Exhibit, PicturePanels};
use crate::report::measured::{average_performance, cell, forgetting};
use crate::report::phase::{Diagram, diagrams};
use crate::report::table::grouped;
use crate::report::{Cell, Column, DEFAULT_BASELINE, ReportError, Section, Table, section};

pub(super) const SPEC: OverviewSpec = OverviewSpec {
    name: "phase",
    title: "Phase diagrams of forgetting",
    reading: "To the right the angle between what the colours of plants mean in two seasons (0°: they agree; 90°: neither helps nor misleads; 180°: they are \
              swapped), upwards the part of a season in which it turns into the next one. Each cell is a garden with runs of its own: its number is the average \
              performance at the end (interquartile mean), its dots are the seeds, from −1.5 at its left edge to 1.5 at its right. Lines are contours at 0.25, 0.5 and \
              0.75. In the pictures of two methods, the number is the difference, and the line is where one overtakes the other: blue is where the first is \
              better.",
    make,
};

/// Levels of the contour lines of scores.
const LEVELS: [f64; 3] = [0.25, 0.5, 0.75];

fn make(sections: &[Section]) -> Result<Vec<Exhibit>, ReportError> {
    let mut exhibits = Vec::new();
    for (number, diagram) in diagrams(sections).iter().enumerate() {
        exhibits.push(exhibit(sections, diagram, number)?);
    }
    Ok(exhibits)
}

fn exhibit(sections: &[Section], diagram: &Diagram, number: usize) -> Result<Exhibit, ReportError> {
    let methods = section::methods(diagram.iter().map(|(_, section)| &sections[*section]));
    let settings = settings(&sections[diagram[0].1]);
    let mut pictures = Vec::new();
    for ground_changes in [false, true] {
        let grid = Grid::new(sections, diagram, ground_changes);
        if grid.columns.len() < 2 || grid.rows.len() < 2 {
            continue;
        }
        let ground = if ground_changes { "ground changes" } else { "same ground" };
        let fields: BTreeMap<&str, Field> = methods.iter().map(|method| (*method, grid.field(method))).collect();
        for method in &methods {
            pictures.push(grid.picture(&format!("{method}, {ground}"), &fields[method], &LEVELS, Ink::Text)?);
        }
        if let Some(baseline) = fields.get(DEFAULT_BASELINE) {
            for method in methods.iter().filter(|method| **method != DEFAULT_BASELINE) {
                let title = format!("{method} − {DEFAULT_BASELINE}, {ground}");
                pictures.push(grid.picture(&title, &fields[method].less(baseline), &[0.0], Ink::Other)?);
            }
        }
    }
    let table = table(sections, diagram, &methods, &settings, number);
    Ok(if pictures.is_empty() {
        Exhibit::Table(table)
    } else {
        Exhibit::Panels(PicturePanels { pictures, table })
    })
}

/// Returns in words what the cells of a diagram share.
fn settings(section: &Section) -> String {
    let config = &section.example().config;
    let boundaries = if config.declares_boundaries() {
        "boundaries declared"
    } else {
        "no boundary declared"
    };
    let senses = if config.scenario.robot.senses_rewards {
        ", the robot senses its last rewards"
    } else {
        ""
    };
    format!(
        "{} decisions a season, {boundaries}{senses}",
        grouped(config.decisions_per_season)
    )
}

/// The cells of a diagram on one kind of ground, by speed and angle.
struct Grid<'a> {
    /// Angles, ascending.
    columns: Vec<u16>,
    /// Parts of a season in which it turns, ascending.
    rows: Vec<f32>,
    cells: Vec<(PhaseCell, &'a Section)>,
}

/// Values of a method, by row and column of a [`Grid`].
struct Field {
    seeds: Vec<Vec<Vec<f64>>>,
    means: Vec<Vec<Option<f64>>>,
}

impl<'a> Grid<'a> {
    fn new(sections: &'a [Section], diagram: &Diagram, ground_changes: bool) -> Self {
        let here = diagram.iter().filter(|(place, _)| place.ground_changes == ground_changes);
        let cells: Vec<(PhaseCell, &Section)> = here.map(|(place, section)| (*place, &sections[*section])).collect();
        let mut columns: Vec<u16> = cells.iter().map(|(place, _)| place.angle_degrees).collect();
        columns.sort_unstable();
        columns.dedup();
        let mut rows: Vec<f32> = cells.iter().map(|(place, _)| place.turning_fraction).collect();
        rows.sort_by(f32::total_cmp);
        rows.dedup();
        Self { columns, rows, cells }
    }

    fn field(&self, method: &str) -> Field {
        let values = |turning_fraction: f32, angle_degrees: u16| -> Vec<f64> {
            let cell = self
                .cells
                .iter()
                .find(|(place, _)| place.turning_fraction == turning_fraction && place.angle_degrees == angle_degrees);
            let values = cell.and_then(|(_, section)| average_performance(section, section.series_of(method)?).ok());
            values.unwrap_or_default()
        };
        let rows = self.rows.iter();
        let seeds: Vec<Vec<Vec<f64>>> = rows
            .map(|row| self.columns.iter().map(|column| values(*row, *column)).collect())
            .collect();
        let mean = |values: &Vec<f64>| interquartile_mean(values).ok();
        let means = seeds.iter().map(|row| row.iter().map(mean).collect()).collect();
        Field { seeds, means }
    }

    fn picture(&self, title: &str, field: &Field, levels: &[f64], line: Ink) -> Result<String, ReportError> {
        let columns: Vec<String> = self.columns.iter().map(|degrees| format!("{degrees}°")).collect();
        let rows: Vec<String> = self
            .rows
            .iter()
            .map(|fraction| {
                if *fraction > 0.0 {
                    format!("{fraction}")
                } else {
                    "at once".to_owned()
                }
            })
            .collect();
        let map = HeatMap {
            title,
            columns: (&columns, "angle between the seasons"),
            rows: (&rows, "turning"),
            seeds: &field.seeds,
            field: &field.means,
            levels,
            line,
        };
        let (width, height) = map.size();
        picture(width, height, title, |canvas| map.draw(canvas))
    }
}

impl Field {
    /// Returns the differences to another field. Seeds belong together in the order in which they are; where their numbers differ, none is shown.
    fn less(&self, other: &Self) -> Self {
        let seeds = self.seeds.iter().zip(&other.seeds).map(|(own, other)| {
            let cells = own.iter().zip(other);
            let cells = cells.map(|(own, other)| {
                if own.len() == other.len() {
                    own.iter().zip(other).map(|(own, other)| own - other).collect()
                } else {
                    Vec::new()
                }
            });
            cells.collect()
        });
        let means = self.means.iter().zip(&other.means).map(|(own, other)| {
            let cells = own.iter().zip(other).map(|(own, other)| Some((*own)? - (*other)?));
            cells.collect()
        });
        Self {
            seeds: seeds.collect(),
            means: means.collect(),
        }
    }
}

fn table(sections: &[Section], diagram: &Diagram, methods: &[&str], settings: &str, number: usize) -> Table {
    let mut cells = diagram.clone();
    cells.sort_by(|(left, _), (right, _)| {
        (left.ground_changes, left.angle_degrees)
            .cmp(&(right.ground_changes, right.angle_degrees))
            .then(left.turning_fraction.total_cmp(&right.turning_fraction))
    });
    let rows = cells.iter().flat_map(|(place, section)| {
        let section = &sections[*section];
        methods.iter().filter_map(move |method| {
            let series = section.series_of(method)?;
            Some(vec![
                Cell::Code((*method).to_owned()),
                Cell::Text(if place.ground_changes { "changes" } else { "the same" }.to_owned()),
                Cell::count(place.angle_degrees.into()),
                Cell::number(place.turning_fraction.into()),
                cell(average_performance(section, series)),
                cell(forgetting(section, series)),
            ])
        })
    });
    Table {
        name: if number == 0 {
            SPEC.name.to_owned()
        } else {
            format!("{}_{}", SPEC.name, number + 1)
        },
        caption: format!("Conflict and speed of change: {settings}"),
        columns: vec![
            Column::plain("method"),
            Column::with("ground", "whether ground, sky and walls change with the season"),
            Column::with(
                "angle",
                "between the directions from fine to thirsty of both seasons, in OKLab, in degrees",
            ),
            Column::with(
                "turning",
                "part of a season in which it turns into the next one; 0 is at once",
            ),
            Column::with("average performance", "mean_j P[T][j]"),
            Column::with("forgetting", "P[end of first][first] - P[T][first]"),
        ],
        rows: rows.collect(),
        is_data: false,
    }
}
