//! Each command and option that the documents name exists.

use super::{program, run};
use std::fs;
use std::path::Path;

fn documents() -> Vec<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let pages = fs::read_dir(root.join("docs")).unwrap().map(|entry| entry.unwrap().path());
    let pages = pages.filter(|path| path.extension().is_some_and(|extension| extension == "md"));
    pages.chain([root.join("README.md")]).map(|path| fs::read_to_string(path).unwrap()).collect()
}

/// The words of a command before its arguments, such as `task show`.
fn words(command: &str) -> Vec<&str> {
    let plain = |word: &&str| word.chars().all(|letter| letter.is_ascii_lowercase() || letter == '-');
    command.split_whitespace().take_while(plain).take_while(|word| !word.starts_with('-')).collect()
}

fn options(text: &str) -> Vec<&str> {
    let part = |letter: char| letter.is_ascii_lowercase() || letter == '-';
    text.split(|letter| !part(letter)).filter(|word| word.starts_with("--") && word.len() > 3).collect()
}

fn assert_documented(command: &str, text: &str) {
    let help = run(program().args(words(command)).arg("--help"));
    assert_eq!(help.code, Some(0), "{command}: {}", help.err);
    let missing = options(text).into_iter().filter(|option| !options(&help.out).contains(option));
    assert_eq!(missing.collect::<Vec<_>>(), [""; 0], "{command} has {}", help.out);
}

#[test]
fn the_table_of_commands_names_their_options() {
    let page = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/cli.md")).unwrap();
    let rows = page.lines().filter_map(|line| line.strip_prefix("| `")?.split_once('`')).collect::<Vec<_>>();
    assert!(rows.len() > 10, "docs/cli.md has lost its table");
    for (command, text) in rows {
        assert_documented(command, text);
    }
}

#[test]
fn commands_in_the_text_of_any_page_exist() {
    let pages = documents();
    let commands =
        pages.iter().flat_map(|page| page.split("tasker-core ").skip(1).zip(page.split("tasker-core ")));
    // In a span of code, alone on a line or behind a prompt; one page quotes the message of a gem of this name.
    let commands = commands.filter(|(rest, before)| {
        ["`", "    ", "    $ "].iter().any(|start| before.ends_with(start)) && !rest.starts_with("was ")
    });
    let commands =
        commands.map(|(rest, _)| rest.split(['`', '\n', '#', '…']).next().unwrap()).collect::<Vec<_>>();
    assert!(commands.len() >= 5, "the pages have lost their commands: {commands:?}");
    for command in commands {
        assert_documented(command, command);
    }
}
