//! Use of water: the behaviour behind the scores.

use super::{Exhibit, FigureSpec};
use crate::evaluation::measures::WateringCount;
use crate::report::measured;
use crate::report::{Cell, Column, Run, Section, Series, Table};
use crate::scenario::SPRAY_L;

pub(super) const SPEC: FigureSpec = FigureSpec {
    name: "watering",
    title: "Watering",
    reading: "How water was used in the last evaluation, all seasons together. Interquartile means over seeds with 95 % intervals. A spray is \
              half a litre; it is correct if the plant that it met was thirsty.",
    make: |section, _| Ok(vec![Exhibit::Table(table(section))]),
};

fn table(section: &Section) -> Table {
    let row = |series: &Series| {
        let of = |measure: fn(&WateringCount) -> Result<f64, crate::evaluation::Undefined>| {
            measured::cell(series.values(|run| measure(&all_seasons(run))))
        };
        vec![
            Cell::Code(series.label.clone()),
            of(|count| count.thirst_relieved_per_l(SPRAY_L)),
            of(WateringCount::correct_percent),
        ]
    };
    Table {
        name: SPEC.name.to_owned(),
        caption: "How water was used".to_owned(),
        columns: vec![
            Column::plain("method"),
            Column::with(
                "thirst relieved a litre",
                "sum of the thirst (0 to 1) that plants had before they were watered, a litre of water",
            ),
            Column::with("correct waterings of 100", "sprays that met a thirsty plant, in 100 sprays"),
        ],
        rows: section.series.iter().map(row).collect(),
        is_data: false,
    }
}

fn all_seasons(run: &Run) -> WateringCount {
    run.summary.watering.iter().copied().sum()
}
