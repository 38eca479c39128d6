//! Commands that a live simulation accepts. A command is carried out between two ticks.

use std::sync::Arc;

use crate::agent::drivers::ReferenceDriver;
use crate::mdp::Action;
use crate::scenario::Scenario;

/// A command to a live simulation.
#[derive(Clone, Debug)]
pub enum SimulationCommand {
    /// Switch to this season from the next tick on.
    JumpTo {
        /// Number of the season.
        season: usize,
    },
    /// Turn into this season over a number of ticks.
    TurnInto {
        /// Number of the season.
        season: usize,
        /// Length of the transition, in ticks.
        ticks: u64,
    },
    /// Let seasons follow each other (`true`), or stay in the current one (`false`).
    LetYearTurn(bool),
    /// Choose the driver of the shown robot.
    Drive(DriverKind),
    /// Set the action of the manual driver, from now on.
    Steer(Action),
    /// Learn (`true`), or only act (`false`).
    Learn(bool),
    /// Put a twin of the shown garden beside it, with this driver, or take it away. The policy is taken as it is now.
    Beside(Option<DriverKind>),
    /// Start learning with another method, from the network that drives the shown robot: the current one or an earlier one.
    LearnWith {
        /// Name of the method, or several names joined by `+`.
        method: String,
    },
    /// Restart from the beginning.
    Reset,
    /// Show another garden.
    ShowGarden(usize),
    /// Replace the scenario, because its file was edited.
    Replace(Arc<Scenario>),
    /// Go to this tick of a recording.
    Seek(u64),
    /// Evaluate the policy in every season now, in the background.
    Evaluate,
}

/// A driver of the shown robot.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DriverKind {
    /// The policy: as in training while it learns, greedily otherwise.
    #[default]
    Policy,
    /// The policy as it was at an earlier time, greedily, by its number in [`EarlierMark`](super::EarlierMark).
    Earlier(u32),
    /// A driver that needs no policy.
    Reference(ReferenceDriver),
    /// Manual control from the keyboard.
    Manual,
    /// The actions of the recording.
    Recorded,
}

impl DriverKind {
    /// The drivers that can be chosen, in the order in which they are offered.
    pub const CHOICES: [Self; 5] = [
        Self::Policy,
        Self::Reference(ReferenceDriver::Gardener),
        Self::Reference(ReferenceDriver::Planner),
        Self::Reference(ReferenceDriver::Random),
        Self::Manual,
    ];

    /// Returns the name of the driver.
    pub fn name(self) -> &'static str {
        match self {
            Self::Policy => "policy",
            Self::Earlier(_) => "earlier",
            Self::Reference(driver) => driver.name(),
            Self::Manual => "manual",
            Self::Recorded => "recorded",
        }
    }

    /// Returns the driver in a few words.
    pub fn summary(self) -> &'static str {
        match self {
            Self::Policy => "the learned policy",
            Self::Earlier(_) => "the policy as it was",
            Self::Reference(driver) => driver.summary(),
            Self::Manual => "you: W A S D, Space waters",
            Self::Recorded => "the recording",
        }
    }
}
