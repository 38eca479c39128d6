//! Ranking at equal cost: the place of each method within a budget of compute or storage.

use super::overall::needs;
use super::pareto::{COSTS, Cost, ParetoPoint, pareto_points};
use super::{Exhibit, FigureSpec};
use crate::report::{Cell, Column, Section, Table};

pub(super) const SPEC: FigureSpec = FigureSpec {
    name: "ranking",
    title: "Ranking at equal cost",
    reading: "For each budget, the place of every method whose whole run stays within it, 1 being the best; a dash where a run costs more. \
              Budgets are the costs at which another method becomes affordable; costs that differ by less than 5 % are one budget. A \
              method that learns all seasons at once has no place: it is a bound. Places are those of the interquartile means: whether two methods can \
              be told apart is said in the paired comparison.",
    make: |section, _| Ok(COSTS.iter().map(|cost| Exhibit::Table(table(section, cost))).collect()),
};

/// Ratio below which two costs are treated as one budget.
const SAME_BUDGET: f64 = 1.05;

/// Returns the highest cost of each group of similar costs, in ascending order.
fn budgets(all: &[ParetoPoint]) -> Vec<f64> {
    let mut budgets: Vec<f64> = Vec::new();
    let mut begun = f64::NEG_INFINITY;
    for point in all.iter().filter(|point| !point.is_bound) {
        if point.cost > begun * SAME_BUDGET || budgets.is_empty() {
            begun = point.cost;
            budgets.push(point.cost);
        } else if let Some(last) = budgets.last_mut() {
            *last = point.cost;
        }
    }
    budgets
}

/// Returns the place within a budget: one plus the number of better methods within it.
fn place(point: &ParetoPoint, all: &[ParetoPoint], budget: f64) -> Cell {
    if point.is_bound {
        return Cell::Text("bound".to_owned());
    }
    if point.cost > budget {
        return Cell::Text("-".to_owned());
    }
    let is_better =
        |other: &&ParetoPoint| !other.is_bound && other.cost <= budget && other.performance.value > point.performance.value;
    Cell::count(all.iter().filter(is_better).count() as u64 + 1)
}

fn table(section: &Section, cost: &Cost) -> Table {
    let all = pareto_points(section, cost);
    let budgets = budgets(&all);
    let mut order: Vec<&ParetoPoint> = all.iter().collect();
    order.sort_by(|left, right| right.performance.value.total_cmp(&left.performance.value));
    let row = |point: &&ParetoPoint| {
        let first = [
            Cell::Code(point.label.clone()),
            needs(point.needs),
            Cell::Estimate {
                estimate: point.performance,
                spread: point.spread.clone(),
            },
        ];
        let places = budgets.iter().map(|budget| place(point, &all, *budget));
        first.into_iter().chain(places).collect()
    };
    let columns = [
        Column::plain("method"),
        Column::with("needs", "what the method must be told"),
        Column::with("average performance", "mean_j P[T][j]"),
    ];
    let of_budget = |budget: &f64| Column::with(&format!("within {}", cost.2(*budget)), cost.1);
    Table {
        name: format!("ranking_at_equal_{}", cost.0),
        caption: format!("At equal {}", cost.0),
        columns: columns.into_iter().chain(budgets.iter().map(of_budget)).collect(),
        rows: order.iter().map(row).collect(),
        is_data: false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evaluation::statistics::Estimate;
    use crate::report::Spread;

    fn point(label: &str, cost: f64, value: f64, is_bound: bool) -> ParetoPoint {
        ParetoPoint {
            label: label.to_owned(),
            needs: None,
            is_bound,
            cost,
            performance: Estimate {
                value,
                low: value,
                high: value,
            },
            spread: Spread::Nothing,
        }
    }

    #[test]
    fn a_place_counts_who_is_better_within_the_budget_and_bounds_have_none() {
        let all = [
            point("cheap", 10.0, 0.1, false),
            point("as cheap", 10.4, 0.3, false),
            point("dear", 20.0, 0.2, false),
            point("all at once", 30.0, 0.9, true),
        ];
        let budgets = budgets(&all);
        assert_eq!(
            budgets,
            [10.4, 20.0],
            "costs within 5 % are one budget, and a bound makes none"
        );
        let places = |number: usize| -> Vec<Cell> { budgets.iter().map(|budget| place(&all[number], &all, *budget)).collect() };
        assert_eq!(places(0), [Cell::count(2), Cell::count(3)]);
        assert_eq!(places(1), [Cell::count(1), Cell::count(1)]);
        assert_eq!(places(2), [Cell::Text("-".to_owned()), Cell::count(2)]);
        assert_eq!(places(3), [Cell::Text("bound".to_owned()), Cell::Text("bound".to_owned())]);
    }
}
