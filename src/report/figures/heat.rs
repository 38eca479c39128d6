//! Colours of scores, and fields of scores as heat maps.

use super::canvas::{Canvas, CanvasPoint, Ink, Side, text_width};
use super::isoline::isoline;
use crate::report::table::decimals;

/// Absolute score at which a colour is saturated.
const FULL: f64 = 1.5;
/// From red over white to blue (ColorBrewer RdBu), distinguishable by colour-blind readers.
const COLOURS: [(u8, u8, u8); 7] = [
    (178, 24, 43),
    (239, 138, 98),
    (253, 219, 199),
    (247, 247, 247),
    (209, 229, 240),
    (103, 169, 207),
    (33, 102, 172),
];

/// Returns the colour of a score and that of the number on it.
pub(in crate::report) fn colours(score: Option<f64>) -> (Ink, Ink) {
    let Some(score) = score else { return (Ink::Paper, Ink::Text) };
    let last = (COLOURS.len() - 1) as f64;
    let place = ((score / FULL).clamp(-1.0, 1.0) + 1.0) / 2.0 * last;
    let (low, high) = (COLOURS[place.floor() as usize], COLOURS[place.ceil() as usize]);
    let mix = |low: u8, high: u8| (f64::from(low) + (f64::from(high) - f64::from(low)) * place.fract()).round() as u8;
    let (red, green, blue) = (mix(low.0, high.0), mix(low.1, high.1), mix(low.2, high.2));
    let brightness = 0.299 * f64::from(red) + 0.587 * f64::from(green) + 0.114 * f64::from(blue);
    let letters = if brightness > 130.0 {
        Ink::Fixed(20, 20, 20)
    } else {
        Ink::Fixed(255, 255, 255)
    };
    (Ink::Fixed(red, green, blue), letters)
}

/// A field of scores over two parameters.
pub(in crate::report) struct HeatMap<'a> {
    /// Heading.
    pub(in crate::report) title: &'a str,
    /// Names of the columns, and of the horizontal axis.
    pub(in crate::report) columns: (&'a [String], &'a str),
    /// Names of the rows, from the bottom, and of the vertical axis.
    pub(in crate::report) rows: (&'a [String], &'a str),
    /// Values of single seeds, by row and column; empty where nothing was measured.
    pub(in crate::report) seeds: &'a [Vec<Vec<f64>>],
    /// Values by row and column.
    pub(in crate::report) field: &'a [Vec<Option<f64>>],
    /// Levels of the contour lines.
    pub(in crate::report) levels: &'a [f64],
    /// Ink of the contour lines.
    pub(in crate::report) line: Ink,
}

const CELL: (f64, f64) = (52.0, 34.0);
const LEFT: f64 = 58.0;
const TOP: f64 = 40.0;
const BOTTOM: f64 = 34.0;
/// Margin of a cell, beside the dots of its seeds.
const MARGIN: f64 = 4.0;

impl HeatMap<'_> {
    /// Returns the size of the picture, in CSS pixels.
    pub(in crate::report) fn size(&self) -> (f64, f64) {
        (
            (LEFT + CELL.0 * self.columns.0.len() as f64 + 6.0).max(text_width(self.title, 13.0) + 12.0),
            TOP + CELL.1 * self.rows.0.len() as f64 + BOTTOM,
        )
    }

    /// Draws the field: each cell with its value and, as dots from left (-1.5) to right (1.5), its seeds; contour lines between the middles of
    /// cells.
    pub(in crate::report) fn draw(&self, canvas: &mut Canvas<'_>) {
        let rows = self.rows.0.len();
        let middle = |row: usize, column: usize| -> CanvasPoint {
            (
                LEFT + CELL.0 * (column as f64 + 0.5),
                TOP + CELL.1 * ((rows - row) as f64 - 0.5),
            )
        };
        canvas.text(self.title, (2.0, 10.0), Side::Left, 13.0, Ink::Text, true);
        canvas.text(self.rows.1, (2.0, TOP - 10.0), Side::Left, 11.0, Ink::Muted, false);
        for (row, name) in self.rows.0.iter().enumerate() {
            let height = middle(row, 0).1;
            canvas.text(name, (LEFT - 6.0, height), Side::Right, 11.0, Ink::Muted, false);
            for (column, value) in self.field[row].iter().enumerate() {
                let (x, y) = middle(row, column);
                let (fill, letters) = colours(*value);
                let half = (CELL.0 / 2.0 - 0.5, CELL.1 / 2.0 - 0.5);
                canvas.block((x - half.0, y - half.1), (x + half.0, y + half.1), fill);
                let text = value.map_or_else(|| "–".to_owned(), decimals).replace('-', "−");
                canvas.text(&text, (x, y - 3.0), Side::Middle, 11.0, letters, false);
                for seed in &self.seeds[row][column] {
                    let place = (seed / FULL).clamp(-1.0, 1.0) * (CELL.0 / 2.0 - MARGIN);
                    canvas.dot((x + place, y + half.1 - MARGIN), 1.5, letters);
                }
            }
        }
        let foot = TOP + CELL.1 * rows as f64;
        for (column, name) in self.columns.0.iter().enumerate() {
            canvas.text(
                name,
                (middle(0, column).0, foot + 10.0),
                Side::Middle,
                11.0,
                Ink::Muted,
                false,
            );
        }
        let right = LEFT + CELL.0 * self.columns.0.len() as f64;
        canvas.text(self.columns.1, (right, foot + 25.0), Side::Right, 11.0, Ink::Muted, false);
        for level in self.levels {
            for [from, to] in isoline(self.field, *level) {
                let at = |(column, row): (f64, f64)| (LEFT + CELL.0 * (column + 0.5), TOP + CELL.1 * (rows as f64 - row - 0.5));
                canvas.line(&[at(from), at(to)], self.line, 1.5);
            }
        }
    }
}
