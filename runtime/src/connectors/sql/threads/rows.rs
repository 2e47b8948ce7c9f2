//! Rows as the threads hand them over.

use rusqlite::types::ValueRef;
use rusqlite::{Error, Row};

/// All rows of an answer. What is in them lies in one place, so that a row costs no allocation of its own.
#[derive(Debug)]
pub(in crate::connectors::sql) struct Rows {
    /// How many columns each has.
    width: usize,
    cells: Vec<Cell>,
    bytes: Vec<u8>,
}

#[derive(Clone, Copy, Debug)]
enum Cell {
    Null,
    Integer(i64),
    Real(f64),
    Text { from: usize, to: usize },
    Blob { from: usize, to: usize },
}

impl Rows {
    /// None yet, of so many columns.
    pub(super) fn of_width(width: usize) -> Self {
        Rows {
            width,
            cells: Vec::new(),
            bytes: Vec::new(),
        }
    }

    pub(super) fn push(&mut self, row: &Row<'_>) -> Result<(), Error> {
        self.cells.reserve(self.width);
        for position in 0..self.width {
            let cell = match row.get_ref(position)? {
                ValueRef::Null => Cell::Null,
                ValueRef::Integer(number) => Cell::Integer(number),
                ValueRef::Real(number) => Cell::Real(number),
                ValueRef::Text(text) => {
                    let (from, to) = self.keep(text);
                    Cell::Text { from, to }
                }
                ValueRef::Blob(bytes) => {
                    let (from, to) = self.keep(bytes);
                    Cell::Blob { from, to }
                }
            };
            self.cells.push(cell);
        }
        Ok(())
    }

    fn keep(&mut self, bytes: &[u8]) -> (usize, usize) {
        let from = self.bytes.len();
        self.bytes.extend_from_slice(bytes);
        (from, self.bytes.len())
    }

    pub fn len(&self) -> usize {
        self.cells.len() / self.width.max(1)
    }

    /// The row of this number, if there are so many.
    pub fn get(&self, number: usize) -> Option<Fetched<'_>> {
        let from = number.checked_mul(self.width)?;
        let cells = self.cells.get(from..from.checked_add(self.width)?)?;
        let bytes = &self.bytes;
        Some(Fetched { cells, bytes })
    }
}

/// One of them.
#[derive(Clone, Copy)]
pub(in crate::connectors::sql) struct Fetched<'a> {
    cells: &'a [Cell],
    bytes: &'a [u8],
}

impl<'a> Fetched<'a> {
    /// The number in the first column.
    pub fn number(&self) -> Option<i64> {
        self.get(0).and_then(|value| value.as_i64().ok())
    }

    /// What is in the column at `position`, if there is one.
    pub fn get(&self, position: usize) -> Option<ValueRef<'a>> {
        Some(match *self.cells.get(position)? {
            Cell::Null => ValueRef::Null,
            Cell::Integer(number) => ValueRef::Integer(number),
            Cell::Real(number) => ValueRef::Real(number),
            Cell::Text { from, to } => ValueRef::Text(self.bytes.get(from..to)?),
            Cell::Blob { from, to } => ValueRef::Blob(self.bytes.get(from..to)?),
        })
    }
}
