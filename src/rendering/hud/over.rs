//! Text over the garden: captions of a tour, mistakes in the scenario file, notices and notes.

use bevy_egui::egui::text::{LayoutJob, TextFormat};
use bevy_egui::egui::{
    Align, Align2, Area, Color32, Context, CornerRadius, FontFamily, FontId, Galley, Id, LayerId, Order as Layer, Painter, Rect,
    Sense, Stroke, StrokeKind, pos2, vec2,
};

use super::PanelContext;
use super::layout::Layout;
use super::theme::{self, ACCENT, ALARM, MUTED, TEXT};

/// Duration of fading a caption in or out, in seconds.
const FADE_S: f32 = 0.6;
/// Maximum number of lines shown of the mistakes.
const MOST_LINES: usize = 16;

pub(super) fn draw(context: &Context, layout: &Layout, scene: &PanelContext) {
    draw_mistakes(context, layout, scene);
    draw_notices(context, layout, scene);
    draw_caption(context, layout, scene);
}

/// A caption that fades in and out.
#[derive(Clone, Debug, Default, PartialEq)]
struct Caption {
    text: String,
    opacity: f32,
    seen_s: f64,
}

impl Caption {
    /// Fades out the current text before another one appears.
    fn follow(&mut self, wanted: Option<&str>, real_s: f64) {
        let step = ((real_s - self.seen_s) as f32 / FADE_S).clamp(0.0, 1.0);
        self.seen_s = real_s;
        if wanted == Some(self.text.as_str()) {
            self.opacity = (self.opacity + step).min(1.0);
            return;
        }
        self.opacity = (self.opacity - step).max(0.0);
        if let Some(text) = wanted.filter(|_| self.opacity <= 0.0) {
            text.clone_into(&mut self.text);
        }
    }
}

/// Draws a caption: large, near the bottom, above everything, and transparent to the pointer.
fn draw_caption(context: &Context, layout: &Layout, scene: &PanelContext) {
    let id = Id::new("caption");
    let mut caption: Caption = context.data(|data| data.get_temp(id)).unwrap_or_default();
    caption.follow(scene.words.caption.as_deref(), scene.real_s);
    context.data_mut(|data| data.insert_temp(id, caption.clone()));
    let Caption { text, opacity, .. } = caption;
    if opacity <= 0.0 {
        return;
    }
    let painter = Painter::new(context.clone(), LayerId::new(Layer::Tooltip, id), context.content_rect());
    let width = (0.94 * layout.middle.width()).clamp(120.0, 640.0);
    let format = TextFormat {
        font_id: FontId::proportional(scene.pick(21.0, 15.0)),
        line_height: Some(scene.pick(29.0, 20.0)),
        color: TEXT,
        ..TextFormat::default()
    };
    let mut job = LayoutJob::single_section(text, format);
    job.wrap.max_width = width;
    job.halign = Align::Center;
    let galley = painter.layout_job(job);
    let size = galley.size();
    let centre = pos2(
        layout.middle.center().x,
        layout.middle.bottom() - scene.pick(22.0, 10.0) - 0.5 * size.y,
    );
    let back = Rect::from_center_size(centre, size + vec2(scene.pick(40.0, 24.0), scene.pick(22.0, 12.0)));
    painter.rect_filled(
        back,
        CornerRadius::same(12),
        Color32::from_black_alpha(228).gamma_multiply(opacity),
    );
    let top = pos2(centre.x, centre.y - 0.5 * size.y);
    painter.galley_with_override_text_color(top, galley, TEXT.gamma_multiply(opacity));
}

