//! Layout of the panels: two columns at the edges, a headline above, the controls below, and the garden in the middle.

use bevy_egui::egui::{Rect, Vec2, pos2, vec2};

use super::bar;
use super::panel::{Height, PanelPlace, PanelSpec};
use super::{PANELS, controls};
use crate::rendering::ui_command::Panels;

/// Window size that the panels are designed for.
const DESIGNED: Vec2 = Vec2::new(1280.0, 720.0);
/// Minimum zoom: panels that are smaller cannot be read.
const LEAST_ZOOM: f32 = 0.75;
/// Maximum zoom.
const MOST_ZOOM: f32 = 3.0;
/// Minimum width of a panel below the garden.
const LEAST_BELOW: f32 = 360.0;
/// Height of a folded panel, which shows only its title.
pub(super) const TITLE: f32 = 24.0;

/// Position of a panel.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Placed {
    /// The panel.
    pub(super) panel: &'static PanelSpec,
    /// Area of the panel.
    pub(super) rect: Rect,
    /// `true` if there is only space for the title.
    pub(super) folded: bool,
}

/// Positions of all parts of a window.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Layout {
    /// `true` if the window is small.
    pub(super) compact: bool,
    /// Area of the headline.
    pub(super) headline: Rect,
    /// Area of the controls.
    pub(super) controls: Rect,
    /// Open panels of both columns.
    pub(super) columns: Vec<Placed>,
    /// Area that stays free for the garden.
    pub(super) middle: Rect,
}

/// Returns the scale of the panels in a window of this size.
pub(super) fn zoom(window: Vec2) -> f32 {
    let fits = (window.x / DESIGNED.x).min(window.y / DESIGNED.y);
    // In a large window, most of the space is for the garden.
    let wanted = if fits > 1.0 { 1.0 + 0.6 * (fits - 1.0) } else { fits };
    if wanted.is_finite() {
        wanted.clamp(LEAST_ZOOM, MOST_ZOOM)
    } else {
        1.0
    }
}

/// Returns `true` if a window of this size, in points, is small.
pub(super) fn is_compact(window: Vec2) -> bool {
    window.x < 1100.0 || window.y < 600.0
}

/// Returns the layout of a window of this size, in points, if the controls have `bar_rows` rows.
pub(super) fn layout(window: Vec2, panels: &Panels, bar_rows: usize) -> Layout {
    let compact = is_compact(window);
    let margin = bar::margin(compact);
    let (above, below) = (if compact { 24.0 } else { 32.0 }, bar::height(compact, bar_rows));
    let (left, right) = if compact { (178.0, 190.0) } else { (238.0, 264.0) };
    let headline = Rect::from_min_size(pos2(margin, margin), vec2((window.x - 2.0 * margin).max(0.0), above));
    let controls = Rect::from_min_size(
        pos2(margin, window.y - margin - below),
        vec2((window.x - 2.0 * margin).max(0.0), below),
    );
    let (top, mut bottom) = (headline.bottom() + margin, window.y - margin);
    if panels.shows(controls::PANEL.name) {
        bottom = controls.top() - margin;
    }
    let mut middle = Rect::from_min_max(pos2(margin, top), pos2(window.x - margin, bottom));
    let mut columns = Vec::new();
    let height = |height: Height| if compact { height.small } else { height.large };
    let (mut left_panels, mut right_panels) = (Vec::new(), Vec::new());
    for panel in PANELS {
        match panel.place {
            PanelPlace::Left(of) | PanelPlace::LeftScrolling(of) => left_panels.push((panel, height(of))),
            PanelPlace::Right(of) => right_panels.push((panel, height(of))),
            PanelPlace::Bar | PanelPlace::Below(_) => {}
        }
    }
    // If two columns leave no space for the garden, there is one column; if one column leaves none, there is none.
    let room = |columns: f32| window.x - columns > 0.4 * window.x;
    if room(left + right + 4.0 * margin) {
        let x = margin;
        if column(&left_panels, panels, margin, [x, x + left], [top, bottom], &mut columns) {
            middle.min.x = x + left + margin;
        }
    }
    if room(right + 2.0 * margin) {
        let x = window.x - margin - right;
        if column(&right_panels, panels, margin, [x, x + right], [top, bottom], &mut columns) {
            middle.max.x = x - margin;
        }
    }
    for panel in PANELS.iter().filter(|panel| !compact && panels.shows(panel.name)) {
        let PanelPlace::Below(of) = panel.place else { continue };
        let rect = Rect::from_min_max(pos2(middle.left(), middle.bottom() - of), middle.max);
        // The garden needs the larger part, and a narrow panel shows nothing.
        if rect.height() > 0.4 * middle.height() || rect.width() < LEAST_BELOW {
            continue;
        }
        middle.max.y = rect.top() - margin;
        columns.push(Placed {
            panel,
            rect,
            folded: false,
        });
    }
    Layout {
        compact,
        headline,
        controls,
        columns,
        middle,
    }
}

