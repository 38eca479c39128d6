//! Description of a panel. Each panel's file has one, named `PANEL`; [`PANELS`](super::PANELS) lists them.

use std::fmt;

use bevy::input::keyboard::KeyCode;
use bevy_egui::egui::{Rect, Ui};

use super::words::Term;
use super::{PanelContext, UiCommands};

/// A panel of the window. Two descriptions are equal if they have the same name.
pub struct PanelSpec {
    /// Name in tours.
    pub name: &'static str,
    /// Title, above the panel and in the menu of panels.
    pub title: &'static str,
    /// Explanation of the title.
    pub(super) explanation: Term,
    /// Key that opens and closes the panel, if there is one.
    pub key: Option<KeyCode>,
    /// Place in the window.
    pub(super) place: PanelPlace,
    /// Returns `true` if there is anything to show.
    pub(super) has_content: fn(&PanelContext) -> bool,
    /// Draws the contents into a rectangle.
    pub(super) draw: fn(&mut Ui, Rect, &PanelContext, &mut UiCommands),
}

/// Place of a panel. Panels in a column lie below each other in the order of [`PANELS`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum PanelPlace {
    /// The bar at the bottom, whose height follows from its rows.
    Bar,
    /// The column at the left edge.
    Left(Height),
    /// The column at the right edge.
    Right(Height),
    /// Below the garden, between the columns, this high. In a small window the garden needs the space.
    Below(f32),
    /// The column at the left edge, as high as there is space, and at least this high in a large window and in a small one. Its contents scroll.
    LeftScrolling(Height),
}

/// Height of a panel, in points.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Height {
    /// Height in a large window.
    pub(super) large: f32,
    /// Height in a small window.
    pub(super) small: f32,
}

/// Returns `true` in a session that can learn.
pub(super) fn can_learn(scene: &PanelContext) -> bool {
    scene.shown.status.learning.possible
}

impl PartialEq for PanelSpec {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for PanelSpec {}

impl fmt::Debug for PanelSpec {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name)
    }
}
