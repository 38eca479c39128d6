//! Cost of each method.

use super::{Exhibit, FigureSpec};
use crate::report::measured::mean;
use crate::report::{Cell, Column, Section, Series, Table};

pub(super) const SPEC: FigureSpec = FigureSpec {
    name: "ledger",
    title: "What it cost",
    reading: "Means over seeds, per run. Seconds are the work of one core of the machine, whatever else the machine had to do; everything else is \
              the same on every machine.",
    make: |section, _| Ok(vec![Exhibit::Table(table(section))]),
};

fn table(section: &Section) -> Table {
    let row = |series: &Series| {
        let rounded = |value: f64| Cell::count(value.round() as u64);
        let peak: Option<Vec<u64>> = series.runs.iter().map(|run| run.summary.peak_rss_bytes).collect();
        vec![
            Cell::Code(series.label.clone()),
            rounded(mean(series, |run| run.summary.ledger.decisions as f64)),
            rounded(mean(series, |run| run.summary.ledger.updates as f64)),
            Cell::large(mean(series, |run| run.summary.ledger.multiply_adds as f64)),
            rounded(mean(series, |run| run.summary.ledger.evaluation_decisions as f64)),
            Cell::bytes(mean(series, |run| run.summary.ledger.memory_bytes as f64)),
            Cell::bytes(mean(series, |run| run.summary.ledger.past_bytes as f64)),
            Cell::bytes(mean(series, |run| run.summary.ledger.method_state_bytes as f64)),
            Cell::number(mean(series, |run| run.summary.timing.learning_s)),
            Cell::number(mean(series, |run| run.summary.timing.work_s())),
            peak.map_or_else(
                || Cell::Missing("the operating system of a run did not report it".to_owned()),
                |_| Cell::bytes(mean(series, |run| run.summary.peak_rss_bytes.unwrap_or_default() as f64)),
            ),
        ]
    };
    let columns = [
        ("method", ""),
        ("decisions", "taken to learn from, over all gardens"),
        ("updates", "gradient updates"),
        (
            "multiply-adds",
            "of the networks, for acting and learning; evaluations excluded",
        ),
        (
            "evaluation decisions",
            "taken to evaluate, over all probe gardens; not learned from",
        ),
        ("memory", "the most bytes of experience held at any time, recent and past"),
        (
            "past data",
            "of these, bytes of earlier seasons at the end: what the method keeps beyond recent transitions",
        ),
        (
            "method state",
            "bytes of what the method keeps besides: anchors, importances, further networks",
        ),
        ("seconds learning", "seconds of work of one core, for acting and learning"),
        (
            "seconds in all",
            "seconds of work of one core, gardens and evaluations included",
        ),
        (
            "peak memory",
            "the most memory that the process held, with all runs that went on in it side by side",
        ),
    ];
    Table {
        name: SPEC.name.to_owned(),
        caption: "Ledger".to_owned(),
        columns: columns
            .into_iter()
            .map(|(name, meaning)| {
                if meaning.is_empty() {
                    Column::plain(name)
                } else {
                    Column::with(name, meaning)
                }
            })
            .collect(),
        rows: section.series.iter().map(row).collect(),
        is_data: false,
    }
}
