//! Executes decisions: wheel commands, the pump, and where the water goes.

use bevy::prelude::*;

use super::{ActiveScenario, Butt, Decision, GardenEntities, Position, Pump, Soil, Watering};
use crate::mdp::Action;
use crate::physics::{Pose, WheelCommand};
use crate::scenario::RobotSettings;

impl RobotSettings {
    /// Returns the wheel command of an action, and `true` if the pump runs.
    pub fn command(&self, action: Action) -> (WheelCommand, bool) {
        let (forward_m_per_s, yaw_rate_rad_per_s) = match action {
            Action::Forward => (self.forward_m_per_s, 0.0),
            Action::Back => (-self.back_m_per_s, 0.0),
            Action::TurnLeft => (0.0, self.turn_rad_per_s),
            Action::TurnRight => (0.0, -self.turn_rad_per_s),
            Action::Water => (0.0, 0.0),
        };
        (
            WheelCommand {
                forward_m_per_s,
                yaw_rate_rad_per_s,
            },
            action == Action::Water,
        )
    }

    /// Returns the distance to a plant in metres if the jet of a robot in this pose reaches it.
    pub fn jet_reaches(&self, pose: &Pose, plant_m: Vec2) -> Option<f32> {
        let seen_m = pose.robot_from_plane(plant_m);
        let distance_m = seen_m.length();
        let in_cone = seen_m.x >= distance_m * libm::cosf(self.jet_half_angle_rad);
        (distance_m <= self.jet_reach_m && in_cone).then_some(distance_m)
    }
}

/// Passes each garden's decision to the wheels and the pump.
pub fn act(
    scenario: Res<ActiveScenario>,
    gardens: Query<(&Decision, &GardenEntities)>,
    mut robots: Query<(&mut WheelCommand, &mut Pump)>,
) {
    for (decision, entities) in &gardens {
        if let Ok((mut wheels, mut pump)) = robots.get_mut(entities.robot) {
            (*wheels, pump.on) = scenario.0.robot.command(decision.0);
        }
    }
}

/// Sprays where the pump runs (the nearest plant in the jet gets the water), and refills the tank next to the butt.
pub fn water(
    scenario: Res<ActiveScenario>,
    mut gardens: Query<(&GardenEntities, &mut Watering)>,
    mut robots: Query<(&Pose, &mut Pump)>,
    mut plants: Query<(Entity, &Position, &mut Soil), Without<Butt>>,
    butts: Query<&Position, With<Butt>>,
) {
    let (settings, robot) = (&scenario.0.plants, &scenario.0.robot);
    for (entities, mut watering) in &mut gardens {
        let Ok((pose, mut pump)) = robots.get_mut(entities.robot) else {
            continue;
        };
        *watering = match (pump.on, pump.sprays_left) {
            (false, _) => Watering::Off,
            (true, Some(0)) => Watering::Dry,
            (true, _) => {
                if let Some(sprays_left) = &mut pump.sprays_left {
                    *sprays_left -= 1;
                }
                let mut nearest: Option<(f32, Entity)> = None;
                for &plant in &entities.plants {
                    let reached = plants
                        .get(plant)
                        .ok()
                        .and_then(|(_, place, _)| robot.jet_reaches(pose, place.0));
                    if let Some(distance_m) = reached
                        && nearest.is_none_or(|(nearest_m, _)| distance_m < nearest_m)
                    {
                        nearest = Some((distance_m, plant));
                    }
                }
                match nearest.and_then(|(_, plant)| plants.get_mut(plant).ok()) {
                    None => Watering::Ground,
                    Some((plant, _, mut soil)) => {
                        let thirst_before = settings.thirst(soil.moisture);
                        soil.moisture = (soil.moisture + settings.moisture_per_spray).min(1.0);
                        Watering::Plant { plant, thirst_before }
                    }
                }
            }
        };
        if let (Some(tank), Some(butt), Some(sprays_left)) = (&robot.tank, entities.butt, pump.sprays_left)
            && let Ok(place) = butts.get(butt)
            && place.0.distance(pose.position_m) <= tank.refill_distance_m
        {
            pump.sprays_left = Some((sprays_left + tank.refill_sprays_per_decision).min(tank.capacity_sprays));
        }
    }
}
