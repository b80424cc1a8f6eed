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

/// Each block of a document is a part of one of these examples.
fn assert_quotes(document: &str, examples: &[&str], least: usize) {
    let (text, programs) = (read(document), examples.iter().map(|example| read(example)).collect::<Vec<_>>());
    let (blocks, programs) =
        (blocks(&text), programs.iter().map(|program| lines(program)).collect::<Vec<_>>());
    assert!(blocks.len() >= least, "{document} has lost its blocks");
    for block in blocks {
        let quoted = lines(block);
        assert!(
            programs.iter().any(|program| program.windows(quoted.len()).any(|part| part == quoted)),
            "{document}: expected a part of {examples:?}, got\n{block}"
        );
    }
}

#[test]
fn the_guide_quotes_its_example() {
    let examples =
        ["examples/guide.rs", "examples/run_workflow.rs", "examples/watch.rs", "examples/worker.rs"];
    assert_quotes("docs/rust.md", &examples, 10);
}

#[test]
fn the_page_on_configuration_quotes_its_example() {
    assert_quotes("docs/configuration.md", &["examples/configuration.rs"], 9);
}

#[test]
fn the_first_page_quotes_the_guide() {
    assert_quotes("README.md", &["examples/guide.rs"], 1);
}

/// A block with another name of the language would be left out above.
#[test]
fn no_block_of_rust_is_hidden() {
    for entry in fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "md") {
            let text = fs::read_to_string(&path).unwrap();
            let hidden = text.lines().filter(|line| line.starts_with("```r")).collect::<Vec<_>>();
            assert!(
                hidden.iter().all(|line| ["```rust", "```ruby"].contains(line)),
                "{}: {hidden:?}",
                path.display()
            );
        }
    }
}
