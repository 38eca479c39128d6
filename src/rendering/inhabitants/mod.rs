//! Who lives in the garden: plants, the robot and its water, the butt, what lies around.
//!
//! | part | what it draws |
//! |---|---|
//! | [`plants`] | five shapes of plants that thirst, wilt and recover |
//!
//! All of it is built by code, and all of it follows [`Shown`](super::Shown): what belongs to one garden goes with its generation.

mod chance;
mod ground;
mod plants;
mod sculpt;
mod spring;

use bevy::prelude::*;

/// Draws who lives in the garden.
pub struct InhabitantsPlugin;

impl Plugin for InhabitantsPlugin {
    fn build(&self, app: &mut App) {
        app.add_plugins(plants::plugin);
    }
}
