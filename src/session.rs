//! How an operation asks for rows.
//!
//! ```
//! use tasker_core::error::Error;
//! use tasker_core::session::{Access, Query, Row, Rows, Session, Value};
//!
//! /// A session that has the same rows for whatever it is asked.
//! struct Canned(Rows);
//!
//! impl Session for Canned {
//!     async fn rows(&mut self, query: Query) -> Result<Rows, Error> {
//!         assert_eq!(query.access, Access::Read);
//!         Ok(self.0.clone())
//!     }
//! }
//!
//! # let operation = async {
//! let cells = vec![Value::Int(3), Value::Bool(true), Value::text("ship"), Value::Null, Value::int_array([1, 2])];
//! let mut session = Canned(Rows::from(vec![cells]));
//! let binds = vec![Value::text_array(["a", "b"]), Value::optional_text_array([Some("a"), None]), Value::bool_array([Some(true)])];
//! let question = Query { name: "steps", sql: "select …", binds, access: Access::Read };
//! let rows = session.rows(question).await?;
//! assert!(rows.len() == 1 && !rows.is_empty() && rows.iter("steps").count() == 1);
//!
//! let row: Row<'_> = rows.first("steps").expect("one row");
//! assert_eq!((row.int(0)?, row.count(0)?, row.timestamp(0)?.0), (3, 3, 3));
//! assert_eq!((row.bool(1)?, row.text(2)?, row.optional_text(2)?), (true, "ship", Some("ship")));
//! assert_eq!((row.optional_int(3)?, row.optional_i32(3)?, row.optional_timestamp(3)?), (None, None, None));
//! assert_eq!(row.int_array(4)?, [1, 2]);
//! assert_eq!(row.optional_int_array(4)?, [Some(1), Some(2)]);
//! assert_eq!(row.optional_i32_array(4)?, [Some(1), Some(2)]);
//! // Null is an array without items.
//! assert!(row.bool_array(3)?.is_empty() && row.text_array(3)?.is_empty() && row.int_rows::<2>(3)?.is_empty());
//! // What a column cannot be read as is an error that names it.
//! let error = row.bool(2).unwrap_err().to_string();
//! assert_eq!(error, r#"unexpected answer to steps: column 2 of row 0 should be a boolean, got the text "ship""#);
//! # Ok::<(), Error>(())
//! # };
//! # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(operation)?;
//! # Ok::<(), Error>(())
//! ```

mod array_literal;
mod cells;
mod records;

use crate::error::Error;
use crate::time::Timestamp;
use cells::{int_from_text, nullable, parse_bool, parse_int, row_of_ints, unpacked_cell};
use std::future::Future;

pub(crate) use records::Field;

/// Something that can run a statement and bring back its rows, inside whatever transaction is open there.
pub trait Session {
    /// Runs `query`. An operation never asks for a transaction; who needs several statements to be atomic opens one around
    /// the whole operation.
    fn rows(&mut self, query: Query) -> impl Future<Output = Result<Rows, Error>> + Send;
}

/// A statement with its parameters.
#[derive(Clone, Debug, PartialEq)]
pub struct Query {
    /// A short name for logs and errors.
    pub name: &'static str,
    /// PostgreSQL text with `$1`, `$2` …, each cast to its type in the text.
    pub sql: &'static str,
    /// The parameters in order.
    pub binds: Vec<Value>,
    /// Whether rows are changed, for hosts that route or count writes.
    pub access: Access,
}

/// Whether a statement changes rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// It only reads.
    Read,
    /// It changes rows.
    Write,
}

/// A parameter or a cell. Statements are written so that these four kinds are enough: arrays, dates and JSON travel as text,
/// instants as microseconds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// SQL `NULL`
    Null,
    /// `boolean`
    Bool(bool),
    /// `smallint`, `integer`, `bigint`
    Int(i64),
    /// `text` and everything that was cast to it
    Text(Box<str>),
}

/// The most characters of a text that an error quotes.
const LONGEST_QUOTE: usize = 200;

impl Value {
    /// A text value.
    pub fn text(text: impl Into<Box<str>>) -> Self {
        Value::Text(text.into())
    }

    /// A PostgreSQL array literal of numbers, such as `{1,2}`.
    pub fn int_array(items: impl IntoIterator<Item = i64>) -> Self {
        let mut literal = String::from("{");
        for (index, item) in items.into_iter().enumerate() {
            if index > 0 {
                literal.push(',');
            }
            literal.push_str(&item.to_string());
        }
        literal.push('}');
        Value::text(literal)
    }

