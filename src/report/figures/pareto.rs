//! Average performance against cost, with the Pareto-optimal methods.

use super::canvas::{Canvas, Ink, Scale, Side, picture, spread, text_width, tick_text};
use super::{Exhibit, FigureSpec, PicturePanels, references};
use crate::agent::drivers::ReferenceDriver;
use crate::evaluation::statistics::Estimate;
use crate::learner::Needs;
use crate::report::measured::{average_performance, estimate, mean};
use crate::report::table::bytes_text;
use crate::report::{Cell, Column, ReportError, Section, Series, Spread, Table};

pub(super) const SPEC: FigureSpec = FigureSpec {
    name: "pareto",
    title: "Performance against cost",
    reading: "Upper left is better. Methods in blue are beaten by no other in both: at their cost or less, nothing here performs better; the \
              stepped line joins them. The orange line is the planning gardener. A method that learns all seasons at once is a bound, drawn but not ranked. Upright lines are 95 % intervals, \
              small dots single runs where there are fewer than ten. Which differences are more than chance is said in the paired comparison. The scale of costs is logarithmic unless one is 0. Where there \
              are many methods, the others are numbered, the best first, and named below.",
    make,
};

const SIZE: (f64, f64) = (560.0, 340.0);
const PLOT: (f64, f64, f64, f64) = (44.0, 548.0, 20.0, 290.0);
const LETTERS: f64 = 12.0;
/// Maximum number of methods labelled by name; with more, labels would overlap and numbers are used.
const MOST_NAMES: usize = 8;
/// Height of a line of the legend.
const LEGEND_LINE: f64 = 16.0;

/// A method with its cost and performance.
pub(super) struct ParetoPoint {
    pub(super) label: String,
    pub(super) needs: Option<Needs>,
    /// `true` if the method learns all seasons at once: a bound for the others, excluded from the ranking.
    pub(super) is_bound: bool,
    pub(super) cost: f64,
    pub(super) performance: Estimate,
    pub(super) spread: Spread,
}

/// A kind of cost: name, and formatting of its values.
pub(super) type Cost = (&'static str, &'static str, fn(f64) -> String);

/// Costs by which methods are ranked.
pub(super) const COSTS: [Cost; 2] = [
    ("compute", "multiply-adds a run", |value| format!("{value:.2e}")),
    ("storage", "bytes of experience and method state", bytes_text),
];

/// Returns the methods by cost, the cheapest first. Methods whose performance is not defined are omitted.
pub(super) fn pareto_points(section: &Section, cost: &Cost) -> Vec<ParetoPoint> {
    let point = |series: &Series| {
        let values = average_performance(section, series).ok()?;
        let spent = if cost.0 == COSTS[0].0 {
            mean(series, |run| run.summary.ledger.multiply_adds as f64)
        } else {
            mean(series, |run| run.summary.ledger.storage_bytes() as f64)
        };
        Some(ParetoPoint {
            label: series.label.clone(),
            needs: series.needs,
            is_bound: series.all_at_once,
            cost: spent,
            performance: estimate(&values).ok()?,
            spread: Spread::of(&values),
        })
    };
    let mut pareto_points: Vec<ParetoPoint> = section.series.iter().filter_map(point).collect();
    pareto_points.sort_by(|left, right| {
        let by_performance = || right.performance.value.total_cmp(&left.performance.value);
        left.cost.total_cmp(&right.cost).then_with(by_performance)
    });
    pareto_points
}

/// Returns `true` if the method is ranked, and no other is at least as good in both and better in one.
fn is_unbeaten(point: &ParetoPoint, all: &[ParetoPoint]) -> bool {
    let (cost, value) = (point.cost, point.performance.value);
    !point.is_bound
        && !all.iter().filter(|other| !other.is_bound).any(|other| {
            let other_value = other.performance.value;
            other.cost <= cost && other_value >= value && (other.cost < cost || other_value > value)
        })
}

