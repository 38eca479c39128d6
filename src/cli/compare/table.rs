//! Results as tables, readable in a terminal and valid as Markdown.

use std::path::Path;

use comfy_table::{CellAlignment, Table};
use perennial::comparison::tuning::Tuned;
use perennial::comparison::{ComparisonPlan, MethodResult, Omission, PlannedRun, RunStatus, ScenarioResult};
use perennial::escape::terminal;

use crate::cli::table::{align_numbers, bytes_text, number, plain_table};

/// All scenarios, one after the other; never in one average.
pub(super) fn results(results: &[ScenarioResult], omitted: &[Omission]) -> String {
    let mut parts: Vec<String> = results.iter().map(scenario).collect();
    parts.extend(omissions(omitted));
    parts.push(
        "Seeds are paired: methods of a table have the same, and with them the same gardens.\n\
         Performance: interquartile mean over seeds, bootstrap 95 % interval or, with fewer\n\
         than ten seeds, the lowest and the highest; forgetting: interquartile mean; costs: means, seconds of work of one core; bytes: the most.\n\
         A dash: not every run has it.\n\
         Needs: what a method must be told, boundaries or the season when it is tested."
            .to_owned(),
    );
    parts.join("\n\n")
}

/// Lists the runs of a plan for people and scripts: index, folder and state, separated by tabs, after a line that names them.
pub(super) fn plan(plan: &ComparisonPlan, results_dir: &Path) -> String {
    let state = |run: &PlannedRun| match RunStatus::of(&results_dir.join(&run.folder), &run.config) {
        RunStatus::Absent => "not begun",
        RunStatus::Unfinished => "begun",
        RunStatus::Finished(_) => "finished",
        RunStatus::Different(_) => "another run",
        RunStatus::Damaged(_) => "damaged",
    };
    let lines = plan.runs.iter().enumerate();
    let lines = lines.map(|(index, run)| format!("{index}\t{}\t{}", terminal(&run.name()), state(run)));
    std::iter::once("index\trun\tstate".to_owned())
        .chain(lines)
        .collect::<Vec<_>>()
        .join("\n")
}

/// Formats the omissions, one line for each scenario and reason.
pub(super) fn omissions(omitted: &[Omission]) -> Vec<String> {
    let mut groups: Vec<(&Omission, Vec<&str>)> = Vec::new();
    for omission in omitted {
        let same = |first: &Omission| (&first.scenario, &first.reason) == (&omission.scenario, &omission.reason);
        match groups.iter_mut().find(|(first, _)| same(first)) {
            Some((_, methods)) => methods.push(&omission.method),
            None => groups.push((omission, vec![&omission.method])),
        }
    }
    groups
        .iter()
        .map(|(first, methods)| {
            format!(
                "left out of {}: {}; each {}",
                terminal(&first.scenario),
                methods.join(", "),
                first.reason
            )
        })
        .collect()
}

fn scenario(result: &ScenarioResult) -> String {
    let mut scores = plain_table(&["method", "average performance", "forgetting", "seeds", "needs"]);
    let mut costs = plain_table(&["method", "updates", "mult.-adds", "memory", "method", "core s"]);
    for method in &result.methods {
        scores.add_row([
            terminal(&method.method),
            performance(method),
            number(method.forgetting),
            if method.finished == method.asked {
                method.asked.to_string()
            } else {
                format!("{} of {}", method.finished, method.asked)
            },
            method.needs.to_string(),
        ]);
        let known = |text: String| if method.finished == 0 { "-".to_owned() } else { text };
        costs.add_row([
            terminal(&method.method),
            known(format!("{:.0}", method.updates)),
            known(format!("{:.2e}", method.multiply_adds)),
            known(bytes_text(method.memory_bytes)),
            known(bytes_text(method.method_state_bytes)),
            known(format!("{:.1}", method.work_s)),
        ]);
    }
    align_numbers(&mut scores);
    to_the_left(&mut scores, 4);
    align_numbers(&mut costs);
    format!("{}\n\n{scores}\n\n{costs}", terminal(&result.setting))
}

