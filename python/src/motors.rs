//! Continuous actions: how fast to drive, how fast to turn, and whether to spray.
//!
//! A command has three numbers in [-1, 1]: `drive` (1 is the robot's fastest forwards, -1 its fastest backwards), `turn` (1 is its fastest
//! to the left) and `pump` (on above 0). The five discrete actions are corners of this: forward is `(1, 0, -1)`, water is `(0, 0, 1)`,
//! and their gardens are the same, bit for bit. Unlike a discrete action, a command can spray while it drives.

use bevy::prelude::*;
use perennial::garden::{ActiveScenario, Garden, GardenEntities, Pump};
use perennial::physics::WheelCommand;

/// Numbers of a command: drive, turn, pump.
pub(crate) const NUMBERS: usize = 3;

/// Commands of all robots for this tick, by garden.
#[derive(Resource, Default)]
pub(crate) struct Motors(pub(crate) Vec<[f32; NUMBERS]>);

/// Passes the commands to the wheels and the pump, in place of a discrete action.
pub(crate) fn drive_motors(
    motors: Res<Motors>,
    scenario: Res<ActiveScenario>,
    gardens: Query<(&Garden, &GardenEntities)>,
    mut robots: Query<(&mut WheelCommand, &mut Pump)>,
) {
    let robot = &scenario.0.robot;
    for (garden, entities) in &gardens {
        let (Some(&[drive, turn, pump]), Ok((mut wheels, mut pump_state))) =
            (motors.0.get(garden.number), robots.get_mut(entities.robot))
        else {
            continue;
        };
        let fastest = if drive < 0.0 {
            robot.back_m_per_s
        } else {
            robot.forward_m_per_s
        };
        *wheels = WheelCommand {
            forward_m_per_s: drive * fastest,
            yaw_rate_rad_per_s: turn * robot.turn_rad_per_s,
        };
        pump_state.on = pump > 0.0;
    }
}
