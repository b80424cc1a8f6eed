//! Files and those that they extend.

use crate::{Directory, problems};
use tasker_core::config::Loader;

#[test]
fn a_file_inherits_from_others() {
    let directory = Directory::new("inherits");
    std::fs::create_dir(directory.0.join("shared")).unwrap();
    directory.write(
        "shared/base.yml",
        "backoff: { buffer_seconds: 1, max_backoff_seconds: 1 }\nenvironments: { test: { cache: { default_ttl: 1 } } }\n",
    );
    directory.write("shared/more.yml", "extends: base.yml\nbackoff: { max_backoff_seconds: 2 }\n");
    let file = directory.write(
        "app.yml",
        "extends: [shared/base.yml, shared/more.yml]\nbackoff: { default_reenqueue_delay: 3 }\ncache: { default_ttl: 3 }\n",
    );
    let config = Loader::new().file(&file).load().unwrap();
    assert_eq!(config.backoff.buffer_seconds, 1);
    assert_eq!(config.backoff.max_backoff_seconds, 2);
    assert_eq!((config.backoff.default_reenqueue_delay, config.cache.default_ttl), (3, 3));
    // The part for an environment wins over the plain part of every file.
    assert_eq!(Loader::new().file(&file).environment("test").load().unwrap().cache.default_ttl, 1);
}

#[test]
fn cycles_and_missing_files_are_refused() {
    let directory = Directory::new("cycles");
    let a = directory.write("a.yml", "extends: b.yml\n");
    let b = directory.write("b.yml", "extends: [a.yml, c.yml, 7]\n");
    let shown = |name: &str| directory.0.join(name).display().to_string();
    let found = problems(&Loader::new().file(&a));
    assert_eq!(
        found,
        [
            format!(
                "{}: expected a readable YAML file, got No such file or directory (os error 2)",
                shown("c.yml")
            ),
            format!("{}: extends: expected no cycle of files, got the file again", shown("a.yml")),
            format!("{}, line 1: extends: expected the path of a file, got 7", b.display()),
        ]
    );
}

#[test]
fn empty_files_and_sections_say_nothing() {
    let loader =
        Loader::new().yaml("a.yml", "").yaml("b.yml", "# nothing\n").yaml("c.yml", "backoff:\ncache: {}\n");
    let config =
        loader.yaml("d.yml", "environments: { production: ~ }").environment("production").load().unwrap();
    assert_eq!(config, Loader::new().load().unwrap());
}
