//! The commands that repeat the runs.

use super::{Exhibit, FigureSpec};
use crate::report::{Cell, Column, Section, Table, command};

pub(super) const SPEC: FigureSpec = FigureSpec {
    name: "commands",
    title: "Exact commands",
    reading: "Read off the configuration of each run: everything that is not named has its default in this version. SEED stands for each of \
              the seeds, RUN for a run with the policy whose hash the configuration names as initial_policy.",
    make: |section, _| Ok(make(section)),
};

fn make(section: &Section) -> Vec<Exhibit> {
    let mut needs_file = false;
    let mut rows = Vec::new();
    for series in &section.series {
        let (text, file) = command(&series.runs[0].config, "SEED");
        needs_file |= file;
        let seeds: Vec<String> = series.seeds().iter().map(u64::to_string).collect();
        rows.push(vec![
            Cell::Code(series.label.clone()),
            Cell::Text(seeds.join(", ")),
            Cell::Code(text),
        ]);
    }
    let mut exhibits = vec![Exhibit::Table(Table {
        name: SPEC.name.to_owned(),
        caption: "Commands".to_owned(),
        columns: ["method", "seeds", "command"].map(Column::plain).to_vec(),
        rows,
        is_data: false,
    })];
    if needs_file {
        let run = &section.example().summary.run_id;
        exhibits.push(Exhibit::Text(format!(
            "SCENARIO.toml is the table [scenario] of config.toml, for instance of the run {run}: it is not a shipped scenario."
        )));
    }
    exhibits
}
