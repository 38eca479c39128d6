//! A view of the album as a small picture: what the robot's eye saw.

use crate::rollout::AlbumLine;
use crate::scenario::Eye;
use std::fmt::Write;

/// Width of a column and height of the picture, in pixels of the page.
const COLUMN: usize = 5;
const HEIGHT: usize = 48;
/// Largest fraction of the height that a column takes.
const TALLEST: f32 = 0.8;

/// Returns a view as an `<svg>` element: each column of the eye in its colour, the taller the nearer, before sky and ground. The plant in question
/// is marked below.
pub(super) fn view_picture(view: &AlbumLine, eye: &Eye, title: &str) -> String {
    let width = COLUMN * eye.columns;
    let pixels = 4 * eye.columns * eye.rows;
    let colour = |bytes: Option<&[u8]>| match bytes {
        Some([red, green, blue, ..]) => format!("#{red:02x}{green:02x}{blue:02x}"),
        _ => "#808080".to_owned(),
    };
    let ambient = |start: usize| colour(view.observation.get(pixels + start..pixels + start + 3));
    let title = crate::escape::xml(title);
    let mut svg = format!(
        "<svg viewBox=\"0 0 {width} {}\" width=\"{width}\" role=\"img\" aria-label=\"{title}\"><title>{title}</title>\
         <rect width=\"{width}\" height=\"{}\" fill=\"{}\"/><rect y=\"{}\" width=\"{width}\" height=\"{}\" fill=\"{}\"/>",
        HEIGHT + 6,
        HEIGHT / 2,
        ambient(3),
        HEIGHT / 2,
        HEIGHT / 2,
        ambient(0)
    );
    let row = eye.rows / 2;
    for column in 0..eye.columns {
        let start = 4 * (row * eye.columns + column);
        let Some(pixel) = view.observation.get(start..start + 4) else {
            continue;
        };
        let height = (HEIGHT as f32 * TALLEST * (f32::from(pixel[3]) / 255.0).sqrt()) as usize;
        // Writing into a string cannot fail.
        let _ = write!(
            svg,
            "<rect x=\"{}\" y=\"{}\" width=\"{COLUMN}\" height=\"{height}\" fill=\"{}\"/>",
            column * COLUMN,
            (HEIGHT - height) / 2,
            colour(Some(pixel))
        );
    }
    let middle = view.column * COLUMN + COLUMN / 2;
    let _ = write!(
        svg,
        "<path d=\"M{} {}h6l-3 -5z\" fill=\"currentColor\"/></svg>",
        middle.saturating_sub(3),
        HEIGHT + 6
    );
    svg
}
