//! Panel with the contents of the memories, by season.

use bevy::input::keyboard::KeyCode;
use bevy_egui::egui::{Align2, CornerRadius, Rect, Ui, pos2, vec2};

use super::panel::{Height, PanelPlace, PanelSpec, can_learn};
use super::theme::{self, HOLLOW, HOLLOW_WARM, MUTED, SMALL, TEXT};
use super::{PanelContext, words};

/// Description of the panel.
pub(super) const PANEL: PanelSpec = PanelSpec {
    name: "memory",
    title: "memory",
    explanation: words::MEMORY,
    key: Some(KeyCode::F7),
    place: PanelPlace::Left(Height {
        large: 126.0,
        small: 88.0,
    }),
    has_content: can_learn,
    draw: |ui, rect, scene, _| draw(ui, rect, scene),
};

fn draw(ui: &mut Ui, rect: Rect, scene: &PanelContext) {
    let learning = &scene.shown.status.learning;
    let seasons = scene.shown.scenario.seasons.len();
    let recent = by_season(&learning.memory.recent, &learning.task_seasons, seasons);
    let past = by_season(&learning.memory.past, &learning.task_seasons, seasons);
    let told = told_apart(scene);
    let foot = scene.pick(18.0, 13.0);
    let height = 0.5 * (rect.height() - foot);
    let place = |number: usize| Rect::from_min_size(rect.min + vec2(0.0, number as f32 * height), vec2(rect.width(), height));
    let (most_recent, most_past) = learning.capacity;
    draw_bar(
        ui,
        place(0),
        "recent",
        &recent,
        most_recent,
        told,
        &words::RECENT_TRANSITIONS,
        scene,
    );
    let term = if past.iter().any(|&count| count > 0) {
        &words::PAST
    } else {
        &words::NO_PAST
    };
    draw_bar(ui, place(1), "the past", &past, most_past, told, term, scene);
    let ledger = &learning.ledger;
    let mut text = theme::bytes(ledger.memory_bytes) + " of experience";
    if ledger.method_state_bytes > 0 {
        text += &format!(", {} besides", theme::bytes(ledger.method_state_bytes));
    }
    let at = Rect::from_min_max(pos2(rect.left(), rect.bottom() - foot), rect.max);
    theme::cut_text(
        ui.painter(),
        at.left_center() + vec2(0.0, 2.0),
        Align2::LEFT_CENTER,
        &text,
        rect.width(),
        scene.pick(SMALL, 9.5),
        MUTED,
    );
    theme::tip(ui, at, &words::MEMORY_BYTES);
}

/// Draws a bar that is full at `most` transitions, in the colours of the seasons.
fn draw_bar(
    ui: &mut Ui,
    rect: Rect,
    name: &str,
    counts: &[usize],
    most: usize,
    told: bool,
    term: &words::Term,
    scene: &PanelContext,
) {
    let total: usize = counts.iter().sum();
    let painter = ui.painter().clone();
    let size = scene.pick(SMALL, 9.5);
    let line = rect.top() + 0.5 * size + 1.0;
    theme::text(&painter, pos2(rect.left(), line), Align2::LEFT_CENTER, name, size, TEXT);
    let count = if total > 0 {
        let percent = 100.0 * total as f32 / most.max(total).max(1) as f32;
        format!("{}, {percent:.0} % full", theme::thousands(total as u64))
    } else {
        "none".to_owned()
    };
    theme::text(&painter, pos2(rect.right(), line), Align2::RIGHT_CENTER, count, size, MUTED);
    let thick = scene.pick(11.0, 7.0);
    let bar = Rect::from_min_size(pos2(rect.left(), rect.top() + size + 5.0), vec2(rect.width(), thick));
    painter.rect_filled(bar, CornerRadius::same(3), if total > 0 { HOLLOW_WARM } else { HOLLOW });
    let mut x = bar.left();
    for (season, &count) in counts.iter().enumerate().filter(|&(_, &count)| count > 0) {
        let width = bar.width() * count as f32 / most.max(total).max(1) as f32;
        let part = Rect::from_min_size(pos2(x, bar.top()), vec2(width, thick));
        painter.rect_filled(
            part,
            CornerRadius::same(2),
            if told {
                theme::season_colour(&scene.shown.scenario, season)
            } else {
                MUTED
            },
        );
        x += width;
    }
    theme::tip(ui, rect, if told || total == 0 { term } else { &words::UNTOLD });
}

/// Returns `true` if the learner's tasks distinguish seasons. If no boundary was declared, all experience belongs to the first
/// task.
fn told_apart(scene: &PanelContext) -> bool {
    let status = &scene.shown.status;
    let (tasks, moment) = (&status.learning.task_seasons, scene.shown.before.moment);
    let only = |season| tasks.first() == Some(&season);
    tasks.len() > 1 || (only(moment.season) && moment.turned <= 0.0 && status.curve.iter().all(|point| only(point.season)))
}

/// Returns the number of transitions from each season, given the counts and the seasons of the tasks. Tasks of unknown season are
/// counted to the last known one.
fn by_season(by_task: &[usize], task_seasons: &[usize], seasons: usize) -> Vec<usize> {
    let mut counts = vec![0; seasons];
    for (task, &count) in by_task.iter().enumerate() {
        let season = task_seasons.get(task).or(task_seasons.last()).copied().unwrap_or(0);
        if let Some(counted) = counts.get_mut(season) {
            *counted += count;
        }
    }
    counts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn years_add_up_by_season() {
        // Two seasons, learned twice: tasks 0 and 2 are spring.
        assert_eq!(by_season(&[10, 20, 5], &[0, 1, 0, 1], 2), [15, 20]);
    }

    #[test]
    fn nothing_is_lost_where_a_task_has_no_season_yet() {
        assert_eq!(by_season(&[1, 2, 4], &[0, 1], 3), [1, 6, 0]);
        assert_eq!(by_season(&[], &[], 2), [0, 0]);
    }
}
