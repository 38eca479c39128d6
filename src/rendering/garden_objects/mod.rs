//! Objects of the garden: plants, the robot and its water, the butt, and props.
//!
//! | part | contents |
//! |---|---|
//! | `plants` | five shapes of plants that thirst, wilt and recover |
//! | `robot` | the robot with its wheels, lamp and tank |
//! | `water`, `feedback` | the jet, and signs that show if spraying was useful |
//! | `tracks` | tyre tracks, skid marks, wet spots |
//! | `butt`, `props` | the water butt; stones, apples, pots |
//! | `selection` | a ring around the selected object |
//! | `misjudged` | rings around the plants that the policy would treat wrongly |
//! | `vertex_paint`, `ground`, `damped_spring` | helpers for building and animating them |
//!
//! All objects are built by code and follow [`FrameView`](super::FrameView): objects of a garden are removed when
//! [another one is shown](super::frame_view::GardenReplaced). Nothing here affects the simulation. Purely decorative movement stops while time is paused or very fast.

#![allow(
    clippy::disallowed_methods,
    reason = "what is only drawn may differ in its last bits between platforms"
)]

mod butt;
mod damped_spring;
mod feedback;
mod ground;
mod misjudged;
mod plants;
mod props;
mod robot;
mod selection;
mod tracks;
mod vertex_paint;
mod water;

use bevy::prelude::*;

/// Draws the objects of the garden.
pub struct GardenObjectsPlugin;

impl Plugin for GardenObjectsPlugin {
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
            misjudged::plugin,
        ));
    }
}
