//! Who lives in the garden: plants, the robot and its water, the butt, what lies around.
//!
//! | part | what it draws |
//! |---|---|
//! | `plants` | five shapes of plants that thirst, wilt and recover |
//! | `robot` | the robot, its wheels, its lamp, its tank |
//! | `water`, `feedback` | the jet, and whether it was right to spray |
//! | `tracks` | tyre tracks, skid marks, wet spots |
//! | `butt`, `props` | the water butt; stones, apples, pots |
//! | `selection` | a ring around what is looked at closely |
//! | `sculpt`, `ground`, `spring`, `chance` | what they are made with |
//!
//! All of it is built by code, and all of it follows [`FrameView`](super::FrameView): what belongs to one garden goes with its generation.
//! Nothing here reaches back into the simulation, and what moves only for show rests where time stands or flies.

#![allow(
    clippy::disallowed_methods,
    reason = "what is only drawn may differ in its last bits between platforms"
)]

mod butt;
mod chance;
mod damped_spring;
mod feedback;
mod ground;
mod plants;
mod props;
mod robot;
mod sculpt;
mod selection;
mod tracks;
mod water;

use bevy::prelude::*;

/// Draws who lives in the garden.
pub struct InhabitantsPlugin;

impl Plugin for InhabitantsPlugin {
    fn build(&self, app: &mut App) {
        app.add_plugins((
            plants::plugin,
            robot::plugin,
            water::plugin,
            feedback::plugin,
            tracks::plugin,
            butt::plugin,
            props::plugin,
            selection::plugin,
        ));
    }
}