fn make(section: &Section, _: &str) -> Result<Vec<Exhibit>, ReportError> {
    let mut pictures = Vec::new();
    let planner = references::mean_score(section, ReferenceDriver::Planner).ok();
    let mut rows = Vec::new();
    for cost in &COSTS {
        let all = pareto_points(section, cost);
        if all.is_empty() {
            return Ok(vec![Exhibit::Text("No method has a defined average performance.".to_owned())]);
        }
        pictures.push(draw(cost, &all, planner)?);
        rows.extend(all.iter().map(|point| {
            let unbeaten = match (point.is_bound, is_unbeaten(point, &all)) {
                (true, _) => "bound",
                (false, true) => "yes",
                (false, false) => "no",
            };
            vec![
                Cell::Text(cost.0.to_owned()),
                Cell::Code(point.label.clone()),
                Cell::Number {
                    value: point.cost,
                    shown: cost.2(point.cost),
                },
                Cell::Estimate {
                    estimate: point.performance,
                    spread: point.spread.clone(),
                },
                Cell::Text(unbeaten.to_owned()),
            ]
        }));
    }
    let table = Table {
        name: SPEC.name.to_owned(),
        caption: "Performance and cost".to_owned(),
        columns: vec![
            Column::plain("by"),
            Column::plain("method"),
            Column::with("cost", "multiply-adds a run, or bytes of experience and method state"),
            Column::with("average performance", "mean_j P[T][j]"),
            Column::with(
                "unbeaten",
                "whether no other method is at least as good and cheap, and better in one",
            ),
        ],
        rows,
        is_data: false,
    };
    Ok(vec![Exhibit::Panels(PicturePanels { pictures, table })])
}

fn draw(cost: &Cost, all: &[ParetoPoint], planner: Option<f64>) -> Result<String, ReportError> {
    let costs: Vec<f64> = all.iter().map(|point| point.cost).collect();
    let horizontal = Scale::logarithmic(&costs, (PLOT.0, PLOT.1));
    let heights = all.iter().flat_map(|point| {
        let (low, high) = point.spread.ends(&point.performance);
        [low, high, point.performance.value]
    });
    let vertical = Scale::around(heights.chain(planner).chain([0.0, 1.0]), (PLOT.3, PLOT.2));
    let legend = Legend::new(all);
    let height = SIZE.1 + legend.height();
    picture(SIZE.0, height, &format!("Average performance against {}", cost.1), |canvas| {
        for tick in vertical.ticks(6) {
            let at = vertical.at(tick);
            canvas.line(&[(PLOT.0, at), (PLOT.1, at)], Ink::Grid, if tick == 0.0 { 1.5 } else { 0.5 });
            canvas.text(&tick_text(tick), (PLOT.0 - 6.0, at), Side::Right, 11.0, Ink::Muted, false);
        }
        for tick in horizontal.ticks(4) {
            let at = horizontal.at(tick);
            canvas.line(&[(at, PLOT.2), (at, PLOT.3)], Ink::Grid, 0.5);
            let text = cost.2(tick).replace(".00e", "e").replace(".0 ", " ");
            canvas.text(&text, (at, PLOT.3 + 13.0), Side::Middle, 11.0, Ink::Muted, false);
        }
        canvas.text("average performance", (2.0, 9.0), Side::Left, 11.0, Ink::Muted, false);
        canvas.text(cost.1, (PLOT.1, SIZE.1 - 14.0), Side::Right, 11.0, Ink::Muted, false);
        if let Some(planner) = planner {
            let at = vertical.at(planner);
            canvas.line(&[(PLOT.0, at), (PLOT.1, at)], Ink::Other, 1.0);
            canvas.text("planner", (PLOT.0 + 4.0, at - 8.0), Side::Left, 11.0, Ink::Other, false);
        }
        let place = |point: &ParetoPoint| (horizontal.at(point.cost), vertical.at(point.performance.value));
        let mut steps: Vec<(f64, f64)> = Vec::new();
        for point in all.iter().filter(|point| is_unbeaten(point, all)) {
            let (x, y) = place(point);
            steps.extend(steps.last().map(|last| (x, last.1)));
            steps.push((x, y));
        }
        steps.extend(steps.last().map(|last| (PLOT.1, last.1)));
        canvas.line(&steps, Ink::Main, 1.0);
        let mut taken: Vec<Area> = all.iter().map(|point| Area::around(place(point), 6.0)).collect();
        for point in all {
            let ink = if is_unbeaten(point, all) { Ink::Main } else { Ink::Muted };
            let (x, y) = place(point);
            spread(canvas, &point.spread, &point.performance, x, &vertical, ink);
            canvas.dot((x, y), 5.0, ink);
        }
        // Names are placed before numbers, since they need more space.
        let named = all.iter().enumerate().filter(|(number, _)| legend.numbers[*number].is_none());
        let numbered = all.iter().enumerate().filter(|(number, _)| legend.numbers[*number].is_some());
        for (number, point) in named.chain(numbered) {
            let unbeaten = is_unbeaten(point, all);
            let at = place(point);
            let label = legend.numbers[number].map_or_else(|| point.label.clone(), |number| number.to_string());
            let area = free(at, text_width(&label, LETTERS), &taken);
            let (left, middle) = (area.from.0, f64::midpoint(area.from.1, area.to.1));
            if (middle - at.1).abs() > 20.0 {
                let end = at.0.clamp(area.from.0, area.to.0);
                let edge = if middle < at.1 { area.to.1 } else { area.from.1 };
                canvas.line(&[at, (end, edge)], Ink::Muted, 0.5);
            }
            let ink = if unbeaten { Ink::Text } else { Ink::Muted };
            canvas.text(&label, (left, middle), Side::Left, LETTERS, ink, unbeaten);
            taken.push(area);
        }
        legend.draw(canvas, all);
    })
}

