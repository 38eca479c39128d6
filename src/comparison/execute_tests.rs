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

    fn waits(&self, _: usize, _: &PlannedRun) {}

    fn ended(&self, _: usize, _: &PlannedRun, _: &RunEnd) {}
}

fn carried(plan: &ComparisonPlan, results_dir: &Path, stop: bool, force: bool) -> (Vec<RunEnd>, ComparisonRecord) {
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
        ComparisonRecord::of_plan(CommandRecord::default(), plan).after_earlier(results_dir),
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

    // A file that is not part of a run is placed where a run will be.
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

/// Holds the folder of a run as another process would, until a run waits for it; then finishes that run.
struct OtherProcess {
    held: Mutex<Option<RunFolder>>,
    waited: Mutex<Vec<usize>>,
}

impl Audience for OtherProcess {
    fn begins(&self, _: usize, _: &PlannedRun) -> Box<dyn Observer + '_> {
        Box::new(NoObserver)
    }

    fn waits(&self, number: usize, run: &PlannedRun) {
        lock(&self.waited).push(number);
        let Some(folder) = lock(&self.held).take() else { return };
        let stop = AtomicBool::new(false);
        let mut training = Training::start(run.config.clone(), folder, None, Execution { overlapped: false }).unwrap();
        training.run(&mut NoObserver, &stop).unwrap();
    }

    fn ended(&self, _: usize, _: &PlannedRun, _: &RunEnd) {}
}

#[test]
fn a_run_that_another_process_works_on_is_waited_for_and_counts() {
    let folder = tempfile::tempdir().unwrap();
    let plan = plan_of(&["finetune", "replay"], 0..1);
    let path = folder.path().join(&plan.runs[0].folder);
    let id = path.file_name().unwrap().to_str().unwrap();
    let other = OtherProcess {
        held: Mutex::new(Some(
            RunFolder::reserve(path.parent().unwrap(), id, Existing::Refuse).unwrap(),
        )),
        waited: Mutex::new(Vec::new()),
    };
    let stop = AtomicBool::new(false);
    let carrying = Carrying {
        results_dir: folder.path(),
        record_dir: folder.path(),
        jobs: 1,
        force: false,
        stop: &stop,
    };
    let record = ComparisonRecord::of_plan(CommandRecord::default(), &plan);
    let ends = execute_plan(&plan, &carrying, record, &other).unwrap();
    assert!(
        matches!((&ends[0], &ends[1]), (RunEnd::Kept(_), RunEnd::Finished(_))),
        "{ends:?}"
    );
    assert_eq!(*lock(&other.waited), [0]);
}

#[test]
fn the_record_keeps_what_another_writer_of_the_folder_says() {
    let folder = tempfile::tempdir().unwrap();
    let command = |word: &str| CommandRecord {
        arguments: vec![word.to_owned()],
        ..CommandRecord::default()
    };
    let (mine, theirs) = (plan_of(&["finetune"], 0..2), plan_of(&["finetune", "replay"], 0..1));
    let mut first = ComparisonRecord::of_plan(command("mine"), &mine);
    let mut second = ComparisonRecord::of_plan(command("theirs"), &theirs);
    first.write(folder.path()).unwrap();
    second.write(folder.path()).unwrap();
    let finished = |run: &PlannedRun| {
        let path = folder.path().join(&run.folder);
        std::fs::create_dir_all(&path).unwrap();
        std::fs::write(path.join("config.toml"), "").unwrap();
        std::fs::write(path.join("summary.json"), "").unwrap();
        RunEnd::Finished(Box::new(crate::comparison::testing::summary(&run.config.method, 0, None)))
    };
    second.note(1, &finished(&theirs.runs[1]));
    second.write(folder.path()).unwrap();
    second.note(0, &finished(&theirs.runs[0]));
    second.write(folder.path()).unwrap();
    first.note(1, &finished(&mine.runs[1]));
    first.write(folder.path()).unwrap();
    let text = std::fs::read_to_string(folder.path().join(RECORD_FILE_NAME)).unwrap();
    let record: ComparisonRecord = serde_json::from_str(&text).unwrap();
    assert_eq!(record.methods, ["finetune", "replay"]);
    assert_eq!(record.seeds, [0, 1]);
    assert_eq!(record.commands, [command("theirs"), command("mine")]);
    assert_eq!(record.runs.len(), 3);
    assert!(record.runs.iter().all(|run| run.state == RunState::Finished), "{record:?}");
}
