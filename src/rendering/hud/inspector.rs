//! Inspector of a plant or the robot. It shows the true state, which the robot cannot observe.

use bevy_egui::egui::{Align2, Context, Rect, Sense, Stroke, Ui, pos2, vec2};

use super::layout::Layout;
use super::theme::{self, ACCENT, ALARM, MUTED, TEXT};
use super::{PanelContext, UiCommands, area, words};
use crate::rendering::ui_command::{Selection, UiCommand};

pub(super) fn draw(context: &Context, layout: &Layout, scene: &PanelContext, ui_commands: &mut UiCommands) {
    let Some(selection) = scene.now.selected else { return };
    let tank = if scene.shown.before.robot.tank_fraction.is_some() {
        scene.pick(20.0, 14.5)
    } else {
        0.0
    };
    let (width, height) = match selection {
        Selection::Robot => (scene.pick(224.0, 166.0), scene.pick(204.0, 147.0) + tank),
        Selection::Plant(_) => (scene.pick(224.0, 166.0), scene.pick(124.0, 90.0)),
    };
    // In the upper right corner of the free area.
    let at = pos2(layout.middle.right() - width - 2.0, layout.middle.top());
    area(
        context,
        "inspector",
        Rect::from_min_size(at, vec2(width, height)),
        |ui, rect| {
            let inner = rect.shrink2(vec2(scene.pick(12.0, 8.0), scene.pick(10.0, 7.0)));
            let mut lines = Lines {
                y: inner.top(),
                rect: inner,
                row: scene.pick(20.0, 14.5),
                size: scene.pick(theme::SMALL, 10.0),
            };
            // Registered before everything else, so that tooltips have priority.
            if ui.interact(rect, ui.id().with("inspected"), Sense::click()).double_clicked() {
                ui_commands.push(UiCommand::Select(None));
            }
            match selection {
                Selection::Robot => draw_robot(ui, &mut lines, scene),
                Selection::Plant(number) => draw_plant(ui, &mut lines, number, scene),
            }
        },
    );
}

/// Position of the next line.
struct Lines {
    rect: Rect,
    y: f32,
    row: f32,
    size: f32,
}

impl Lines {
    fn next(&mut self) -> Rect {
        let line = Rect::from_min_size(pos2(self.rect.left(), self.y), vec2(self.rect.width(), self.row));
        self.y += self.row;
        line
    }

    fn head(&mut self, ui: &Ui, title: &str, term: &words::Term) {
        let line = self.next();
        theme::text(
            ui.painter(),
            line.left_center(),
            Align2::LEFT_CENTER,
            title,
            self.size + 2.0,
            ACCENT,
        );
        theme::text(
            ui.painter(),
            line.right_center(),
            Align2::RIGHT_CENTER,
            "truth",
            self.size - 1.0,
            theme::FAINT,
        );
        theme::tip(ui, line, term);
        self.y += 3.0;
    }

    fn say(&mut self, ui: &Ui, name: &str, value: String, term: Option<&words::Term>) {
        let line = self.next();
        theme::text(ui.painter(), line.left_center(), Align2::LEFT_CENTER, name, self.size, MUTED);
        theme::text(
            ui.painter(),
            line.right_center(),
            Align2::RIGHT_CENTER,
            value,
            self.size,
            TEXT,
        );
        if let Some(term) = term {
            theme::tip(ui, line, term);
        }
    }

    fn measure(&mut self, ui: &Ui, name: &str, value: f32, bad: bool, mark: Option<f32>, term: &words::Term) {
        let line = self.next();
        theme::text(ui.painter(), line.left_center(), Align2::LEFT_CENTER, name, self.size, MUTED);
        let colour = if bad { ALARM } else { ACCENT };
        let bar = Rect::from_min_max(
            pos2(line.left() + 0.4 * line.width(), line.center().y - 3.5),
            pos2(line.right() - 32.0, line.center().y + 3.5),
        );
        theme::bar(ui.painter(), bar, value, colour);
        if let Some(mark) = mark {
            let x = bar.left() + bar.width() * mark.clamp(0.0, 1.0);
            ui.painter().vline(x, bar.expand(2.0).y_range(), Stroke::new(1.5, TEXT));
        }
        theme::text(
            ui.painter(),
            line.right_center(),
            Align2::RIGHT_CENTER,
            format!("{value:.2}"),
            self.size,
            TEXT,
        );
        theme::tip(ui, line, term);
    }
}

fn draw_plant(ui: &Ui, lines: &mut Lines, number: usize, scene: &PanelContext) {
    let (Some(plant), Some(planted)) = (scene.shown.plant(number), scene.shown.after.plants.get(number)) else {
        lines.head(ui, "it is gone", &words::PLANT);
        return;
    };
    let plants = &scene.shown.scenario.plants;
    let species = plants.species.get(planted.species).map_or("plant", |species| &species.name);
    lines.head(ui, &format!("{species} {}", number + 1), &words::PLANT);
    let drowned = plant.moisture > plants.drowned_above_moisture;
    lines.measure(
        ui,
        "moisture",
        plant.moisture,
        drowned,
        Some(plants.thirsty_below_moisture),
        &words::MOISTURE,
    );
    lines.measure(ui, "thirst", plant.thirst, plant.thirst > 0.0, None, &words::THIRST);
    lines.measure(
        ui,
        "wellbeing",
        plant.wellbeing,
        plant.wellbeing < 0.3,
        None,
        &words::WELLBEING,
    );
    lines.say(ui, "stands at", place(planted.position_m), Some(&words::PLACE));
}

fn draw_robot(ui: &Ui, lines: &mut Lines, scene: &PanelContext) {
    let (view, robot) = (&scene.shown.before, scene.shown.robot());
    let tally = &view.episode.tally;
    lines.head(ui, "robot", &words::ROBOT);
    if let Some(tank) = view.robot.tank_fraction {
        lines.measure(ui, "tank", tank, tank <= 0.0, None, &words::TANK);
    }
    lines.measure(ui, "skid", robot.skid, robot.skid > 0.5, None, &words::SKID);
    let heading = view.robot.pose.yaw_rad().to_degrees().rem_euclid(360.0);
    lines.say(
        ui,
        "at, heading",
        format!(
            "{}, {heading:.0}°",
            place(bevy::prelude::Vec2::new(robot.translation_m.x, robot.translation_m.z))
        ),
        Some(&words::PLACE),
    );
    lines.say(ui, "speed", format!("{:.2} m/s", robot.forward_m_per_s), Some(&words::SPEED));
    lines.say(ui, "does", view.action.name().to_owned(), Some(&words::ACTIONS));
    lines.say(ui, "reward", format!("{:+.2}", view.reward), Some(&words::REWARD));
    lines.say(
        ui,
        "return so far",
        format!("{:.2}", tally.episode_return),
        Some(&words::RETURN),
    );
    let (right, needless, ground) = (tally.sprays_thirsty, tally.sprays_needless, tally.sprays_ground);
    let sprays = if scene.compact {
        format!("{right} / {needless} / {ground}")
    } else {
        format!("{right} right, {needless} needless, {ground} ground")
    };
    lines.say(ui, "sprays", sprays, Some(&words::SPRAYS));
    lines.say(
        ui,
        "episode",
        format!("{} of {}", view.episode.decisions, view.episode.length),
        Some(&words::EPISODE),
    );
}

fn place(at_m: bevy::prelude::Vec2) -> String {
    format!("{:.1}, {:.1} m", at_m.x, at_m.y)
}
