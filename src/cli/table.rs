//! Results as tables that fit into 80 columns, and into a Markdown file.

use comfy_table::{Attribute, Cell, CellAlignment, Color, Table};
use perennial::escape::terminal;
use perennial::evaluation::measures::WateringCount;
use perennial::evaluation::sampling::LONG_LIFE_SEASONS;
use perennial::scenario::SPRAY_L;
use perennial::training::Summary;

/// Seasons side by side in one table; more of them go into further tables.
const SEASONS_ACROSS: usize = 5;
/// The longest name of a season that is shown whole.
const NAME_LETTERS: usize = 8;

/// A table in the style of this program.
pub(crate) fn plain_table(header: &[&str]) -> Table {
    let mut table = Table::new();
    table.load_style(comfy_table::presets::ASCII_MARKDOWN).force_no_tty();
    table.set_header(header.iter().map(Cell::new));
    table
}

/// Turns to the right every column but the first.
pub(crate) fn align_numbers(table: &mut Table) {
    for column in table.column_iter_mut().skip(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
}

/// A number as tables show it: two decimals, a dash where it is not there, no negative zero.
pub(crate) fn number(value: Option<f64>) -> String {
    value.map_or_else(
        || "-".to_owned(),
        |value| format!("{:.2}", value + 0.0).replace("-0.00", "0.00"),
    )
}

/// A score, coloured by how good it is, bold where the season has just been learned.
fn score_cell(score: Option<f64>, just_learned: bool) -> Cell {
    let text = if just_learned {
        format!("{}*", number(score))
    } else {
        format!("{} ", number(score))
    };
    let cell = Cell::new(text);
    let cell = match score {
        Some(score) if score >= 0.9 => cell.fg(Color::Green),
        Some(score) if score >= 0.5 => cell.fg(Color::Yellow),
        Some(_) => cell.fg(Color::Red),
        None => cell,
    };
    if just_learned {
        cell.add_attribute(Attribute::Bold)
    } else {
        cell
    }
}

/// The whole result of a run: matrix, measures, cost.
pub(crate) fn summary(summary: &Summary, coloured: bool) -> String {
    let mut parts = vec![format!(
        "{}: {} by {} ({}), seed {}, {} decisions",
        terminal(&summary.run_id),
        terminal(&summary.scenario),
        terminal(&summary.method),
        terminal(&summary.algorithm),
        summary.seed,
        summary.decisions
    )];
    parts.push("Score in each season (random driver 0, gardener 1; * just learned)".to_owned());
    parts.extend(matrices(summary, coloured));
    parts.push(measures(summary));
    parts.extend(summary.undefined.iter().map(|why| wrapped(&terminal(why))));
    parts.push(cost(summary));
    parts.join("\n\n")
}

/// Season by season: how good the policy is in each, after each. Of a long life, when each season was learned and what is left of it.
fn matrices(summary: &Summary, coloured: bool) -> Vec<String> {
    let count = summary.seasons.len();
    if count >= LONG_LIFE_SEASONS {
        return vec![long_life(summary, coloured)];
    }
    let block = |first: usize| {
        let columns = first..(first + SEASONS_ACROSS).min(count);
        let names: Vec<String> = summary.seasons[columns.clone()].iter().map(|name| shorten(name)).collect();
        let header: Vec<&str> = std::iter::once("after").chain(names.iter().map(String::as_str)).collect();
        let mut table = plain_table(&header);
        if coloured {
            table.enforce_styling();
        }
        let mut add = |name: String, scores: &[Option<f64>], learned: Option<usize>| {
            let cells = columns
                .clone()
                .map(|season| score_cell(scores.get(season).copied().flatten(), learned == Some(season)));
            table.add_row(std::iter::once(Cell::new(name)).chain(cells));
        };
        add("nothing".to_owned(), &summary.untrained_scores, None);
        for (row, scores) in summary.score_matrix.iter().enumerate() {
            let (year, season) = (row / count, row % count);
            let name = shorten(&summary.seasons[season]);
            let name = if summary.years > 1 {
                format!("{}. {name}", year + 1)
            } else {
                name
            };
            add(name, scores, Some(season));
        }
        align_numbers(&mut table);
        table.to_string()
    };
    (0..count).step_by(SEASONS_ACROSS).map(block).collect()
}

/// A row for each season of a long life: its scores before it was learned, when it was, and at the end.
fn long_life(summary: &Summary, coloured: bool) -> String {
    let mut table = plain_table(&["season", "before", "learned", "at the end"]);
    if coloured {
        table.enforce_styling();
    }
    let count = summary.seasons.len();
    let first = summary.score_matrix.len().saturating_sub(count);
    let score = |row: Option<usize>, season: usize| {
        let row = row.map_or(Some(&summary.untrained_scores), |row| summary.score_matrix.get(row));
        row.and_then(|row| row.get(season).copied().flatten())
    };
    for (season, name) in summary.seasons.iter().enumerate() {
        table.add_row([
            Cell::new(terminal(name)),
            score_cell(score((first + season).checked_sub(1), season), false),
            score_cell(score(Some(first + season), season), true),
            score_cell(score(summary.score_matrix.len().checked_sub(1), season), false),
        ]);
    }
    align_numbers(&mut table);
    table.to_string()
}

/// The measures, each with its formula: `P[i][j]` is the score in season j after season i, `T` the end.
fn measures(summary: &Summary) -> String {
    let mut table = plain_table(&["measure", "value", "formula"]);
    let worst = summary.worst_retained.iter().copied().reduce(f64::min);
    let zero_shot = mean(&summary.zero_shot);
    let water: WateringCount = summary.watering.iter().copied().sum();
    for (name, value, formula) in [
        ("average performance", summary.average_performance, "mean_j P[T][j]"),
        ("forgetting", summary.forgetting, "mean_(j < n) P[end of j][j] - P[T][j]"),
        (
            "forgetting from best",
            summary.forgetting_from_best,
            "mean_j max_i P[i][j] - P[T][j]",
        ),
        (
            "backward transfer",
            summary.backward_transfer,
            "mean_j P[T][j] - P[first end of j][j]",
        ),
        ("zero-shot", zero_shot, "mean_j P[before j][j] - P[0][j]"),
        ("worst retained", worst, "min_j min_(i from end of j) P[i][j]"),
        (
            "watering",
            water.thirst_relieved_per_l(SPRAY_L).ok(),
            "thirst relieved a litre, at the end",
        ),
        (
            "correct waterings",
            water.correct_percent().ok(),
            "sprays on thirsty plants, of 100, at the end",
        ),
    ] {
        table.add_row([name.to_owned(), number(value), formula.to_owned()]);
    }
    if let Some(column) = table.column_mut(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    table.to_string()
}

fn mean(values: &[f64]) -> Option<f64> {
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
}

/// A point of a list, broken into lines of at most 80 columns.
fn wrapped(text: &str) -> String {
    let mut lines = vec!["-".to_owned()];
    for word in text.split_whitespace() {
        let last = lines.len() - 1;
        if lines[last].chars().count() + 1 + word.chars().count() > 80 {
            lines.push(format!("  {word}"));
        } else {
            lines[last] = format!("{} {word}", lines[last]);
        }
    }
    lines.join("\n")
}

/// Formats the cost of the run, in two lines.
fn cost(summary: &Summary) -> String {
    let (timing, ledger) = (&summary.timing, &summary.ledger);
    let peak = summary
        .peak_rss_bytes
        .map(|bytes| format!(", peak {}", bytes_text(bytes)))
        .unwrap_or_default();
    format!(
        "{:.1} s (core s: garden {:.1}, learning {:.1}, evaluation {:.1}){peak}\n\
        {} updates, {:.2e} multiply-adds, {} evaluation decisions, memory {}, method {}",
        timing.total_s,
        timing.environment_s,
        timing.learning_s,
        timing.evaluation_s,
        summary.updates,
        ledger.multiply_adds as f64,
        ledger.evaluation_decisions,
        bytes_text(ledger.memory_bytes),
        bytes_text(ledger.method_state_bytes),
    )
}

/// A size as people read it: in powers of 1000.
pub(crate) fn bytes_text(bytes: u64) -> String {
    match bytes {
        0..1_000 => format!("{bytes} B"),
        1_000..1_000_000 => format!("{:.1} kB", bytes as f64 / 1e3),
        1_000_000..1_000_000_000 => format!("{:.1} MB", bytes as f64 / 1e6),
        _ => format!("{:.2} GB", bytes as f64 / 1e9),
    }
}

/// A name that fits into a column.
fn shorten(name: &str) -> String {
    let name = terminal(name);
    if name.chars().count() <= NAME_LETTERS {
        return name;
    }
    let kept: String = name.chars().take(NAME_LETTERS - 1).collect();
    format!("{kept}…")
}

#[cfg(test)]
#[path = "table_tests.rs"]
mod tests;
