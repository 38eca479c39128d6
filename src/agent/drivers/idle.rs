//! Driver that does nothing: what not acting is worth.

use super::{Driver, DriverInput};
use crate::mdp::Action;

/// Turns on the spot and never waters. A robot has no action that does nothing; this one neither moves nor touches anything, and does no harm.
#[derive(Clone, Copy, Debug, Default)]
pub struct IdleDriver;

impl Driver for IdleDriver {
    fn decide(&mut self, _: &DriverInput, actions: &mut [Action]) {
        actions.fill(Action::TurnLeft);
    }
}
