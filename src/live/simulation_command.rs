//! What whoever watches can ask for. An order is carried out between two ticks.

use std::sync::Arc;

use crate::mdp::Action;
use crate::scenario::Scenario;

/// What whoever watches can ask for.
#[derive(Clone, Debug)]
pub enum SimulationCommand {
    /// Be in this season from the next tick on.
    JumpTo {
        /// Its number.
        season: usize,
    },
    /// Turn into this season, over so many ticks.
    TurnInto {
        /// Its number.
        season: usize,
        /// How long it takes.
        ticks: u64,
    },
    /// Let seasons follow each other by themselves, or stay.
    LetYearTurn(bool),
    /// Let somebody drive the robot that is shown.
    Drive(DriverKind),
    /// What a manual driver does from now on.
    Steer(Action),
    /// Learn, or only act.
    Learn(bool),
    /// Begin to learn with another method, from the policy that there is.
    LearnWith {
        /// The method, or several with `+` between them.
        method: String,
    },
    /// Begin everything anew.
    Reset,
    /// Show another garden.
    ShowGarden(usize),
    /// Play another scenario from now on: the file was edited.
    Replace(Arc<Scenario>),
    /// In a recording: go to this tick.
    Seek(u64),
    /// Evaluate the policy in every season now, in the background.
    Evaluate,
}

/// Who drives.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DriverKind {
    /// The policy, as it acts in training where it learns, and greedily where it does not.
    #[default]
    Policy,
    /// The simple scripted gardener.
    Gardener,
    /// The scripted gardener that plans.
    Planner,
    /// Chance.
    Random,
    /// Whoever watches, by keys.
    Manual,
    /// What is written in the recording.
    Recorded,
}

impl DriverKind {
    /// Those that can be chosen, in the order in which they are offered.
    pub const CHOICES: [Self; 5] = [Self::Policy, Self::Gardener, Self::Planner, Self::Random, Self::Manual];

    /// What it is called.
    pub fn name(self) -> &'static str {
        match self {
            Self::Policy => "policy",
            Self::Gardener => "gardener",
            Self::Planner => "planner",
            Self::Random => "random",
            Self::Manual => "manual",
            Self::Recorded => "recorded",
        }
    }
}
