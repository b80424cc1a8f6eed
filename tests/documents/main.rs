//! The guides in docs/ show code that runs: each block is a part of an example.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

use std::fs;
use std::path::Path;

fn read(file: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(file)).unwrap()
}

fn lines(text: &str) -> Vec<&str> {
    text.lines().map(str::trim).filter(|line| !line.is_empty()).collect()
}

/// The blocks of Rust in a document.
fn blocks(document: &str) -> Vec<&str> {
    document.split("```rust\n").skip(1).map(|rest| rest.split("```").next().unwrap()).collect()
}

#[test]
fn the_guide_quotes_its_example() {
    let (guide, example) = (read("docs/rust.md"), read("examples/guide.rs"));
    let (blocks, example) = (blocks(&guide), lines(&example));
    assert!(blocks.len() > 5, "the guide has lost its blocks");
    for block in blocks {
        let quoted = lines(block);
        assert!(
            example.windows(quoted.len()).any(|part| part == quoted),
            "docs/rust.md: expected a part of examples/guide.rs, got\n{block}"
        );
    }
}