/// Places the open panels of a column. Returns `true` if there are any.
fn column(
    panels: &[(&'static PanelSpec, f32)],
    open: &Panels,
    margin: f32,
    [left, right]: [f32; 2],
    [top, bottom]: [f32; 2],
    placed: &mut Vec<Placed>,
) -> bool {
    let mut heights: Vec<(&PanelSpec, f32)> = panels.iter().copied().filter(|&(panel, _)| open.shows(panel.name)).collect();
    let gaps = margin * heights.len().saturating_sub(1) as f32;
    // If the panels do not fit, they are folded, from the bottom up.
    for folding in (0..heights.len()).rev() {
        if heights.iter().map(|(_, height)| height).sum::<f32>() + gaps <= bottom - top {
            break;
        }
        heights[folding].1 = TITLE;
    }
    // What scrolls takes what is left.
    let used = heights.iter().map(|(_, height)| height).sum::<f32>() + gaps;
    let scrolls =
        |(panel, height): &&mut (&PanelSpec, f32)| matches!(panel.place, PanelPlace::LeftScrolling(_)) && *height > TITLE;
    if let Some((_, height)) = heights.iter_mut().find(scrolls) {
        *height += (bottom - top - used).max(0.0);
    }
    let mut y = top;
    for &(panel, height) in &heights {
        placed.push(Placed {
            panel,
            rect: Rect::from_min_max(pos2(left, y), pos2(right, y + height)),
            folded: height <= TITLE,
        });
        y += height + margin;
    }
    !heights.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of_window(width: f32, height: f32) -> (Layout, Vec2) {
        let window = vec2(width, height);
        let points = window / zoom(window);
        let rows = if width < 600.0 { 2 } else { 1 };
        (layout(points, &without_editing(), rows), points)
    }

    /// The panels of a window in which no scenario is edited.
    fn without_editing() -> Panels {
        Panels {
            closed: vec!["edit"],
            ..Panels::default()
        }
    }

    #[test]
    fn what_scrolls_takes_what_is_left() {
        let edit = |closed: Vec<&'static str>| {
            let panels = Panels {
                closed,
                ..Panels::default()
            };
            let layout = layout(vec2(1280.0, 720.0), &panels, 1);
            *layout.columns.iter().find(|placed| placed.panel.name == "edit").unwrap()
        };
        let (among_others, alone) = (
            edit(Vec::new()),
            edit(vec!["eye", "year", "memory", "curves", "matrix", "learner"]),
        );
        assert!(
            !among_others.folded && among_others.rect.height() >= 200.0,
            "{among_others:?}"
        );
        assert!(alone.rect.height() > 500.0, "{alone:?}");
    }

    #[test]
    fn panels_never_lie_on_each_other_and_stay_in_the_window() {
        for (width, height) in [
            (320.0, 240.0),
            (500.0, 400.0),
            (640.0, 360.0),
            (800.0, 600.0),
            (1280.0, 720.0),
            (1920.0, 1080.0),
            (3840.0, 2160.0),
        ] {
            let (layout, points) = of_window(width, height);
            let mut rects: Vec<Rect> = layout.columns.iter().map(|placed| placed.rect).collect();
            rects.extend([layout.headline, layout.controls]);
            for (number, one) in rects.iter().enumerate() {
                assert!(
                    Rect::from_min_size(pos2(0.0, 0.0), points).expand(0.01).contains_rect(*one),
                    "{width} x {height}: {one:?}"
                );
                for other in &rects[number + 1..] {
                    assert!(!one.intersects(*other), "{width} x {height}: {one:?} and {other:?}");
                }
            }
        }
    }

    #[test]
    fn nothing_is_folded_where_panels_were_designed_for() {
        for (width, height) in [(640.0, 360.0), (1280.0, 720.0), (1920.0, 1080.0)] {
            let (layout, points) = of_window(width, height);
            assert_eq!(layout.columns.len(), if layout.compact { 6 } else { 7 });
            assert!(layout.columns.iter().all(|placed| !placed.folded), "{width} x {height}");
            assert!(
                layout.middle.width() > 0.5 * points.x,
                "{width} x {height}: the garden is to be seen"
            );
        }
    }

    #[test]
    fn closed_panels_take_no_room() {
        let closed = Panels {
            closed: PANELS.iter().map(|panel| panel.name).collect(),
            ..Panels::default()
        };
        let layout = layout(vec2(1280.0, 720.0), &closed, 1);
        assert!(layout.columns.is_empty() && layout.middle.width() > 1260.0);
    }
}
