//! Gauges of the robot's own state: tank, speed, turning, bump, pump.

use super::{Scene, Sense, fraction_byte};
use crate::mdp::Channel;
use crate::scenario::Scenario;

pub(super) const SENSE: Sense = Sense {
    name: "gauges",
    channels,
    write: write_gauges,
};

/// Range of a gauge, as a multiple of the fastest commanded motion: collisions and ice can exceed the command a little.
const HEADROOM: f32 = 1.5;

fn ranges(scenario: &Scenario) -> (f32, f32) {
    let robot = &scenario.robot;
    (
        HEADROOM * robot.forward_m_per_s.max(robot.back_m_per_s),
        HEADROOM * robot.turn_rad_per_s,
    )
}

fn channels(scenario: &Scenario) -> Vec<Channel> {
    let (speed, turning) = ranges(scenario);
    let channel = |name: &str, low, high| Channel {
        name: name.to_owned(),
        low,
        high,
    };
    vec![
        channel("tank_fraction", 0.0, 1.0),
        channel("speed_m_per_s", -speed, speed),
        channel("yaw_rate_rad_per_s", -turning, turning),
        channel("bumped", 0.0, 1.0),
        channel("pump_on", 0.0, 1.0),
    ]
}

fn write_gauges(scene: &Scene, bytes: &mut [u8]) {
    let (speed, turning) = ranges(scene.scenario);
    let ahead = scene.motion.velocity_m_per_s.dot(scene.pose.forward);
    let flag = |on: bool| if on { 255 } else { 0 };
    bytes.copy_from_slice(&[
        fraction_byte(scene.tank_fraction, 0.0, 1.0),
        fraction_byte(ahead, -speed, speed),
        fraction_byte(scene.motion.yaw_rate_rad_per_s, -turning, turning),
        flag(scene.bumped),
        flag(scene.pump_on),
    ]);
}
