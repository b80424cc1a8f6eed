//! Cells that hold arrays as text.

use crate::support::cases;
use proptest::option;
use proptest::prelude::*;
use tasker_core::Error;
use tasker_core::session::{Row, Rows, Value};

/// Reads the only cell of an answer.
fn read<T>(cell: &str, column: impl FnOnce(Row<'_>) -> Result<T, Error>) -> Result<T, Error> {
    let rows = Rows::from(vec![vec![Value::text(cell)]]);
    column(rows.first("arrays").unwrap())
}

/// The quoting rules of PostgreSQL's `array_out`.
fn quote(item: &str) -> String {
    let special = |c: char| "{}\",\\".contains(c) || c.is_ascii_whitespace() || c == '\u{b}';
    if !item.is_empty() && !item.eq_ignore_ascii_case("null") && !item.contains(special) {
        return item.to_owned();
    }
    format!("\"{}\"", item.replace('\\', "\\\\").replace('"', "\\\""))
}

fn literal<T>(items: &[Option<T>], write: impl Fn(&T) -> String) -> String {
    let words: Vec<String> =
        items.iter().map(|item| item.as_ref().map_or("NULL".to_owned(), &write)).collect();
    format!("{{{}}}", words.join(","))
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        "[ ,{}\"\\\\a\n]{0,8}",
        proptest::sample::select(&["NULL", "null", "", "\\", "\"", "}", "{}", "t"][..])
            .prop_map(str::to_owned),
    ]
}

proptest! {
    #![proptest_config(cases(800))]

    #[test]
    fn texts_survive_quoting(items in prop::collection::vec(option::of(text()), 0..8)) {
        let written = literal(&items, |item| quote(item));
        prop_assert_eq!(read(&written, |row| row.text_array(0)).unwrap(), items);
    }

    #[test]
    fn a_literal_that_was_cut_short_is_refused(items in prop::collection::vec(option::of(text()), 0..5)) {
        let written = literal(&items, |item| quote(item));
        for (end, _) in written.char_indices() {
            let read = read(&written[..end], |row| row.text_array(0));
            prop_assert!(read.is_err(), "{:?} was read as {:?}", &written[..end], read);
        }
    }

    #[test]
    fn whatever_the_text_reading_it_ends(literal in any::<String>()) {
        let _ = read(&literal, |row| row.text_array(0));
        let _ = read(&literal, |row| row.int_array(0));
        let _ = read(&literal, |row| row.bool_array(0));
        let _ = read(&literal, |row| row.int_rows::<2>(0));
    }

    #[test]
    fn numbers_come_back(items in prop::collection::vec(any::<i64>(), 0..20)) {
        let Value::Text(written) = Value::int_array(items.iter().copied()) else { panic!("no text") };
        prop_assert_eq!(read(&written, |row| row.int_array(0)).unwrap(), items);
    }

    #[test]
    fn numbers_and_nulls_come_back(items in prop::collection::vec(option::of(any::<i32>()), 0..20)) {
        let written = literal(&items, ToString::to_string);
        let wide: Vec<Option<i64>> = items.iter().map(|item| item.map(i64::from)).collect();
        prop_assert_eq!(read(&written, |row| row.optional_i32_array(0)).unwrap(), items);
        prop_assert_eq!(read(&written, |row| row.optional_int_array(0)).unwrap(), wide);
    }

    #[test]
    fn rows_of_numbers_and_nulls_come_back(rows in prop::collection::vec(any::<[Option<i64>; 3]>(), 0..20)) {
        let written: Vec<String> = rows.iter().map(|row| literal(row, ToString::to_string)).collect();
        let written = format!("{{{}}}", written.join(","));
        prop_assert_eq!(read(&written, |row| row.int_rows::<3>(0)).unwrap(), rows);
    }

    #[test]
    fn booleans_come_back(items in prop::collection::vec(any::<bool>(), 0..20)) {
        let letters: Vec<&str> = items.iter().map(|item| if *item { "t" } else { "f" }).collect();
        let written = format!("{{{}}}", letters.join(","));
        prop_assert_eq!(read(&written, |row| row.bool_array(0)).unwrap(), items);
    }
}

#[test]
fn no_array_is_an_empty_array() {
    let rows = Rows::from(vec![vec![Value::Null]]);
    let row = rows.first("arrays").unwrap();
    assert!(row.int_array(0).unwrap().is_empty());
    assert!(row.text_array(0).unwrap().is_empty());
    assert!(row.int_rows::<2>(0).unwrap().is_empty());
}

#[test]
fn malformed_arrays_are_named() {
    for cell in [
        "",
        "1,2",
        "{1,2",
        "1,2}",
        "{1,x}",
        "{NULL}",
        "{1.5}",
        "{1,,2}",
        "{1,}",
        "{,}",
        "{9223372036854775808}",
    ] {
        let error = read(cell, |row| row.int_array(0)).unwrap_err();
        let expected = format!(
            "unexpected answer to arrays: column 0 of row 0 should be an array of integers, got the text {cell:?}"
        );
        assert_eq!(error.to_string(), expected);
    }
    for cell in ["", "a", "{a}b", "{\"a", "{\"a\\", "{\"a\"b}", "{a,}", "{,a}", "{a}}", "{\"a\",}"] {
        assert!(read(cell, |row| row.text_array(0)).is_err(), "{cell:?} was read");
    }
    for cell in [
        "",
        "{1,2}",
        "{{1,2}",
        "{1,2}}",
        "{{1}}",
        "{{1,2,3}}",
        "{{1,x}}",
        "{{1,2},{3}}",
        "{{1,2}{3,4}}",
        "{{}}",
    ] {
        let error = read(cell, |row| row.int_rows::<2>(0)).unwrap_err();
        let expected = format!(
            "unexpected answer to arrays: column 0 of row 0 should be an array of rows of so many integers and nulls, got the text {cell:?}"
        );
        assert_eq!(error.to_string(), expected);
    }
    assert!(read("{t,true}", |row| row.bool_array(0)).is_err());
    assert!(read("{2147483648}", |row| row.optional_i32_array(0)).is_err());
}