/// Draws the mistakes in the scenario file.
fn draw_mistakes(context: &Context, layout: &Layout, scene: &PanelContext) {
    let Some(mistakes) = &scene.words.mistakes else { return };
    let width = (layout.middle.width() - 16.0).clamp(140.0, 620.0);
    let lines: Vec<&str> = mistakes.trim_end().lines().collect();
    let mut text = lines.iter().take(MOST_LINES).copied().collect::<Vec<_>>().join("\n");
    if lines.len() > MOST_LINES {
        text += &format!("\n... and {} more lines", lines.len() - MOST_LINES);
    }
    let at = layout.middle.center_top() + vec2(-0.5 * width, 4.0);
    Area::new(Id::new("mistakes"))
        .fixed_pos(at)
        .order(Layer::Foreground)
        .fade_in(false)
        .show(context, |ui| {
            let painter = ui.painter().clone();
            let inset = scene.pick(14.0, 9.0);
            let wrapped = |text: String, font: FontId, colour| painter.layout(text, font, colour, width - 2.0 * inset);
            let head = wrapped(
                "This scenario file has mistakes".to_owned(),
                FontId::proportional(scene.pick(15.0, 12.0)),
                ALARM,
            );
            let body = wrapped(text, FontId::new(scene.pick(12.0, 9.5), FontFamily::Monospace), TEXT);
            let foot = wrapped(
                "The garden continues with the last valid version, and reads the file again when you save it.".to_owned(),
                FontId::proportional(scene.pick(theme::SMALL, 10.0)),
                MUTED,
            );
            let height = head.size().y + body.size().y + foot.size().y + 16.0 + 2.0 * inset;
            let (rect, _) = ui.allocate_exact_size(vec2(width, height), Sense::hover());
            painter.rect_filled(
                rect,
                CornerRadius::same(10),
                Color32::from_rgba_premultiplied(30, 12, 11, 248),
            );
            painter.rect_stroke(
                rect,
                CornerRadius::same(10),
                Stroke::new(1.0, ALARM.gamma_multiply(0.55)),
                StrokeKind::Inside,
            );
            let mut y = rect.top() + inset;
            let mut put = |galley: std::sync::Arc<Galley>, gap: f32| {
                let height = galley.size().y;
                painter.galley(pos2(rect.left() + inset, y), galley, TEXT);
                y += height + gap;
            };
            put(head, 8.0);
            put(body, 8.0);
            put(foot, 0.0);
        });
}

/// Draws notices and notes above the middle of the garden.
fn draw_notices(context: &Context, layout: &Layout, scene: &PanelContext) {
    let notice = scene
        .words
        .notice
        .as_ref()
        .map(|(text, left_s)| (text.as_str(), (left_s / FADE_S).clamp(0.0, 1.0), ACCENT));
    let note = newest_note(context, scene);
    if notice.is_none() && note.is_none() {
        return;
    }
    let painter = Painter::new(
        context.clone(),
        LayerId::new(Layer::Foreground, Id::new("notices")),
        context.content_rect(),
    );
    let mut y = layout.middle.top() + 6.0;
    if scene.words.mistakes.is_some() {
        y = layout.middle.center().y;
    }
    let note = note.as_ref().map(|(text, opacity)| (text.as_str(), *opacity, ALARM));
    for (text, opacity, colour) in notice.into_iter().chain(note) {
        let size = scene.pick(13.5, 11.0);
        let galley = painter.layout(
            text.to_owned(),
            FontId::proportional(size),
            colour,
            0.9 * layout.middle.width(),
        );
        let back = Rect::from_center_size(
            pos2(layout.middle.center().x, y + 0.5 * galley.size().y + 6.0),
            galley.size() + vec2(24.0, 12.0),
        );
        painter.rect_filled(back, CornerRadius::same(9), theme::INK.gamma_multiply(opacity));
        y = back.bottom() + 5.0;
        let at = Align2::CENTER_CENTER.anchor_size(back.center(), galley.size()).min;
        painter.galley_with_override_text_color(at, galley, colour.gamma_multiply(opacity));
    }
}

/// Duration of a note, in seconds.
const NOTE_S: f64 = 9.0;

/// Returns the newest note and its opacity, for some seconds after it appeared.
fn newest_note(context: &Context, scene: &PanelContext) -> Option<(String, f32)> {
    let notes = &scene.shown.status.notes;
    let id = Id::new("note");
    let (count, since_s): (usize, f64) = context.data(|data| data.get_temp(id)).unwrap_or((0, f64::NEG_INFINITY));
    let since_s = if notes.len() == count { since_s } else { scene.real_s };
    context.data_mut(|data| data.insert_temp(id, (notes.len(), since_s)));
    let left_s = NOTE_S - (scene.real_s - since_s);
    let text = notes.last().filter(|_| left_s > 0.0)?;
    Some((text.clone(), (left_s as f32 / FADE_S).clamp(0.0, 1.0)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_caption_comes_and_goes_softly() {
        let mut caption = Caption::default();
        let fade_s = f64::from(FADE_S);
        caption.follow(Some("spring"), 10.0);
        assert_eq!((caption.text.as_str(), caption.opacity), ("spring", 0.0));
        caption.follow(Some("spring"), 10.0 + 0.5 * fade_s);
        assert!((caption.opacity - 0.5).abs() < 1e-3);
        caption.follow(Some("spring"), 20.0);
        caption.follow(Some("summer"), 20.0 + 0.5 * fade_s);
        assert_eq!(caption.text, "spring", "what is said goes first");
        caption.follow(Some("summer"), 30.0);
        assert_eq!(caption.text, "summer");
        caption.follow(None, 40.0);
        assert_eq!(caption.opacity, 0.0);
    }
}
