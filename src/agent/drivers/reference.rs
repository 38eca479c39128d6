//! Reference drivers by name: they need no policy, and scores are measured against them.

use super::{Driver, Gardener, IdleDriver, PlanningGardener, RandomDriver};

/// A driver that needs no policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReferenceDriver {
    /// The scripted gardener, whose mean return is score 1.
    Gardener,
    /// The scripted gardener that plans: the line to reach, as its score is above 1.
    Planner,
    /// Nothing: it turns on the spot and never waters.
    Idle,
    /// Random actions, whose mean return is score 0.
    Random,
}

impl ReferenceDriver {
    /// All reference drivers, in the order in which they are offered.
    pub const ALL: [Self; 4] = [Self::Gardener, Self::Planner, Self::Idle, Self::Random];

    /// Returns the name of the driver.
    pub fn name(self) -> &'static str {
        match self {
            Self::Gardener => "gardener",
            Self::Planner => "planner",
            Self::Idle => "idle",
            Self::Random => "random",
        }
    }

    /// Returns the driver in a few words.
    pub fn summary(self) -> &'static str {
        match self {
            Self::Gardener => "a script: to the nearest thirsty plant",
            Self::Planner => "a script that plans its way",
            Self::Idle => "nothing: it turns on the spot",
            Self::Random => "random actions",
        }
    }

    /// Returns the driver of this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|driver| driver.name() == name)
    }

    /// Builds the driver; `seed` seeds its random numbers, if it has any.
    pub fn build(self, seed: u64) -> Box<dyn Driver> {
        match self {
            Self::Gardener => Box::new(Gardener),
            Self::Planner => Box::<PlanningGardener>::default(),
            Self::Idle => Box::new(IdleDriver),
            Self::Random => Box::new(RandomDriver::new(seed)),
        }
    }
}
