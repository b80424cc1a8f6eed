//! `schema check`, `schema migrate` and `schema notify`

use crate::arguments::{JsonOption, NotifyOptions};
use crate::connection::begin;
use crate::exit_status::Failure;
use crate::output::{self, Answer};
use comfy_table::{Cell, Color};
use serde_json::{Value, json};
use sqlx::PgConnection;
use tasker_core::events::{CHANNEL, install_notifications, remove_notifications};
use tasker_core::schema::{self, Difference, Impact};
use tasker_core::{Error, store};

pub async fn check(connection: &mut PgConnection, options: &JsonOption) -> Result<Answer, Failure> {
    begin(connection, "begin transaction read only").await?;
    let differences = schema::check(connection).await?;
    let usable = differences.iter().all(|difference| difference.impact() != Impact::Broken);
    if options.json {
        return Ok(Answer::json(&differences.iter().map(as_json).collect()).good(usable));
    }
    if differences.is_empty() {
        return Ok(Answer::text("the schema is as expected"));
    }
    let rows = differences.iter().map(|difference| {
        let impact = Cell::new(in_words(difference.impact()));
        let impact = if difference.impact() == Impact::Broken { impact.fg(Color::Red) } else { impact };
        [impact, Cell::new(difference)]
    });
    Ok(Answer::text(output::table(["IMPACT", "DIFFERENCE"], rows)).good(usable))
}

fn as_json(difference: &Difference) -> Value {
    json!({
        "kind": difference.kind.to_string(),
        "name": difference.name,
        "expected": difference.expected,
        "found": difference.found,
        "impact": in_words(difference.impact()),
    })
}

fn in_words(impact: Impact) -> &'static str {
    match impact {
        Impact::Fallback => "fallback",
        Impact::Slower => "slower",
        Impact::Broken => "broken",
    }
}

pub async fn migrate(connection: &mut PgConnection) -> Result<Answer, Failure> {
    match store::migrate(connection).await {
        Ok(versions) if versions.is_empty() => Ok(Answer::text("the tables are up to date")),
        Ok(versions) => {
            let lines: Vec<String> =
                versions.iter().map(|version| format!("migrated to version {version}")).collect();
            Ok(Answer::text(lines.join("\n")))
        }
        Err(error @ Error::MigratedByRails) => Err(Failure::Schema(error.to_string())),
        Err(error) => Err(error.into()),
    }
}

pub async fn notify(connection: &mut PgConnection, options: &NotifyOptions) -> Result<Answer, Failure> {
    if options.remove {
        remove_notifications(connection).await?;
        return Ok(Answer::text("commits that record transitions notify nobody"));
    }
    install_notifications(connection).await?;
    Ok(Answer::text(format!("commits that record transitions notify the channel {CHANNEL}")))
}
