//! Contour lines of a field on a grid, by marching squares with linear interpolation.

/// A point of the grid as (column, row), with fractions between the grid's points.
pub(in crate::report) type GridPoint = (f64, f64);

/// Returns the segments of the line at which a field has a level. `field` has rows of values at the grid's points; squares of which a corner is not
/// known have no line.
///
/// In a square whose opposite corners are on the same side of the level, the mean of the four corners decides which of them are connected.
pub(in crate::report) fn isoline(field: &[Vec<Option<f64>>], level: f64) -> Vec<[GridPoint; 2]> {
    let mut segments = Vec::new();
    for (row, pair) in field.windows(2).enumerate() {
        for column in 0..pair[0].len().min(pair[1].len()).saturating_sub(1) {
            // Around the square, beginning at the point of this row and column.
            let corners = [(0, 0), (1, 0), (1, 1), (0, 1)];
            let values: Option<Vec<f64>> = corners.iter().map(|&(right, up)| pair[up][column + right]).collect();
            let Some(values) = values else { continue };
            let is_above = |corner: usize| values[corner % 4] >= level;
            let crossing = |edge: usize| -> GridPoint {
                let (from, to) = (edge, (edge + 1) % 4);
                let part = (level - values[from]) / (values[to] - values[from]);
                let at = |corner: usize| {
                    let (right, up) = corners[corner];
                    ((column + right) as f64, (row + up) as f64)
                };
                let (start, end) = (at(from), at(to));
                (start.0 + part * (end.0 - start.0), start.1 + part * (end.1 - start.1))
            };
            let crossed: Vec<usize> = (0..4).filter(|&edge| is_above(edge) != is_above(edge + 1)).collect();
            match crossed[..] {
                [one, other] => segments.push([crossing(one), crossing(other)]),
                [first, second, third, fourth] => {
                    let middle_is_above = values.iter().sum::<f64>() / 4.0 >= level;
                    // The corner between the last edge and the first is number 0. If the middle is on its side, the lines cut off the other two.
                    let pairs = if middle_is_above == is_above(0) {
                        [[first, second], [third, fourth]]
                    } else {
                        [[fourth, first], [second, third]]
                    };
                    segments.extend(pairs.map(|[one, other]| [crossing(one), crossing(other)]));
                }
                _ => {}
            }
        }
    }
    segments
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field(rows: &[&[f64]]) -> Vec<Vec<Option<f64>>> {
        rows.iter().map(|row| row.iter().copied().map(Some).collect()).collect()
    }

    #[test]
    fn a_slope_has_a_straight_line_where_it_passes_the_level() {
        let slope = field(&[&[0.0, 1.0, 2.0], &[0.0, 1.0, 2.0], &[0.0, 1.0, 2.0]]);
        let line = isoline(&slope, 0.25);
        assert_eq!(line.len(), 2, "{line:?}");
        assert!(line.iter().flatten().all(|(column, _)| *column == 0.25), "{line:?}");
        assert!(isoline(&slope, 3.0).is_empty() && isoline(&slope, -1.0).is_empty());
    }

    #[test]
    fn a_peak_is_surrounded() {
        let peak = field(&[&[0.0, 0.0, 0.0], &[0.0, 1.0, 0.0], &[0.0, 0.0, 0.0]]);
        let mut ends: Vec<String> = isoline(&peak, 0.5).iter().flatten().map(|end| format!("{end:?}")).collect();
        ends.sort();
        assert_eq!(ends.len(), 8);
        assert!(ends.chunks(2).all(|pair| pair[0] == pair[1]), "a closed line: {ends:?}");
    }

    #[test]
    fn a_saddle_is_divided_by_its_middle() {
        // Corners 0 and 2 are above; so is the mean, so they are connected, and each line cuts off one of the others.
        let line = isoline(&field(&[&[2.0, 0.0], &[0.0, 2.0]]), 0.5);
        assert_eq!(line.len(), 2);
        for [from, to] in line {
            let middle = (f64::midpoint(from.0, to.0), f64::midpoint(from.1, to.1));
            assert!(
                (middle.0 - middle.1).abs() > 0.5,
                "{middle:?} is near to a corner that is below"
            );
        }
    }

    #[test]
    fn there_is_no_line_where_a_corner_is_not_known() {
        let mut gap = field(&[&[0.0, 1.0], &[0.0, 1.0]]);
        gap[0][1] = None;
        assert!(isoline(&gap, 0.5).is_empty());
    }
}
