//! The run made again to find out which transitions made answers flip, and once more without them.

use std::sync::Arc;

use perennial::learner::LeftOut;
use perennial::learner::inside::InfluenceQuestion;
use perennial::mdp::Action;
use perennial::report::{Attribution, AttributionPlan, Findings, WatchedRun, transition_kind};

use super::super::output::note;
use super::again::{Again, check_program};

/// Outcome of an attribution.
pub(super) enum Attributed {
    /// It was found and tested.
    Tested(Attribution),
    /// There is nothing that could be attributed.
    Nothing,
    /// The program was asked to stop.
    Interrupted,
}

/// Finds out what made the answers of the first forgotten season flip.
pub(super) fn attribute(run: &WatchedRun, findings: &Findings) -> miette::Result<Attributed> {
    check(run)?;
    let Some(plan) = AttributionPlan::of(run, findings) else {
        return Ok(Attributed::Nothing);
    };
    note(&format!(
        "making the run again three times up to decision {}: as it was, without the transitions that pushed most, and without as many at random",
        plan.until_decisions
    ));
    let scenario = Arc::new(run.config.scenario.clone());
    let kind_of = {
        let scenario = scenario.clone();
        move |observation: &[u8], action: u8| transition_kind(&scenario, observation, action)
    };

    let mut again = Again::start(run.config.clone())?;
    let mut influences = Vec::new();
    for &decisions in &plan.looks {
        if !again.go_on(decisions)? {
            return Ok(Attributed::Interrupted);
        }
        let (questions, kind_of) = (plan.questions.clone(), kind_of.clone());
        let influence = again.training.ask(move |learner| {
            let questions: Vec<InfluenceQuestion<'_>> = questions
                .iter()
                .map(|(observation, is_right)| InfluenceQuestion {
                    observation,
                    is_right: *is_right,
                })
                .collect();
            learner.influence(&questions, Action::Water as usize, &|transition| {
                kind_of(transition.observation, transition.action)
            })
        })?;
        influences.push(influence);
    }
    compare(again, run, plan.until_decisions)?;
    let kinds = plan.choose(&influences);
    let chosen: Vec<usize> = kinds
        .iter()
        .filter(|(_, kind)| kind.left_out)
        .map(|(number, _)| *number)
        .collect();
    let share: f64 = kinds
        .iter()
        .filter(|(_, kind)| kind.left_out)
        .map(|(_, kind)| kind.share)
        .sum();

    let of_kind: LeftOut = Box::new(move |transition| chosen.contains(&kind_of(transition.observation, transition.action)));
    let at_random: LeftOut = Box::new(move |transition| fraction_of(transition.observation) < share);
    let mut undone = Vec::new();
    for left_out in [of_kind, at_random] {
        let mut again = Again::start(run.config.clone())?;
        if !again.go_on(plan.from_decisions)? {
            return Ok(Attributed::Interrupted);
        }
        again.training.ask(move |learner| learner.leave_out(Some(left_out)))?;
        if !again.go_on(plan.until_decisions)? {
            return Ok(Attributed::Interrupted);
        }
        let without = again.watched()?;
        undone.push(plan.undone_in(&without).unwrap_or_default());
    }
    Ok(Attributed::Tested(Attribution {
        season: plan.season,
        during: plan.during,
        from_decisions: plan.from_decisions,
        until_decisions: plan.until_decisions,
        kinds: kinds.into_iter().map(|(_, kind)| kind).collect(),
        share,
        flips: plan.flipped.len(),
        undone: undone[0],
        undone_at_random: undone[1],
    }))
}

/// Refuses a run that cannot be made again.
fn check(run: &WatchedRun) -> miette::Result<()> {
    check_program(&run.config, "it cannot be made again exactly")?;
    if let Some(policy) = &run.config.initial_policy {
        miette::bail!("the run began with the policy {policy}, which it does not hold, so it cannot be made again");
    }
    Ok(())
}

/// Checks that the run was repeated exactly.
fn compare(again: Again, run: &WatchedRun, until_decisions: u64) -> miette::Result<()> {
    let again = again.watched()?;
    let looks = run.looks.iter().take_while(|look| look.decisions <= until_decisions);
    let same = looks.clone().zip(&again.looks).all(|(one, other)| one == other);
    if !same || again.looks.len() < looks.count() {
        miette::bail!(
            help = "explain it on the machine that made it, with the program that made it",
            "the run cannot be repeated exactly here, so nothing can be tested"
        );
    }
    Ok(())
}

/// A fraction in 0..1 that depends on the bytes alone (FNV-1a, 64 bits).
fn fraction_of(bytes: &[u8]) -> f64 {
    let hash = bytes.iter().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    });
    (hash >> 11) as f64 / (1_u64 << 53) as f64
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicBool;

    use super::*;
    use perennial::scenario::{DEFAULT_SCENARIO, Scenario};
    use perennial::training::{Execution, Existing, NoObserver, RunConfig, RunFolder, Training};

    /// A short run, and the folder that it lies in.
    fn short_run() -> (WatchedRun, tempfile::TempDir) {
        let mut config = RunConfig {
            method: "finetune".to_owned(),
            gardens: 4,
            decisions_per_season: 400,
            ..RunConfig::new(Scenario::load(DEFAULT_SCENARIO).unwrap().scenario)
        };
        (config.evaluation.episodes, config.evaluation.gardens) = (2, 2);
        (config.inside.every_decisions, config.inside.views_per_season) = (100, 4);
        config.learner.hidden = vec![8, 8];
        config.learner.batch_size = 8;
        config.learner.fresh_memory.minimum_transitions = 50;
        let folder = tempfile::tempdir().unwrap();
        let toml = config.to_toml().unwrap();
        let place = RunFolder::create(folder.path(), "mine", Existing::Refuse, &toml).unwrap();
        let path = place.path().to_owned();
        let mut training = Training::start(config, place, None, Execution::default()).unwrap();
        training.run(&mut NoObserver, &AtomicBool::new(false)).unwrap();
        (WatchedRun::read(&path).unwrap(), folder)
    }

    #[test]
    fn a_run_is_made_again_exactly_and_what_is_left_out_changes_what_follows() {
        let (run, _folder) = short_run();
        let again = |left_out: Option<LeftOut>| {
            let mut again = Again::start(run.config.clone()).unwrap();
            for decisions in [300, 400] {
                assert!(again.go_on(decisions).unwrap());
            }
            again.training.ask(move |learner| learner.leave_out(left_out)).unwrap();
            assert!(again.go_on(700).unwrap());
            again
        };
        compare(again(None), &run, 700).unwrap();
        let mut other = run.clone();
        other.looks[2].updates += 1;
        let refused = compare(again(None), &other, 700).unwrap_err().to_string();
        assert!(refused.contains("cannot be repeated exactly"), "{refused}");
        let without = again(Some(Box::new(|transition| transition.action == 0))).watched().unwrap();
        let up_to = |decisions: u64| run.looks.iter().filter(|look| look.decisions <= decisions).count();
        assert_eq!(without.looks[..up_to(400)], run.looks[..up_to(400)]);
        assert_ne!(without.looks[up_to(400)..up_to(700)], run.looks[up_to(400)..up_to(700)]);
    }

    #[test]
    fn fractions_are_spread_evenly() {
        let below = (0..10_000_u32)
            .filter(|number| fraction_of(&number.to_le_bytes()) < 0.2)
            .count();
        assert!((1_800..2_200).contains(&below), "{below}");
    }
}