    /// A PostgreSQL array literal of texts.
    pub fn text_array<'a>(items: impl IntoIterator<Item = &'a str>) -> Self {
        Value::text(array_literal::from_texts(items.into_iter().map(Some)))
    }

    /// A PostgreSQL array literal of texts and nulls.
    pub fn optional_text_array<T: AsRef<str>>(items: impl IntoIterator<Item = Option<T>>) -> Self {
        Value::text(array_literal::from_texts(items))
    }

    /// A PostgreSQL array literal of booleans and nulls.
    pub fn bool_array(items: impl IntoIterator<Item = Option<bool>>) -> Self {
        Value::optional_text_array(
            items.into_iter().map(|item| item.map(|item| if item { "t" } else { "f" })),
        )
    }

    fn describe(&self) -> String {
        match self {
            Value::Null => "null".to_owned(),
            Value::Bool(value) => format!("the boolean {value}"),
            Value::Int(value) => format!("the integer {value}"),
            // A packed column may hold whatever a workflow works on, which is not to be spread by an error's message.
            Value::Text(value) if value.chars().nth(LONGEST_QUOTE).is_some() => {
                let begin: String = value.chars().take(LONGEST_QUOTE).collect();
                format!("the text {begin:?} and so on, {} bytes", value.len())
            }
            Value::Text(value) => format!("the text {value:?}"),
        }
    }
}

/// The rows of an answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rows(Vec<Vec<Value>>);

impl From<Vec<Vec<Value>>> for Rows {
    fn from(rows: Vec<Vec<Value>>) -> Self {
        Rows(rows)
    }
}

impl Rows {
    /// Number of rows.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// No row at all?
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The rows, ready to be decoded as the answer to the question `query`.
    pub fn iter(&self, query: &'static str) -> impl Iterator<Item = Row<'_>> {
        self.0.iter().enumerate().map(move |(index, cells)| Row { query, index, cells })
    }

    /// The first row, if any.
    pub fn first(&self, query: &'static str) -> Option<Row<'_>> {
        self.iter(query).next()
    }
}

/// One row of an answer; knows where it came from, so that a wrong cell is named. Whatever reads a column fails with [`Error::Decode`] where
/// the cell is of another kind.
#[derive(Clone, Copy, Debug)]
pub struct Row<'a> {
    query: &'static str,
    index: usize,
    cells: &'a [Value],
}

impl<'a> Row<'a> {
    fn cell(&self, column: usize) -> Option<&'a Value> {
        self.cells.get(column)
    }