fn to_the_left(table: &mut Table, column: usize) {
    if let Some(column) = table.column_mut(column) {
        column.set_cell_alignment(CellAlignment::Left);
    }
}

fn performance(method: &MethodResult) -> String {
    method.average_performance.map_or_else(
        || number(None),
        |estimate| {
            format!(
                "{} ({} to {})",
                number(Some(estimate.value)),
                number(Some(estimate.low)),
                number(Some(estimate.high))
            )
        },
    )
}

/// Formats the chosen strength of each method.
pub(super) fn tuned(tuned: &Tuned) -> String {
    let mut table = plain_table(&["method", "chosen", "average performance", "completed"]);
    for method in &tuned.methods {
        let chosen = method
            .trials
            .iter()
            .find(|trial| !method.set.is_empty() && trial.set == method.set);
        let completed = method
            .trials
            .iter()
            .filter(|trial| trial.average_performance.is_some())
            .count();
        table.add_row([
            method.name.clone(),
            if method.set.is_empty() {
                "nothing: no trial was completed".to_owned()
            } else {
                terminal(&method.set.join(" "))
            },
            number(chosen.and_then(|trial| trial.average_performance)),
            format!("{completed} of {}", method.trials.len()),
        ]);
    }
    align_numbers(&mut table);
    to_the_left(&mut table, 1);
    table.to_string()
}

#[cfg(test)]
mod tests {
    use perennial::evaluation::statistics::Estimate;
    use perennial::learner::Needs;
    use perennial::learner::methods::Boundaries;

    use super::*;

    fn result(method: &str, needs: Needs, finished: usize) -> MethodResult {
        MethodResult {
            method: method.to_owned(),
            needs,
            finished,
            asked: 5,
            average_performance: (finished > 0).then_some(Estimate {
                value: -0.851,
                low: -1.19,
                high: -0.49,
            }),
            forgetting: None,
            updates: 40_000.0,
            multiply_adds: 4.75e11,
            memory_bytes: 5_350_000,
            method_state_bytes: 0,
            work_s: 29.4,
        }
    }

    #[test]
    fn what_is_left_out_for_one_reason_is_said_in_one_line() {
        let omitted = |method: &str, scenario: &str| Omission {
            scenario: scenario.to_owned(),
            method: method.to_owned(),
            reason: "must be told".to_owned(),
        };
        let lines = omissions(&[
            omitted("ewc", "gradual year"),
            omitted("si", "gradual year"),
            omitted("si", "mist"),
        ]);
        assert_eq!(
            lines,
            [
                "left out of gradual year: ewc, si; each must be told",
                "left out of mist: si; each must be told"
            ]
        );
    }

    #[test]
    fn a_table_says_what_each_method_must_be_told_and_which_seeds_are_missing() {
        let both = Needs {
            boundaries: Boundaries::Required,
            task_at_test_time: true,
        };
        let text = results(
            &[ScenarioResult {
                setting: "four seasons, dqn".to_owned(),
                methods: vec![
                    result("replay_boundary_free", Needs::NOTHING, 5),
                    result("packnet", both, 4),
                    result("ewc", Needs::TASK_BOUNDARIES, 0),
                ],
            }],
            &[],
        );
        for said in [
            "four seasons",
            "-0.85 (-1.19 to -0.49)",
            "boundaries, season",
            "4 of 5",
            "0 of 5",
            "Seeds are paired",
            "4.75e11",
            "5.3 MB",
        ] {
            assert!(text.contains(said), "`{said}` is missing in\n{text}");
        }
        let table_width = text
            .lines()
            .filter(|line| line.starts_with('|'))
            .map(|line| line.chars().count())
            .max();
        assert!(table_width <= Some(100), "{text}");
    }
}
