//! What something costs as something else grows.

use std::fmt::Write as _;

pub struct Curve {
    /// That of its picture's file.
    pub name: &'static str,
    pub title: &'static str,
    /// What grows.
    pub x: Axis,
    /// What it costs.
    pub y: Axis,
    lines: Vec<Line>,
}

pub struct Axis {
    /// What is along it, and in which unit.
    pub label: &'static str,
    pub scale: Scale,
}

#[derive(Clone, Copy, PartialEq)]
pub enum Scale {
    Linear,
    /// Each factor of ten takes up as much: what is linear rises by a decade per decade.
    Decades,
}

pub struct Line {
    pub name: String,
    /// What grows, and what that costs.
    pub points: Vec<(f64, f64)>,
}

impl Axis {
    pub const fn linear(label: &'static str) -> Self {
        let scale = Scale::Linear;
        Axis { label, scale }
    }

    pub const fn decades(label: &'static str) -> Self {
        let scale = Scale::Decades;
        Axis { label, scale }
    }
}

impl Curve {
    pub fn new(name: &'static str, title: &'static str, x: Axis, y: Axis) -> Self {
        Curve {
            name,
            title,
            x,
            y,
            lines: Vec::new(),
        }
    }

    pub fn add(&mut self, line: &str, size: usize, cost: f64) {
        let point = (size as f64, cost);
        match self.lines.iter_mut().find(|known| known.name == line) {
            Some(line) => line.points.push(point),
            None => self.lines.push(Line {
                name: line.to_owned(),
                points: vec![point],
            }),
        }
    }

    pub fn lines(&self) -> &[Line] {
        &self.lines
    }

    pub fn points(&self) -> impl Iterator<Item = (f64, f64)> {
        self.lines.iter().flat_map(|line| line.points.clone())
    }

    /// In Markdown, a column for each line.
    pub fn table(&self) -> String {
        let mut table = format!("| {} |", self.x.label);
        for line in &self.lines {
            let _ = write!(table, " {} |", line.name);
        }
        table.push_str("\n|---|");
        table.push_str(&"---|".repeat(self.lines.len()));
        let mut sizes: Vec<_> = self.points().map(|(size, _)| size).collect();
        sizes.sort_by(f64::total_cmp);
        sizes.dedup();
        for size in sizes {
            let _ = write!(table, "\n| {} |", figure(size));
            for line in &self.lines {
                let cost = line.points.iter().find(|(at, _)| *at == size);
                let cost = cost.map_or_else(|| "–".to_owned(), |(_, cost)| figure(*cost));
                let _ = write!(table, " {cost} |");
            }
        }
        let _ = write!(table, "\n\nin {}", self.y.label);
        table
    }
}

/// A number as people write it, no more precise than it was measured.
pub fn figure(number: f64) -> String {
    if number < 10.0 && number.fract() != 0.0 {
        return format!("{number:.1}");
    }
    let digits = format!("{number:.0}");
    let mut text = String::new();
    for (position, digit) in digits.chars().enumerate() {
        if position > 0 && (digits.len() - position).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
