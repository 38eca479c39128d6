//! Rankings at equal cost: which method is best within a budget of compute or of storage.

use super::pareto::{COSTS, Cost, Standing, standings};
use super::{Exhibit, FigureSpec};
use crate::report::table::decimals;
use crate::report::{Cell, Column, Section, Table};

pub(super) const SPEC: FigureSpec = FigureSpec {
    name: "ranking",
    title: "Ranking at equal cost",
    reading: "For each budget, every method whose whole run stays within it, the best first. Budgets are the costs at which another method \
              becomes affordable; costs that differ by less than 5 % are one budget.",
    make: |section, _| Ok(COSTS.iter().map(|cost| Exhibit::Table(table(section, cost))).collect()),
};

/// Costs nearer to each other than this are one budget.
const SAME_BUDGET: f64 = 1.05;

fn table(section: &Section, cost: &Cost) -> Table {
    let all = standings(section, cost);
    let mut budgets: Vec<f64> = Vec::new();
    let mut begun = f64::NEG_INFINITY;
    for standing in &all {
        if budgets.is_empty() || standing.cost > begun * SAME_BUDGET {
            begun = standing.cost;
            budgets.push(standing.cost);
        } else if let Some(last) = budgets.last_mut() {
            *last = standing.cost;
        }
    }
    let row = |budget: &f64| {
        let mut within: Vec<&Standing> = all.iter().filter(|standing| standing.cost <= *budget).collect();
        within.sort_by(|left, right| right.performance.value.total_cmp(&left.performance.value));
        let written = |standing: &&Standing| format!("{} {}", standing.label, decimals(standing.performance.value));
        let others: Vec<String> = within.iter().skip(1).map(written).collect();
        let others = if others.is_empty() {
            "none".to_owned()
        } else {
            others.join(", ")
        };
        vec![
            Cell::Number {
                value: *budget,
                shown: cost.2(*budget),
            },
            Cell::Code(within[0].label.clone()),
            Cell::Estimate {
                estimate: within[0].performance,
                has_interval: within[0].has_interval,
            },
            Cell::Text(others),
        ]
    };
    Table {
        name: format!("ranking_at_equal_{}", cost.0),
        caption: format!("At equal {}", cost.0),
        columns: vec![
            Column::with("budget", cost.1),
            Column::plain("best within it"),
            Column::with("average performance", "mean_j P[T][j]"),
            Column::plain("others within it"),
        ],
        rows: budgets.iter().map(row).collect(),
        is_data: false,
    }
}
