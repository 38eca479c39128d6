//! Forecast and measured forgetting of fine-tuning, garden by garden.

use super::OverviewSpec;
use super::scatter::scatter;
use crate::evaluation::statistics::{interquartile_mean, rank_correlation};
use crate::report::figures::canvas::{Ink, spread};
use crate::report::figures::{Exhibit, PicturePanels};
use crate::report::measured::{self, forgetting};
use crate::report::table::decimals;
use crate::report::{Cell, Column, ReportError, Section, Table};

pub(super) const SPEC: OverviewSpec = OverviewSpec {
    name: "forecast",
    title: "Forecast and measured forgetting",
    reading: "Each point is a garden: to the right what `scenario probe` forecasts before anything is trained, upwards what fine-tuning then forgot \
              (interquartile mean over seeds, with 95 % intervals, or with single runs as small dots where there are fewer than ten). On the line they are equal.",
    make,
};

/// Least number of gardens that are drawn.
const LEAST_GARDENS: usize = 3;

/// A garden with what was forecast and what came true.
struct Garden {
    name: String,
    forecast: f64,
    measured: Cell,
    value: f64,
}

fn make(sections: &[Section]) -> Result<Vec<Exhibit>, ReportError> {
    let gardens: Vec<Garden> = sections.iter().filter_map(garden).collect();
    if gardens.len() < LEAST_GARDENS {
        return Ok(Vec::new());
    }
    let [forecast, measured]: [Vec<f64>; 2] = [
        gardens.iter().map(|garden| garden.forecast).collect(),
        gardens.iter().map(|garden| garden.value).collect(),
    ];
    let words = match rank_correlation(&forecast, &measured) {
        Ok(correlation) => format!(
            "Rank correlation (Spearman) of forecast and measured forgetting over {} gardens: {}.",
            gardens.len(),
            decimals(correlation)
        ),
        Err(why) => format!("The rank correlation is not defined: {why}."),
    };
    let rows = gardens.iter().map(|garden| {
        vec![
            Cell::Text(garden.name.clone()),
            Cell::number(garden.forecast),
            garden.measured.clone(),
        ]
    });
    let table = Table {
        name: SPEC.name.to_owned(),
        caption: "Forgetting of fine-tuning, forecast and measured".to_owned(),
        columns: vec![
            Column::plain("setting"),
            Column::with("forecast", "mean over all seasons but the last"),
            Column::with("measured", "mean_(j < n) P[last end of j][j] - P[T][j]"),
        ],
        rows: rows.collect(),
        is_data: false,
    };
    let pictures = vec![draw(&gardens)?];
    Ok(vec![Exhibit::Text(words), Exhibit::Panels(PicturePanels { pictures, table })])
}

fn garden(section: &Section) -> Option<Garden> {
    let forecast = section.forecast()?.forgetting();
    let values = forgetting(section, section.series_of("finetune")?);
    let value = values.as_ref().ok().and_then(|values| interquartile_mean(values).ok())?;
    Some(Garden {
        name: section.title.clone(),
        forecast,
        measured: measured::cell(values),
        value,
    })
}

fn draw(gardens: &[Garden]) -> Result<String, ReportError> {
    let both = |garden: &Garden| {
        let (low, high) = match &garden.measured {
            Cell::Estimate { estimate, spread } => spread.ends(estimate),
            _ => (garden.value, garden.value),
        };
        [garden.forecast, low, high]
    };
    let values: Vec<f64> = gardens.iter().flat_map(both).collect();
    scatter(
        "Measured against forecast forgetting",
        ("forecast", "measured forgetting"),
        &values,
        |canvas, horizontal, vertical| {
            for garden in gardens {
                let (x, y) = (horizontal.at(garden.forecast), vertical.at(garden.value));
                if let Cell::Estimate { estimate, spread: runs } = &garden.measured {
                    spread(canvas, runs, estimate, x, vertical, Ink::Main);
                }
                canvas.dot((x, y), 4.0, Ink::Main);
            }
        },
    )
}
