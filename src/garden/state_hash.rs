//! Hash of the complete state of all gardens. Two runs with equal hashes at every tick are the same run.

use bevy::ecs::system::RunSystemOnce;
use bevy::prelude::*;
use xxhash_rust::xxh3::Xxh3;

use super::{Clock, EpisodeState, GardenEntities, GardenList, Pump, Sky, Soil, Wellbeing};
use crate::physics::{LoosePose, Motion, Pose};

/// State hash after the last tick: xxh3 over the bits of every changing number, in the order of the gardens.
#[derive(Resource, Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StateHash(pub u64);

/// Computes the hash outside of a tick, after gardens were spawned or restored.
pub fn hash_now(world: &mut World) {
    // The only error is a missing resource, and a world with gardens has them all.
    let _ = world.run_system_once(hash_states);
}

/// Computes the state hash.
pub fn hash_states(
    mut hash: ResMut<StateHash>,
    clock: Res<Clock>,
    list: Res<GardenList>,
    gardens: Query<(&GardenEntities, &EpisodeState, &Sky)>,
    robots: Query<(&Pose, &Motion, &Pump)>,
    plants: Query<(&Soil, &Wellbeing)>,
    loose: Query<&LoosePose>,
) {
    let mut digest = Xxh3::new();
    digest.update(&clock.tick.to_le_bytes());
    let mut numbers: Vec<f32> = Vec::with_capacity(64);
    for (entities, episode, sky) in gardens.iter_many(&list.0) {
        digest.update(&episode.number.to_le_bytes());
        digest.update(&episode.decisions.to_le_bytes());
        numbers.clear();
        numbers.extend([
            episode.tally.episode_return,
            sky.light,
            sky.evaporation_factor,
            sky.shower_left_s,
            sky.dry_left_s,
        ]);
        if let Ok((pose, motion, pump)) = robots.get(entities.robot) {
            numbers.extend(pose.position_m.to_array());
            numbers.extend(pose.forward.to_array());
            numbers.extend(motion.velocity_m_per_s.to_array());
            numbers.extend([
                motion.yaw_rate_rad_per_s,
                pump.sprays_left.map_or(-1.0, |sprays| sprays as f32),
            ]);
        }
        for (soil, wellbeing) in plants.iter_many(&entities.plants) {
            numbers.extend([soil.moisture, wellbeing.0]);
        }
        for pose in loose.iter_many(&entities.props) {
            numbers.extend(pose.translation_m.to_array());
            numbers.extend(pose.rotation.to_array());
        }
        digest.update(bytemuck::cast_slice(&numbers));
    }
    hash.0 = digest.digest();
}
