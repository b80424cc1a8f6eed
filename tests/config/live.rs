//! Reloads.

use crate::Directory;
use std::fs;
use std::path::Path;
use std::sync::{Arc, Mutex, mpsc};
use std::time::Duration;
use tasker_core::config::{DatabaseLayer, Live, Loader, Reload};

/// Far longer than any machine takes to notice a file.
const DEADLINE: Duration = Duration::from_secs(60);

fn buffer(seconds: &str) -> String {
    format!("backoff: {{ buffer_seconds: {seconds} }}\n")
}

#[test]
fn a_refused_reload_leaves_everything_as_it_was() {
    let directory = Directory::new("refused");
    let file = directory.write("a.yml", &buffer("7"));
    let outcomes = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&outcomes);
    let live =
        Live::start_with(Loader::new().file(&file), move |reload| seen.lock().unwrap().push(reload.clone()))
            .unwrap();
    assert_eq!(live.reload(), Reload::Unchanged);

    fs::write(&file, "backoff: { buffer_seconds: soon, max_backoff_seconds: 60 }\n").unwrap();
    let before = live.current();
    let Reload::Refused(error) = live.reload() else { panic!("expected a refusal") };
    assert!(
        error
            .to_string()
            .ends_with("a.yml, line 1: backoff.buffer_seconds: expected an integer, got \"soon\"")
    );
    assert!(Arc::ptr_eq(&before, &live.current()));
    assert_eq!(live.refused(), Some(error.clone()));

    fs::remove_file(&file).unwrap();
    assert!(matches!(live.reload(), Reload::Refused(_)));
    fs::write(&file, buffer("9")).unwrap();
    let Reload::Replaced(after) = live.reload() else { panic!("expected another configuration") };
    assert_eq!((before.backoff.buffer_seconds, after.backoff.buffer_seconds), (7, 9));
    assert_eq!((live.current(), live.refused()), (after, None));
    assert_eq!(outcomes.lock().unwrap().len(), 4);
}

#[test]
fn a_refused_change_is_not_kept() {
    let live = Live::start(Loader::new()).unwrap();
    assert!(matches!(live.change(|loader| loader.set("backoff.buffer_seconds", "x")), Reload::Refused(_)));
    assert_eq!(live.reload(), Reload::Unchanged);
    assert!(live.refused().is_none());
    assert!(matches!(
        live.database(DatabaseLayer::from_iter([("cache.default_ttl", 9)])),
        Reload::Replaced(_)
    ));
    assert_eq!(live.current().cache.default_ttl, 9);
    assert!(matches!(live.database(DatabaseLayer::default()), Reload::Replaced(_)));
    assert_eq!(live.current().cache.default_ttl, 300);
}

#[test]
fn a_first_configuration_must_be_valid() {
    assert!(Live::start(Loader::new().set("backoff", 7)).is_err());
}

/// A configuration that follows a file, and the buffer seconds or the refusals that it reports.
fn watching(loader: Loader) -> (Live, mpsc::Receiver<Result<i64, String>>) {
    let (sender, receiver) = mpsc::channel();
    let live = Live::start_with(loader, move |reload| {
        let _ = match reload {
            Reload::Replaced(config) => sender.send(Ok(config.backoff.buffer_seconds)),
            Reload::Refused(error) => sender.send(Err(error.to_string())),
            Reload::Unchanged => Ok(()),
        };
    })
    .unwrap();
    live.watch().unwrap();
    (live, receiver)
}

/// Waits until a value is reported; a file that is read half-written may be reported before.
fn wait_for(reports: &mpsc::Receiver<Result<i64, String>>, wanted: impl Fn(&Result<i64, String>) -> bool) {
    while !wanted(&reports.recv_timeout(DEADLINE).expect("no report before the deadline")) {}
}

/// Replaces a file at once: one that is written in place is empty for a moment, which is a valid configuration.
fn replace(directory: &Directory, file: &Path, text: &str) {
    let next = directory.write("next", text);
    fs::rename(next, file).unwrap();
}

#[test]
fn files_are_followed_when_written_and_when_renamed_over() {
    let directory = Directory::new("followed");
    let base = directory.write("base.yml", &buffer("1"));
    let file = directory.write("a.yml", "extends: base.yml\n");
    let (live, reports) = watching(Loader::new().file(&file));

    fs::write(&base, buffer("2")).unwrap();
    wait_for(&reports, |report| *report == Ok(2));
    replace(&directory, &base, &buffer("3"));
    wait_for(&reports, |report| *report == Ok(3));
    replace(&directory, &base, &buffer("soon"));
    wait_for(&reports, |report| report.as_ref().is_err_and(|error| error.contains("expected an integer")));
    assert_eq!(live.current().backoff.buffer_seconds, 3);

    // A directory that only a later version of the file names is followed, too.
    fs::create_dir(directory.0.join("more")).unwrap();
    let more = directory.write("more/more.yml", &buffer("4"));
    replace(&directory, &file, "extends: more/more.yml\n");
    wait_for(&reports, |report| *report == Ok(4));
    fs::write(&more, buffer("5")).unwrap();
    wait_for(&reports, |report| *report == Ok(5));
}

#[test]
fn a_missing_directory_refuses_the_reload_and_not_the_process() {
    let directory = Directory::new("missing");
    let file = directory.write("a.yml", &buffer("1"));
    let (live, reports) = watching(Loader::new().file(&file));
    replace(&directory, &file, "extends: nowhere/base.yml\n");
    wait_for(&reports, |report| report.as_ref().is_err_and(|error| error.contains("nowhere")));
    assert_eq!(live.current().backoff.buffer_seconds, 1);
    replace(&directory, &file, &buffer("2"));
    wait_for(&reports, |report| *report == Ok(2));
}

#[test]
fn readers_never_see_half_a_configuration() {
    let live = Live::start(Loader::new()).unwrap();
    std::thread::scope(|scope| {
        let reader = scope.spawn(|| {
            for _ in 0..10_000 {
                let backoff = live.current().backoff.clone();
                assert_eq!(backoff.buffer_seconds - 5, backoff.default_reenqueue_delay - 30);
            }
        });
        for seconds in 1..20 {
            live.change(|loader| {
                loader
                    .set("backoff.buffer_seconds", 5 + seconds)
                    .set("backoff.default_reenqueue_delay", 30 + seconds)
            });
        }
        reader.join().unwrap();
    });
}
