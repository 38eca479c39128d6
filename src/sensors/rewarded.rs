//! Sense of the last rewards: what watering plants that look thirsty, and plants that look fine, has just brought.
//!
//! Only robots with `robot.senses_rewards` have it; for all others it has no channels. [`RecentRewards`] says how the values come about.
//!
//! [`RecentRewards`]: crate::garden::RecentRewards

use super::{Scene, Sense, fraction_byte};
use crate::mdp::Channel;
use crate::scenario::Scenario;

pub(super) const SENSE: Sense = Sense {
    name: "rewarded",
    channels,
    write: write_rewarded,
};

/// Returns two channels in -1..1, or none.
fn channels(scenario: &Scenario) -> Vec<Channel> {
    let channel = |name: &str| Channel {
        name: format!("rewarded.{name}"),
        low: -1.0,
        high: 1.0,
    };
    if scenario.robot.senses_rewards {
        vec![channel("thirsty_looking"), channel("fine_looking")]
    } else {
        Vec::new()
    }
}

fn write_rewarded(scene: &Scene, bytes: &mut [u8]) {
    let recent = scene.recent_rewards;
    for (byte, value) in bytes.iter_mut().zip([recent.thirsty_looking, recent.fine_looking]) {
        *byte = fraction_byte(value, -1.0, 1.0);
    }
}
