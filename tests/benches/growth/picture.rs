//! A curve as an SVG picture.

use std::ops::Range;
use std::path::Path;

use plotters::prelude::*;

use crate::Result;
use crate::curve::{Axis, Curve, Scale, figure};

const SIZE: (u32, u32) = (960, 480);

/// How much of the width the curve has; the rest names its lines.
const WIDTH: u32 = 680;

/// Okabe and Ito's, which who sees few colours tells apart.
const COLOURS: [RGBColor; 8] = [
    RGBColor(0, 114, 178),
    RGBColor(213, 94, 0),
    RGBColor(0, 158, 115),
    RGBColor(204, 121, 167),
    RGBColor(230, 159, 0),
    RGBColor(86, 180, 233),
    RGBColor(0, 0, 0),
    RGBColor(128, 128, 128),
];

/// Draws `curve` into `file`, dark on white, whatever is behind it.
pub fn draw(curve: &Curve, file: &Path) -> Result<()> {
    let area = SVGBackend::new(file, SIZE).into_drawing_area();
    area.fill(&WHITE)?;
    let (x, y) = (
        curve.x.range(curve.points().map(|(size, _)| size)),
        curve.y.range(curve.points().map(|(_, cost)| cost)),
    );
    let (area, names) = area
        .margin(12, 0, 0, 0)
        .titled(curve.title, ("sans-serif", 20))?
        .split_horizontally(WIDTH);
    let mut chart = ChartBuilder::on(&area)
        .margin(16)
        .margin_right(32)
        .x_label_area_size(48)
        .y_label_area_size(76)
        .build_cartesian_2d(x.clone(), y.clone())?;
    chart
        .configure_mesh()
        .x_desc(curve.x.label)
        .y_desc(curve.y.label)
        .x_labels(curve.x.labels(&x))
        .y_labels(curve.y.labels(&y))
        .x_label_formatter(&|place| curve.x.shown(*place))
        .y_label_formatter(&|place| curve.y.shown(*place))
        .axis_desc_style(("sans-serif", 15))
        .label_style(("sans-serif", 14))
        .light_line_style(TRANSPARENT)
        .bold_line_style(BLACK.mix(0.12))
        .draw()?;
    let lines = curve.lines().iter().zip(COLOURS.iter().cycle());
    for ((line, colour), row) in lines.zip(0..) {
        let places = line
            .points
            .iter()
            .map(|(size, cost)| (curve.x.place(*size), curve.y.place(*cost)));
        let style = colour.stroke_width(2);
        chart.draw_series(LineSeries::new(places.clone(), style))?;
        chart.draw_series(places.map(|place| Circle::new(place, 3, colour.filled())))?;
        // Beside the curve: within, it would hide some of it.
        let y = 32 + 24 * row;
        names.draw(&PathElement::new([(0, y), (20, y)], style))?;
        names.draw(&Text::new(
            line.name.as_str(),
            (28, y - 6),
            ("sans-serif", 13),
        ))?;
    }
    area.present()?;
    Ok(())
}

impl Axis {
    fn place(&self, value: f64) -> f64 {
        match self.scale {
            Scale::Linear => value,
            Scale::Decades => value.log10(),
        }
    }

    /// What is shown at a place of the axis: of decades, the whole ones.
    fn shown(&self, place: f64) -> String {
        match self.scale {
            Scale::Linear => figure(place),
            Scale::Decades if place.fract() == 0.0 => figure(10_f64.powf(place)),
            Scale::Decades => String::new(),
        }
    }

    /// From zero, or over whole decades, to a little more than the greatest.
    fn range(&self, values: impl Iterator<Item = f64>) -> Range<f64> {
        let places: Vec<_> = values.map(|value| self.place(value)).collect();
        let least = places.iter().copied().fold(f64::INFINITY, f64::min);
        let most = places.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        match self.scale {
            Scale::Linear => 0.0..most * 1.05,
            Scale::Decades => least.floor()..most.ceil(),
        }
    }

    fn labels(&self, range: &Range<f64>) -> usize {
        match self.scale {
            Scale::Linear => 8,
            Scale::Decades => (range.end - range.start) as usize + 1,
        }
    }
}
