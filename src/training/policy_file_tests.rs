use super::*;
use crate::app::Gardens;
use crate::learner::ExplorationPolicy;
use crate::scenario::{DEFAULT_SCENARIO, Scenario, Year};
use crate::sensors::observation_spec;
use crate::training::{RunConfig, new_learner};

fn config() -> RunConfig {
    let mut config = RunConfig::new(Scenario::load(DEFAULT_SCENARIO).unwrap().scenario);
    config.learner.hidden = vec![4];
    config.method = "packnet".to_owned();
    config
}

/// A policy with a network for each of so many seasons; their last biases are the numbers of the seasons.
fn policy(config: &RunConfig, seasons: usize) -> RunPolicy {
    let network = new_learner(config).unwrap().policy();
    let networks = (0..seasons).map(|season| {
        let mut network = network.clone();
        *network.parameters.last_mut().unwrap() = season as f32;
        network
    });
    RunPolicy::of_config(networks.collect(), config, 1_000).unwrap()
}

fn mark(network: &PolicySnapshot) -> f32 {
    *network.parameters.last().unwrap()
}

#[test]
fn the_policies_that_come_along_fit_the_default_garden() {
    let scenario = Scenario::load(DEFAULT_SCENARIO).unwrap().scenario;
    for shipped in SHIPPED_POLICIES {
        let policy = shipped.read().unwrap();
        let fitted = policy.for_scenario(&scenario).unwrap();
        assert_eq!(
            fitted.for_season(3).shape.inputs,
            observation_spec(&scenario).len(),
            "{}",
            shipped.name
        );
        assert_eq!(RunPolicy::from_bytes(&policy.to_bytes().unwrap()).unwrap(), policy);
    }
}

#[test]
fn damaged_bytes_are_told() {
    let bytes = SHIPPED_POLICIES[0].bytes;
    assert!(RunPolicy::from_bytes(&bytes[..bytes.len() / 2]).is_err());
    assert!(RunPolicy::from_bytes(b"no policy").is_err());
}

#[test]
fn a_file_keeps_every_season_and_what_was_trained_on() {
    let policy = policy(&config(), 4);
    let read = RunPolicy::from_bytes(&policy.to_bytes().unwrap()).unwrap();
    assert_eq!(read, policy);
    assert!(read.is_by_season());
    assert_eq!(read.season_names(), ["spring", "summer", "autumn", "winter"]);

    let winter = RunPolicy::from_bytes(&policy.only(3).to_bytes().unwrap()).unwrap();
    assert!(!winter.is_by_season());
    assert_eq!(winter.trained_on.as_ref().unwrap().only_season.as_deref(), Some("winter"));
    assert_eq!(mark(winter.for_scenario(&config().scenario).unwrap().for_season(0)), 3.0);
}

#[test]
fn a_file_of_an_older_version_is_read_as_far_as_shapes_fit() {
    let config = config();
    let mut policy = policy(&config, 4);
    policy.trained_on = None;
    let read = RunPolicy::from_bytes(&policy.to_bytes().unwrap()).unwrap();
    assert_eq!(read.trained_on, None);
    assert_eq!(mark(read.for_scenario(&config.scenario).unwrap().for_season(2)), 2.0);

    let mut other = config.scenario.clone();
    other.eye.columns = 12;
    let refusal = read.for_scenario(&other).unwrap_err();
    assert_eq!(
        refusal.reasons,
        ["an observation has 59 numbers here (eye.columns is 12, eye.rows is 1) and 107 in the run"]
    );
    other = config.scenario.clone();
    other.seasons.pop();
    let refusal = read.for_scenario(&other).unwrap_err();
    assert_eq!(refusal.reasons, ["the year has 3 seasons here, and it has policies for 4"]);
}

#[test]
fn a_policy_follows_the_names_of_the_seasons() {
    let config = config();
    let policy = policy(&config, 4);
    let mut other = config.scenario.clone();
    other.seasons.reverse();
    other.seasons.remove(1);
    let fitted = policy.for_scenario(&other).unwrap();
    let marks: Vec<f32> = fitted.every_season().iter().map(mark).collect();
    assert_eq!(marks, [3.0, 1.0, 0.0], "winter, summer, spring");
    assert!(fitted.is_by_season());

    other.seasons[0].name = "monsoon".to_owned();
    let refusal = policy.for_scenario(&other).unwrap_err();
    assert_eq!(
        refusal.reasons,
        ["season `monsoon` is not one of those that it has a policy for: spring, summer, autumn, winter"]
    );
}

