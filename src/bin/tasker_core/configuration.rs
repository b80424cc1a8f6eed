//! `config check` and `config schema`

use crate::arguments::CheckOptions;
use crate::connection::Database;
use crate::exit_status::Failure;
use crate::output::{self, Answer};
use comfy_table::Cell;
use serde_json::{Value, json};
use tasker_core::config::{DatabaseLayer, Loader, Problem, Setting};

pub async fn check(database: &Database, options: CheckOptions) -> Result<Answer, Failure> {
    // A variable that is no Unicode text cannot be an option.
    let variables = std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)));
    let mut loader = options.files.iter().fold(Loader::new(), Loader::file).variables(variables);
    for (key, value) in options.context {
        loader = loader.context(key, value);
    }
    if options.database {
        let mut connection = database.connect().await?;
        loader = loader.database(DatabaseLayer::read(&mut connection, options.environment.as_deref()).await?);
    }
    if let Some(environment) = options.environment {
        loader = loader.environment(environment);
    }
    match loader.load_settings() {
        Ok((_, settings)) => Ok(accepted(&settings, options.settings, options.json)),
        Err(error) if options.json => {
            Ok(Answer::json(&error.problems.iter().map(as_json).collect()).good(false))
        }
        Err(error) => Err(Failure::Refused(error.to_string())),
    }
}

fn accepted(settings: &[Setting], all: bool, json: bool) -> Answer {
    let changed = settings.iter().filter(|setting| setting.source != "defaults");
    if json {
        let row = |setting: &Setting| json!({ "key": setting.key, "value": shown(setting), "source": setting.source });
        return Answer::json(&if all { changed.map(row).collect() } else { json!([]) });
    }
    if !all {
        return Answer::text(format!(
            "the configuration is valid; {} options differ from the defaults",
            changed.count()
        ));
    }
    let rows = changed
        .map(|setting| [Cell::new(&setting.key), Cell::new(shown(setting)), Cell::new(&setting.source)]);
    Answer::text(output::table(["OPTION", "VALUE", "SOURCE"], rows))
}

fn shown(setting: &Setting) -> Value {
    if setting.is_secret() && !setting.value.is_null() { json!("[FILTERED]") } else { setting.value.clone() }
}

fn as_json(problem: &Problem) -> Value {
    json!({ "source": problem.source, "key": problem.key, "expected": problem.expected, "got": problem.got })
}

pub fn schema() -> Answer {
    Answer::json(&Loader::new().json_schema())
}
