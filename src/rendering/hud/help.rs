//! Overlay with the list of keys.

use bevy_egui::egui::{Align2, Area, Context, CornerRadius, FontId, Id, Order as Layer, Rect, Sense, pos2, vec2};

use super::theme::{self, ACCENT, HOLLOW_WARM, MUTED, SMALL, TEXT};
use super::{PanelContext, UiCommands};
use crate::rendering::keys::{Group, KEYS};
use crate::rendering::ui_command::UiCommand;

pub(super) fn draw(context: &Context, scene: &PanelContext, ui_commands: &mut UiCommands) {
    let window = context.content_rect();
    let row = scene.pick(21.0, 16.0);
    let size = scene.pick(theme::BODY, SMALL);
    let keys_width = scene.pick(80.0, 66.0);
    let column = scene.pick(330.0, 290.0);
    let count = |group: Group| KEYS.iter().filter(|key| key.group == group).count();
    let [left, right] = [[Group::Time, Group::Year], [Group::Robot, Group::Window]];
    let rows = |groups: [Group; 2]| groups.map(count).iter().sum::<usize>();
    let height = row * rows(left).max(rows(right)) as f32 + 2.0 * (row + 8.0) + 30.0;
    let sheet = Rect::from_center_size(window.center(), vec2(2.0 * column + 48.0, height + 26.0).min(window.size()));
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
                let x = sheet.left() + 24.0 + number as f32 * column;
                let mut y = sheet.top() + 24.0;
                for group in groups {
                    theme::caps(&painter, pos2(x, y), Align2::LEFT_CENTER, group.name(), ACCENT);
                    y += row;
                    for key in KEYS.iter().filter(|key| key.group == group) {
                        let galley = painter.layout_no_wrap(key.name.to_owned(), FontId::proportional(size), TEXT);
                        let cap = Rect::from_min_size(pos2(x, y - 0.5 * galley.size().y), galley.size()).expand2(vec2(5.0, 1.0));
                        painter.rect_filled(cap.translate(vec2(5.0, 0.0)), CornerRadius::same(4), HOLLOW_WARM);
                        painter.galley(cap.min + vec2(10.0, 1.0), galley, TEXT);
                        theme::text(&painter, pos2(x + keys_width, y), Align2::LEFT_CENTER, key.does, size, MUTED);
                        y += row;
                    }
                    y += 8.0;
                }
            }
            let foot = pos2(sheet.center().x, sheet.bottom() - 14.0);
            let hint = "drag in the garden to look around, click a plant or the robot to look closely, rest on any word to learn what it means";
            theme::cut_text(&painter, foot, Align2::CENTER_CENTER, hint, sheet.width() - 40.0, scene.pick(SMALL, 10.0), MUTED);
            response
        });
    if response.inner.clicked() {
        ui_commands.push(UiCommand::ToggleHelp);
    }
}
