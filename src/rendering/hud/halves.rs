//! Two gardens side by side: the picture of the twin in the right half, and over each half what drives its robot and how it fares.

use bevy_egui::egui::{
    Align2, Color32, Context, CornerRadius, FontId, Id, LayerId, Order as Layer, Painter, Rect, Stroke, TextureId, pos2, vec2,
};

use super::PanelContext;
use super::layout::Layout;
use super::theme::{self, MUTED, TEXT};
use crate::live::{DriverKind, GardenView};

/// Draws the twin into the right half of the window, behind all panels.
pub(super) fn draw_picture(context: &Context, picture: TextureId, used: f32) {
    let window = context.content_rect();
    let half = right_half(window);
    let painter = Painter::new(context.clone(), LayerId::background(), window);
    let shown = Rect::from_min_max(pos2(0.0, 0.0), pos2(used, 1.0));
    painter.image(picture, half, shown, Color32::WHITE);
}

/// Draws the line between the halves, and their labels; nothing if there is no twin.
pub(super) fn draw_labels(context: &Context, layout: &Layout, scene: &PanelContext) {
    let Some([_, twin]) = &scene.shown.beside else { return };
    let Some(beside) = scene.shown.status.earlier.beside else {
        return;
    };
    let window = context.content_rect();
    let painter = Painter::new(context.clone(), LayerId::new(Layer::Background, Id::new("halves")), window);
    let middle = window.center().x;
    painter.vline(middle, window.y_range(), Stroke::new(2.0, Color32::from_black_alpha(170)));
    let free = layout.middle;
    let labels = [
        (free.left(), middle, scene.shown.status.driver, &scene.shown.after),
        (middle, free.right(), beside, twin),
    ];
    for (left, right, driver, view) in labels {
        let centre = pos2(0.5 * (left + right), free.top() + scene.pick(24.0, 17.0));
        draw_label(&painter, centre, right - left, scene, driver, view);
    }
}

fn draw_label(
    painter: &Painter,
    centre: bevy_egui::egui::Pos2,
    room: f32,
    scene: &PanelContext,
    driver: DriverKind,
    view: &GardenView,
) {
    let (large, small) = (scene.pick(14.0, 11.0), scene.pick(theme::SMALL, 9.5));
    let tally = &view.episode.tally;
    let fate = format!(
        "reward {}   {} waterings, {} needless",
        theme::score(f64::from(tally.episode_return)),
        tally.sprays_thirsty,
        tally.sprays_needless
    );
    let width = |text: &str, size| {
        painter
            .layout_no_wrap(text.to_owned(), FontId::proportional(size), TEXT)
            .size()
            .x
    };
    let name = name_of(driver, scene);
    let inner = width(&name, large).max(width(&fate, small)).min((room - 24.0).max(20.0));
    let height = large + small + scene.pick(16.0, 10.0);
    let back = Rect::from_center_size(centre, vec2(inner + scene.pick(24.0, 14.0), height));
    theme::ground(painter, back);
    painter.rect_filled(back, CornerRadius::same(8), Color32::from_black_alpha(60));
    let (above, below) = (0.26 * height, 0.24 * height);
    theme::cut_text(
        painter,
        centre - vec2(0.0, above),
        Align2::CENTER_CENTER,
        &name,
        inner,
        large,
        TEXT,
    );
    theme::cut_text(
        painter,
        centre + vec2(0.0, below),
        Align2::CENTER_CENTER,
        &fate,
        inner,
        small,
        MUTED,
    );
}

/// Describes what drives a robot.
pub(super) fn name_of(driver: DriverKind, scene: &PanelContext) -> String {
    let status = &scene.shown.status;
    match driver {
        DriverKind::Policy if status.learning.on => format!("now, learning with {}", status.learning.method),
        DriverKind::Policy => "the network now".to_owned(),
        DriverKind::Earlier(id) => match status.earlier.find(id) {
            Some(mark) => {
                let season = theme::season_name(&scene.shown.scenario, mark.season);
                let when = if mark.ends_season { "at the end of" } else { "in" };
                format!("the network {when} {season}")
            }
            None => "an earlier network".to_owned(),
        },
        other => other.name().to_owned(),
    }
}

fn right_half(window: Rect) -> Rect {
    Rect::from_min_max(pos2(window.center().x, window.top()), window.max)
}
