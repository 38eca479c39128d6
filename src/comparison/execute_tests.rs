//! Parallel execution of runs, and the handling of failures.

use super::*;
use crate::comparison::testing::plan_of;
use crate::comparison::{CommandRecord, RECORD_FILE_NAME, RunState};
use crate::training::NoObserver;

struct Nobody;

impl Audience for Nobody {
    fn begins(&self, _: usize, _: &PlannedRun) -> Box<dyn Observer + '_> {
        Box::new(NoObserver)
    }

    fn ended(&self, _: usize, _: &PlannedRun, _: &RunEnd) {}
}

fn carried(plan: &ComparisonPlan, results_dir: &Path, stop: bool, force: bool) -> (Vec<RunEnd>, Record) {
    let stop = AtomicBool::new(stop);
    let carrying = Carrying {
        results_dir,
        record_dir: results_dir,
        jobs: 2,
        force,
        stop: &stop,
    };
    let ends = execute_plan(
        plan,
        &carrying,
        Record::of_plan(CommandRecord::default(), plan).after_earlier(results_dir),
        &Nobody,
    )
    .unwrap();
    let text = std::fs::read_to_string(results_dir.join(RECORD_FILE_NAME)).unwrap();
    (ends, serde_json::from_str(&text).unwrap())
}

#[test]
fn what_is_stopped_is_pending_and_a_run_that_fails_does_so_alone() {
    let folder = tempfile::tempdir().unwrap();
    let plan = plan_of(&["finetune", "replay"], 0..1);
    let (ends, record) = carried(&plan, folder.path(), true, false);
    assert_eq!(ends, [RunEnd::NotBegun, RunEnd::NotBegun]);
    assert!(record.runs.iter().all(|run| run.state == RunState::Pending));

    // A file that is no run is placed where a run will be.
    let taken = folder.path().join("four_seasons/replay-dqn-seed0");
    std::fs::create_dir_all(&taken).unwrap();
    std::fs::write(taken.join("diary.txt"), "mine").unwrap();
    let (ends, record) = carried(&plan, folder.path(), false, false);
    assert!(matches!(ends[0], RunEnd::Finished(_)));
    assert!(matches!(&ends[1], RunEnd::Failed(why) if why.contains("not a run's folder")));
    assert_eq!(
        (record.runs[0].state, record.runs[1].state),
        (RunState::Finished, RunState::Failed)
    );
    let why = record.runs[1].error.as_deref().unwrap();
    assert!(!why.contains(&folder.path().display().to_string()), "{why}");

    // Once the path is free, only the failed run is repeated, even with force.
    std::fs::remove_file(taken.join("diary.txt")).unwrap();
    let (ends, _) = carried(&plan, folder.path(), false, true);
    assert!(matches!((&ends[0], &ends[1]), (RunEnd::Kept(_), RunEnd::Finished(_))));
}

#[test]
fn a_run_without_a_checkpoint_begins_anew_and_one_that_is_damaged_only_by_force() {
    let folder = tempfile::tempdir().unwrap();
    let plan = plan_of(&["finetune"], 0..1);
    carried(&plan, folder.path(), false, false);
    let run = folder.path().join(&plan.runs[0].folder);
    let metrics = std::fs::read(run.join("metrics.jsonl")).unwrap();
    std::fs::remove_file(run.join("summary.json")).unwrap();
    for entry in std::fs::read_dir(run.join("checkpoints")).unwrap() {
        std::fs::write(entry.unwrap().path(), "nonsense").unwrap();
    }
    assert!(matches!(&carried(&plan, folder.path(), false, false).0[0], RunEnd::Failed(_)));
    assert!(matches!(
        &carried(&plan, folder.path(), false, true).0[0],
        RunEnd::Finished(_)
    ));
    std::fs::remove_file(run.join("summary.json")).unwrap();
    std::fs::remove_dir_all(run.join("checkpoints")).unwrap();
    assert!(matches!(
        &carried(&plan, folder.path(), false, false).0[0],
        RunEnd::Finished(_)
    ));
    assert!(std::fs::read(run.join("metrics.jsonl")).unwrap() == metrics);
}
