//! The configuration: sections, layers, problems, reloads.

#![cfg(feature = "config")]
#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

mod conditions;
mod database;
mod engine_files;
mod files;
mod layers;
mod limits;
mod live;
mod migrations;
mod problems;
mod schema;
mod sections;
mod yaml;

use std::path::{Path, PathBuf};
use tasker_core::config::{ConfigError, Loader};

/// The problems of a loader that must be refused, a line each.
fn problems(loader: &Loader) -> Vec<String> {
    let ConfigError { problems } = loader.load().expect_err("expected a refusal, got a configuration");
    problems.iter().map(ToString::to_string).collect()
}

/// A directory of a test's own, removed at its end.
struct Directory(PathBuf);

impl Directory {
    fn new(name: &str) -> Self {
        let path =
            Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("config-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&path);
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.0.join(name);
        std::fs::write(&path, text).unwrap();
        path
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
