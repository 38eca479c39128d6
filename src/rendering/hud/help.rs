//! Overlay with the list of keys.

use bevy_egui::egui::{Align2, Area, Context, CornerRadius, FontId, Id, Order as Layer, Rect, Sense, pos2, vec2};

use super::theme::{self, ACCENT, HOLLOW_WARM, MUTED, SMALL, TEXT};
use super::{PanelContext, UiCommands};
use crate::rendering::keys::{Group, KEYS};
use crate::rendering::ui_command::UiCommand;

pub(super) fn draw(context: &Context, scene: &PanelContext, ui_commands: &mut UiCommands) {
    let window = context.content_rect();
    let count = |group: Group| KEYS.iter().filter(|key| key.group == group).count();
    let [left, right] = [[Group::Time, Group::Year], [Group::Robot, Group::Window]];
    let rows = |groups: [Group; 2]| groups.map(count).iter().sum::<usize>();
    let sizes = Sizes::of(scene, 1.0);
    let wanted = sizes.sheet(rows(left).max(rows(right)));
    // In a small window everything is smaller: what is cut off cannot be looked up.
    let fits = (window.width() / wanted.x).min(window.height() / wanted.y).min(1.0);
    let Sizes {
        row,
        size,
        keys_width,
        column,
        ..
    } = Sizes::of(scene, fits);
    let sheet = Rect::from_center_size(window.center(), fits * wanted);
    let response = Area::new(Id::new("help"))
        .fixed_pos(window.min)
        .order(Layer::Foreground)
        .constrain(false)
        .fade_in(false)
        .show(context, |ui| {
            let (_, response) = ui.allocate_exact_size(window.size(), Sense::click());
            let painter = ui.painter().clone();
            painter.rect_filled(window, CornerRadius::ZERO, bevy_egui::egui::Color32::from_black_alpha(120));
            theme::ground(&painter, sheet);
            theme::ground(&painter, sheet);
            for (number, groups) in [left, right].into_iter().enumerate() {
                let x = sheet.left() + fits * 24.0 + number as f32 * column;
                let mut y = sheet.top() + fits * 24.0;
                for group in groups {
                    theme::caps(&painter, pos2(x, y), Align2::LEFT_CENTER, group.name(), ACCENT);
                    y += row;
                    for key in KEYS.iter().filter(|key| key.group == group) {
                        let galley = painter.layout_no_wrap(key.shown().into_owned(), FontId::proportional(size), TEXT);
                        let cap = Rect::from_min_size(pos2(x, y - 0.5 * galley.size().y), galley.size()).expand2(fits * vec2(5.0, 1.0));
                        painter.rect_filled(cap.translate(fits * vec2(5.0, 0.0)), CornerRadius::same(4), HOLLOW_WARM);
                        painter.galley(cap.min + fits * vec2(10.0, 1.0), galley, TEXT);
                        theme::text(&painter, pos2(x + keys_width, y), Align2::LEFT_CENTER, key.does, size, MUTED);
                        y += row;
                    }
                    y += fits * 8.0;
                }
            }
            let foot = pos2(sheet.center().x, sheet.bottom() - fits * 14.0);
            let hint = "drag in the garden to look around, click a plant or the robot to look closely, rest on any word to learn what it means";
            theme::cut_text(&painter, foot, Align2::CENTER_CENTER, hint, sheet.width() - fits * 40.0, fits * scene.pick(SMALL, 10.0), MUTED);
            response
        });
    if response.inner.clicked() {
        ui_commands.push(UiCommand::ToggleHelp);
    }
}

/// Sizes of the list, in points.
struct Sizes {
    row: f32,
    size: f32,
    keys_width: f32,
    column: f32,
    scale: f32,
}

impl Sizes {
    fn of(scene: &PanelContext, scale: f32) -> Self {
        Self {
            row: scale * scene.pick(21.0, 16.0),
            size: scale * scene.pick(theme::BODY, SMALL),
            keys_width: scale * scene.pick(80.0, 66.0),
            column: scale * scene.pick(330.0, 290.0),
            scale,
        }
    }

    /// Size of the sheet for so many keys in the longer column.
    fn sheet(&self, rows: usize) -> bevy_egui::egui::Vec2 {
        let height = self.row * rows as f32 + 2.0 * (self.row + self.scale * 8.0) + self.scale * 56.0;
        vec2(2.0 * self.column + self.scale * 48.0, height)
    }
}