    /// All cells, for hosts that pass rows on.
    pub fn cells(&self) -> &'a [Value] {
        self.cells
    }

    /// The error that says what should have been in a column.
    pub(crate) fn unexpected(&self, column: usize, expected: &'static str) -> Error {
        Error::Decode {
            query: self.query,
            row: self.index,
            column,
            expected,
            got: self.cell(column).map_or_else(|| "no such column".to_owned(), Value::describe),
        }
    }

    /// Decodes a row that was packed: one text, a JSON array of its cells. What a host does for a column it then does once a row.
    pub(crate) fn unpacked<T>(self, decode: impl FnOnce(Row<'_>) -> Result<T, Error>) -> Result<T, Error> {
        self.unpacked_column(0, decode)
    }

    /// Decodes a record that was packed into one column: a JSON array of its cells.
    pub(crate) fn unpacked_column<T>(
        self,
        column: usize,
        decode: impl FnOnce(Row<'_>) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let unreadable = || self.unexpected(column, "a JSON array of nulls, booleans, integers and texts");
        let cells: Vec<serde_json::Value> =
            serde_json::from_str(self.text(column)?).map_err(|_| unreadable())?;
        let cells: Option<Vec<Value>> = cells.into_iter().map(unpacked_cell).collect();
        let cells = cells.ok_or_else(unreadable)?;
        decode(Row { query: self.query, index: self.index, cells: &cells })
    }

    /// Decodes records that were packed into one column: a JSON array of arrays of their cells.
    pub(crate) fn unpacked_rows<T>(
        self,
        column: usize,
        decode: impl Fn(Row<'_>) -> Result<T, Error>,
    ) -> Result<Vec<T>, Error> {
        let unreadable =
            || self.unexpected(column, "a JSON array of arrays of nulls, booleans, integers and texts");
        let rows: Vec<Vec<serde_json::Value>> =
            serde_json::from_str(self.text(column)?).map_err(|_| unreadable())?;
        let decoded = rows.into_iter().map(|cells| {
            let cells: Option<Vec<Value>> = cells.into_iter().map(unpacked_cell).collect();
            decode(Row { query: self.query, index: self.index, cells: &cells.ok_or_else(unreadable)? })
        });
        decoded.collect()
    }

    /// An integer or null; see [`Row::int`].
    pub fn optional_int(&self, column: usize) -> Result<Option<i64>, Error> {
        match self.cell(column) {
            Some(Value::Null) => Ok(None),
            Some(Value::Int(value)) => Ok(Some(*value)),
            cell => {
                int_from_text(cell).map(Some).ok_or_else(|| self.unexpected(column, "an integer or null"))
            }
        }
    }

    /// An integer. Digits as text count: some drivers keep what their own integers cannot hold.
    pub fn int(&self, column: usize) -> Result<i64, Error> {
        match self.cell(column) {
            Some(Value::Int(value)) => Ok(*value),
            cell => int_from_text(cell).ok_or_else(|| self.unexpected(column, "an integer")),
        }
    }

    /// An integer of 32 bits, or null.
    pub fn optional_i32(&self, column: usize) -> Result<Option<i32>, Error> {
        self.optional_int(column)?
            .map(|value| i32::try_from(value).map_err(|_| self.unexpected(column, "a 32-bit integer")))
            .transpose()
    }

    /// A count.
    pub fn count(&self, column: usize) -> Result<u32, Error> {
        u32::try_from(self.int(column)?).map_err(|_| self.unexpected(column, "a count"))
    }

    /// A boolean, or PostgreSQL's text of one.
    pub fn bool(&self, column: usize) -> Result<bool, Error> {
        match self.cell(column) {
            Some(Value::Bool(value)) => Ok(*value),
            Some(Value::Text(text)) => parse_bool(text).ok_or_else(|| self.unexpected(column, "a boolean")),
            _ => Err(self.unexpected(column, "a boolean")),
        }
    }

    /// A text or null.
    pub fn optional_text(&self, column: usize) -> Result<Option<&'a str>, Error> {
        match self.cell(column) {
            Some(Value::Null) => Ok(None),
            Some(Value::Text(value)) => Ok(Some(value)),
            _ => Err(self.unexpected(column, "a text or null")),
        }
    }

    /// A text.
    pub fn text(&self, column: usize) -> Result<&'a str, Error> {
        match self.cell(column) {
            Some(Value::Text(value)) => Ok(value),
            _ => Err(self.unexpected(column, "a text")),
        }
    }

    /// Microseconds, or null.
    pub fn optional_timestamp(&self, column: usize) -> Result<Option<Timestamp>, Error> {
        Ok(self.optional_int(column)?.map(Timestamp))
    }

    /// Microseconds.
    pub fn timestamp(&self, column: usize) -> Result<Timestamp, Error> {
        self.int(column).map(Timestamp)
    }

    /// An array of integers, none of them null. Null is the empty array, as `array_agg` of no rows gives it.
    pub fn int_array(&self, column: usize) -> Result<Vec<i64>, Error> {
        self.array(column, "an array of integers", parse_int)
    }

    /// An array of integers and nulls.
    pub fn optional_int_array(&self, column: usize) -> Result<Vec<Option<i64>>, Error> {
        self.array(column, "an array of integers and nulls", nullable(parse_int))
    }

    /// An array of rows of `N` integers and nulls each. Null is no row at all.
    pub fn int_rows<const N: usize>(&self, column: usize) -> Result<Vec<[Option<i64>; N]>, Error> {
        let literal = self.optional_text(column)?.unwrap_or("{}");
        array_literal::rows(literal)
            .and_then(|rows| rows.map(row_of_ints).collect())
            .ok_or_else(|| self.unexpected(column, "an array of rows of so many integers and nulls"))
    }

    /// An array of 32-bit integers and nulls.
    pub fn optional_i32_array(&self, column: usize) -> Result<Vec<Option<i32>>, Error> {
        self.array(column, "an array of 32-bit integers and nulls", nullable(parse_int))
    }

    /// An array of booleans, none of them null.
    pub fn bool_array(&self, column: usize) -> Result<Vec<bool>, Error> {
        self.array(column, "an array of booleans", parse_bool)
    }

    /// An array of texts and nulls.
    pub fn text_array(&self, column: usize) -> Result<Vec<Option<String>>, Error> {
        let literal = self.optional_text(column)?.unwrap_or("{}");
        array_literal::texts(literal).ok_or_else(|| self.unexpected(column, "an array of texts and nulls"))
    }

    /// Rows that were packed one after the other, each decoded; a row that `decode` cannot make use of makes the column unexpected. Null is
    /// no row at all, as `string_agg` of no rows gives it.
    pub(crate) fn records<T>(
        &self,
        column: usize,
        expected: &'static str,
        decode: impl FnMut(&[Field<'_>]) -> Option<T>,
    ) -> Result<Vec<T>, Error> {
        let text = self.optional_text(column)?.unwrap_or_default();
        records::decoded(text, decode).ok_or_else(|| self.unexpected(column, expected))
    }

    fn array<T>(
        &self,
        column: usize,
        expected: &'static str,
        parse: impl Fn(&str) -> Option<T>,
    ) -> Result<Vec<T>, Error> {
        let literal = self.optional_text(column)?.unwrap_or("{}");
        array_literal::plain(literal)
            .and_then(|items| items.map(parse).collect())
            .ok_or_else(|| self.unexpected(column, expected))
    }
}