#[test]
fn everything_that_does_not_fit_is_named() {
    let config = config();
    let mut other = config.clone();
    other.algorithm = "sac".to_owned();
    other.learner.hidden = vec![8, 8];
    other.learner.layer_norm = false;
    other.scenario.eye.columns = 12;
    other.scenario.eye.rows = 2;
    let refusal = policy(&config, 1).to_begin_with(&other, None).unwrap_err();
    assert_eq!(
        refusal.reasons,
        [
            "algorithm is sac here and dqn in the run",
            "learner.hidden is [8,8] here and [4] in the run",
            "learner.layer_norm is false here and true in the run",
            "eye.columns is 12 here and 24 in the run",
            "eye.rows is 2 here and 1 in the run",
        ]
    );
    assert!(
        refusal
            .to_string()
            .contains("does not fit a run of `four seasons` by packnet (sac)"),
        "{refusal}"
    );
}

#[test]
fn a_run_begins_with_one_policy_and_it_is_said_which() {
    let config = config();
    let policy = policy(&config, 4);
    let refusal = policy.to_begin_with(&config, None).unwrap_err();
    assert_eq!(
        refusal.reasons,
        ["it has a policy for each of 4 seasons, and a run begins with one"]
    );
    assert_eq!(mark(&policy.to_begin_with(&config, Some(2)).unwrap()), 2.0);
    assert_eq!(mark(&policy.only(1).to_begin_with(&config, None).unwrap()), 1.0);
}

#[test]
fn forged_shapes_are_refused_before_anything_is_made_of_them() {
    let shapes = [
        (usize::MAX, vec![4], 5),
        (107, vec![usize::MAX, usize::MAX], 5),
        (107, vec![1 << 20, 1 << 20], 5),
        (107, vec![0], 5),
        (0, vec![4], 5),
        (107, vec![4], 6),
        (107, vec![4], 0),
    ];
    for (inputs, hidden, outputs) in shapes {
        let shape = NetworkShape {
            inputs,
            hidden,
            outputs,
            layer_norm: false,
        };
        let mut state = StateDict::new();
        state.set("origin", &policy(&config(), 1).origin).unwrap();
        state.set("seasons", &0).unwrap();
        state.set("policy.shape", &shape).unwrap();
        state.set("policy.acting", &ExplorationPolicy::Categorical).unwrap();
        state.put("policy.parameters", &[0.0_f32; 3]);
        let refusal = RunPolicy::from_bytes(&state.to_bytes().unwrap()).unwrap_err();
        assert!(refusal.to_string().contains("policy.shape"), "{shape:?}: {refusal}");
    }
}

#[test]
fn the_driver_follows_the_season_under_way_also_while_it_turns() {
    for name in [DEFAULT_SCENARIO, "gradual_year"] {
        let mut config = config();
        config.scenario = Scenario::load(name).unwrap().scenario;
        let mut networks: Vec<PolicySnapshot> = policy(&config, 4).networks().to_vec();
        for (season, network) in networks.iter_mut().enumerate() {
            // In each season another action, whatever is seen.
            let biases = network.parameters.len() - Action::ALL.len();
            network.parameters.fill(0.0);
            network.parameters[biases + season] = 1.0;
        }
        let policy = RunPolicy::of_config(networks, &config, 0).unwrap();
        let year = Year::of(&config.scenario, 1, 20, 0);
        let mut gardens = Gardens::new(&config.scenario, 2, 0, year.clone());
        let driver = policy
            .for_scenario(&config.scenario)
            .unwrap()
            .driver(gardens.observation_spec())
            .unwrap();
        gardens.drive(Box::new(driver));
        let mut turned = 0;
        for tick in 0..80 {
            turned += usize::from(year.moment(0, tick).turned > 0.5);
            assert_eq!(gardens.tick().actions, [(tick / 20) as u8; 2], "{name}, tick {tick}");
        }
        assert_eq!(turned > 0, name != DEFAULT_SCENARIO);
    }
}
