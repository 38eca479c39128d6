//! The rows of the bar below: its groups side by side where the window is wide enough, or else one below the other.

use bevy_egui::egui::{Context, Id};

use super::PanelContext;

/// Width of a recording's slider at least, in points.
pub(super) const LEAST_SCRUBBER: f32 = 80.0;
/// Part of a window's height that the bar takes at most; what has no room then is left out.
const MOST_HEIGHT: f32 = 0.4;
/// Width of a group before it was drawn for the first time, in points.
const UNKNOWN_WIDTH: f32 = 160.0;

/// Things that belong together in the bar.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum BarGroup {
    /// Pause, tick and pace.
    Time,
    /// The slider of a recording.
    Scrubber,
    /// The seasons to jump to.
    Seasons,
    /// Driver, learning and method.
    Robot,
    /// Camera, pictures, panels and help.
    Window,
}

impl BarGroup {
    /// Those of gardens that are simulated now, from the left.
    pub(super) const LIVE: &[Self] = &[Self::Time, Self::Seasons, Self::Robot, Self::Window];
    /// Those of a recording.
    pub(super) const RECORDING: &[Self] = &[Self::Time, Self::Scrubber, Self::Window];
}

/// The groups of each row, from above.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Rows(pub(super) Vec<Vec<BarGroup>>);

impl Rows {
    /// Rows for a window of this size, in points.
    pub(super) fn of(context: &Context, scene: &PanelContext) -> Self {
        let compact = scene.compact;
        let groups: &[BarGroup] = if scene.now.recording.is_some() {
            BarGroup::RECORDING
        } else {
            BarGroup::LIVE
        };
        let window = context.content_rect().size();
        let room = window.x - 2.0 * (margin(compact) + inset(compact));
        let most = ((MOST_HEIGHT * window.y / height(compact, 1)) as usize).max(1);
        Self::packed(groups, |group| width(context, group), room, gap_width(compact), most)
    }

    fn packed(groups: &[BarGroup], width: impl Fn(BarGroup) -> f32, room: f32, gap: f32, most: usize) -> Self {
        let mut rows: Vec<Vec<BarGroup>> = Vec::new();
        let mut used = f32::INFINITY;
        for &group in groups {
            let width = width(group);
            if used + gap + width <= room
                && let Some(row) = rows.last_mut()
            {
                row.push(group);
                used += gap + width;
            } else {
                rows.push(vec![group]);
                used = width;
            }
        }
        rows.truncate(most);
        Self(rows)
    }
}

/// Distance of the bar from the edges of the window.
pub(super) fn margin(compact: bool) -> f32 {
    if compact { 5.0 } else { 8.0 }
}

/// Distance of what stands in the bar from its ends.
pub(super) fn inset(compact: bool) -> f32 {
    if compact { 6.0 } else { 10.0 }
}

/// Width of the line between two groups, with the room beside it.
pub(super) fn gap_width(compact: bool) -> f32 {
    if compact { 13.0 } else { 25.0 }
}

/// Height of the bar with so many rows.
pub(super) fn height(compact: bool, rows: usize) -> f32 {
    let (first, further) = if compact { (34.0, 27.0) } else { (46.0, 34.0) };
    first + further * rows.saturating_sub(1) as f32
}

/// Width of a group when it was drawn last.
pub(super) fn width(context: &Context, group: BarGroup) -> f32 {
    if group == BarGroup::Scrubber {
        return LEAST_SCRUBBER;
    }
    context.data(|data| data.get_temp(id(group))).unwrap_or(UNKNOWN_WIDTH)
}

/// Remembers the width of a group that was drawn.
pub(super) fn remember_width(context: &Context, group: BarGroup, width: f32) {
    context.data_mut(|data| data.insert_temp(id(group), width));
}

fn id(group: BarGroup) -> Id {
    Id::new("width of a group in the bar").with(group)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_share_a_row_while_there_is_room() {
        let packed = |room, most| Rows::packed(BarGroup::LIVE, |_| 100.0, room, 10.0, most).0;
        assert_eq!(packed(430.0, 9), [BarGroup::LIVE.to_vec()]);
        let [time, seasons, robot, window] = *BarGroup::LIVE else {
            panic!("there are four groups")
        };
        assert_eq!(packed(429.0, 9), [vec![time, seasons, robot], vec![window]]);
        assert_eq!(packed(210.0, 9), [vec![time, seasons], vec![robot, window]]);
        assert_eq!(packed(90.0, 3), [vec![time], vec![seasons], vec![robot]]);
    }
}