/// The legend below the figure: names for the numbers.
struct Legend {
    /// Number that replaces the name of each method, if any.
    numbers: Vec<Option<usize>>,
    columns: usize,
}

impl Legend {
    fn new(all: &[ParetoPoint]) -> Self {
        let mut numbers = vec![None; all.len()];
        let mut columns = 1;
        if all.len() > MOST_NAMES {
            let mut order: Vec<usize> = (0..all.len()).filter(|number| !is_unbeaten(&all[*number], all)).collect();
            order.sort_by(|left, right| all[*right].performance.value.total_cmp(&all[*left].performance.value));
            for (place, number) in order.iter().enumerate() {
                numbers[*number] = Some(place + 1);
            }
            let widest = order
                .iter()
                .map(|number| text_width(&all[*number].label, LETTERS))
                .fold(0.0, f64::max);
            columns = ((SIZE.0 / (widest + 36.0)) as usize).clamp(1, 4);
        }
        Self { numbers, columns }
    }

    fn lines(&self) -> usize {
        self.numbers.iter().flatten().count().div_ceil(self.columns)
    }

    fn height(&self) -> f64 {
        let lines = self.lines();
        if lines == 0 { 0.0 } else { LEGEND_LINE * lines as f64 + 6.0 }
    }

    fn draw(&self, canvas: &mut Canvas<'_>, all: &[ParetoPoint]) {
        for (point, number) in all.iter().zip(&self.numbers) {
            let Some(number) = number else { continue };
            let (column, line) = ((number - 1) / self.lines(), (number - 1) % self.lines());
            let left = SIZE.0 / self.columns as f64 * column as f64;
            let middle = SIZE.1 + LEGEND_LINE * (line as f64 + 0.5);
            canvas.text(
                &number.to_string(),
                (left + 20.0, middle),
                Side::Right,
                LETTERS,
                Ink::Text,
                true,
            );
            canvas.text(&point.label, (left + 26.0, middle), Side::Left, LETTERS, Ink::Muted, false);
        }
    }
}

/// A rectangle that is occupied.
#[derive(Clone, Copy)]
struct Area {
    from: (f64, f64),
    to: (f64, f64),
}

impl Area {
    fn around((x, y): (f64, f64), radius: f64) -> Self {
        Self {
            from: (x - radius, y - radius),
            to: (x + radius, y + radius),
        }
    }

    fn meets(&self, other: &Self) -> bool {
        self.from.0 < other.to.0 && other.from.0 < self.to.0 && self.from.1 < other.to.1 && other.from.1 < self.to.1
    }
}

/// Finds a position for a label of this width near a point without overlapping other labels: beside the point if possible,
/// otherwise above or below, as near as possible.
fn free((x, y): (f64, f64), width: f64, taken: &[Area]) -> Area {
    let area = |left: f64, middle: f64| {
        let left = left.clamp(PLOT.0 + 2.0, PLOT.1 - width);
        Area {
            from: (left, middle - LETTERS * 0.6),
            to: (left + width, middle + LETTERS * 0.6),
        }
    };
    let beside = [area(x + 9.0, y), area(x - 9.0 - width, y)];
    let further = (1..24).flat_map(|step| {
        let away = 8.0 * f64::from(step);
        [x + 9.0, x - 9.0 - width]
            .into_iter()
            .flat_map(move |left| [area(left, y - away), area(left, y + away)])
    });
    let fits = |area: &Area| {
        let inside = area.from.1 > PLOT.2 - 4.0 && area.to.1 < PLOT.3;
        inside && !taken.iter().any(|other| other.meets(area))
    };
    beside.into_iter().chain(further).find(fits).unwrap_or(beside[0])
}
