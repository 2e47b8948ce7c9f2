//! The matrix as a text for people.

use std::fmt;

use super::{AccessLimit, AccessMatrix, AccessRow};

/// The rows of one model.
struct Block<'a> {
    model: &'a str,
    /// The names of the columns, then the columns of each row.
    lines: Vec<Vec<String>>,
}

impl AccessMatrix {
    /// The matrix as Markdown, a table for each model.
    ///
    /// ```
    /// use loopwright::Config;
    /// use loopwright::prelude::*;
    ///
    /// #[derive(Model)]
    /// #[acl(allow(read), to = authenticated)]
    /// struct Order {
    ///     #[model(id, generated)]
    ///     id: i64,
    /// }
    ///
    /// let app = App::new().config(Config::default()).models::<(Order,)>();
    /// let text = app.access_matrix()?.to_markdown();
    /// assert!(text.contains("| find | – | yes | yes | yes | `GET /api/Orders` |"), "{text}");
    /// # Ok::<_, loopwright::Error>(())
    /// ```
    pub fn to_markdown(&self) -> String {
        let mut text = String::new();
        for block in self.blocks("–", |route| format!("`{route}`")) {
            text += &format!("## {}\n\n", block.model);
            for (index, line) in block.lines.iter().enumerate() {
                // The name of a role may hold anything.
                let columns: Vec<_> = line.iter().map(|text| text.replace('|', "\\|")).collect();
                text += &format!("| {} |\n", columns.join(" | "));
                if index == 0 {
                    text += &format!("|{}\n", "---|".repeat(columns.len()));
                }
            }
            for limit in self
                .limits
                .iter()
                .filter(|limit| limit.model == block.model)
            {
                text += &format!("\n- {}", limited(limit, |rule| format!("`{rule}`")));
            }
            text.push('\n');
        }
        for note in &self.notes {
            text += &format!("- {note}\n");
        }
        text.truncate(text.trim_end().len());
        text
    }

    fn blocks(&self, no: &str, route: impl Fn(&String) -> String) -> Vec<Block<'_>> {
        let mut blocks: Vec<Block<'_>> = Vec::new();
        for row in &self.rows {
            let known = blocks.last().is_some_and(|block| block.model == row.model);
            if !known {
                blocks.push(Block {
                    model: &row.model,
                    lines: vec![header(row)],
                });
            }
            if let Some(block) = blocks.last_mut() {
                block.lines.push(line(row, no, &route));
            }
        }
        blocks
    }
}

/// `salary: read: role("hr"), owner`
fn limited(limit: &AccessLimit, shown: impl Fn(&String) -> String) -> String {
    let allowed: Vec<_> = limit.allowed.iter().map(&shown).collect();
    let denied: Vec<_> = limit.denied.iter().map(&shown).collect();
    let mut text = format!("{}: {}", limit.subject, allowed.join(", "));
    if !denied.is_empty() {
        text += &format!("; not {}", denied.join(", "));
    }
    text
}

fn header(row: &AccessRow) -> Vec<String> {
    let callers = row.cells.iter().map(|cell| cell.caller.clone());
    let method = std::iter::once("method".to_owned());
    let routes = std::iter::once("routes".to_owned());
    method.chain(callers).chain(routes).collect()
}

fn line(row: &AccessRow, no: &str, route: impl Fn(&String) -> String) -> Vec<String> {
    let cells = row.cells.iter();
    let cells = cells.map(|cell| if cell.allowed { "yes" } else { no }.to_owned());
    let routes: Vec<_> = row.routes.iter().map(route).collect();
    let method = std::iter::once(row.method.clone());
    method.chain(cells).chain([routes.join(", ")]).collect()
}

/// An aligned table for each model, and the notes.
impl fmt::Display for AccessMatrix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, block) in self.blocks("-", String::clone).iter().enumerate() {
            if number > 0 {
                writeln!(f)?;
            }
            writeln!(f, "{}", block.model)?;
            let columns = block.lines.first().map_or(0, Vec::len);
            let width = |column: usize| {
                let texts = block.lines.iter().filter_map(|line| line.get(column));
                texts.map(|text| text.chars().count()).max().unwrap_or(0)
            };
            let widths: Vec<_> = (0..columns).map(width).collect();
            for line in &block.lines {
                let mut text = String::new();
                for (column, width) in line.iter().zip(&widths) {
                    text += &format!("  {column:width$}");
                }
                writeln!(f, "{}", text.trim_end())?;
            }
            for limit in self
                .limits
                .iter()
                .filter(|limit| limit.model == block.model)
            {
                writeln!(f, "  {}", limited(limit, String::clone))?;
            }
        }
        for (number, note) in self.notes.iter().enumerate() {
            let gap = number == 0 && !self.rows.is_empty();
            writeln!(f, "{}{note}", if gap { "\n" } else { "" })?;
        }
        Ok(())
    }
}
