//! The program `tasker-core`: looks at the workflows of a database from a terminal. docs/cli.md describes it.

mod arguments;
mod bench;
mod configuration;
mod connection;
mod events;
mod exit_status;
mod mcp;
mod output;
mod recover;
mod schema;
mod system;
mod task_list;
mod task_show;
mod top;

use arguments::{Arguments, Command, ConfigCommand, SchemaCommand, TaskCommand};
use clap::{CommandFactory, Parser};
use connection::Database;
use exit_status::Failure;
use output::Answer;
use std::io::Write;
use std::pin::Pin;
use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let outcome = match runtime {
        Ok(runtime) => runtime.block_on(run(arguments)),
        Err(error) => Err(Failure::Statement(format!("no runtime: {error}"))),
    };
    match outcome {
        Ok(answer) => print(&answer),
        Err(failure) => {
            let _ = writeln!(std::io::stderr(), "tasker-core: {failure}");
            failure.code()
        }
    }
}

async fn run(arguments: Arguments) -> Result<Answer, Failure> {
    let database = Database::new(arguments.database_url, arguments.connect_timeout);
    match arguments.command {
        Command::Task { command: TaskCommand::Show(options) } => {
            task_show::show(&mut database.questions().await?, &options).await
        }
        Command::Task { command: TaskCommand::List(options) } => {
            task_list::list(&mut database.questions().await?, &options).await
        }
        Command::Ready(options) => system::ready(&mut database.questions().await?, &options).await,
        Command::Health(options) => system::health(&mut database.questions().await?, &options).await,
        Command::Slowest(options) => system::slowest(&mut database.questions().await?, &options).await,
        Command::Events(options) => events::events(&database, &options).await,
        Command::Top(options) => top::top(&database, &options).await,
        Command::Bench(options) => bench::bench(&database, &options).await,
        Command::Mcp => serve(&database).await,
        Command::Schema { command: SchemaCommand::Notify(options) } => {
            schema::notify(&mut database.tables().await?, &options).await
        }
        Command::Schema { command: SchemaCommand::Check(options) } => {
            schema::check(&mut database.connect().await?, &options).await
        }
        Command::Schema { command: SchemaCommand::Migrate } => {
            schema::migrate(&mut database.connect().await?).await
        }
        Command::Config { command: ConfigCommand::Check(options) } => {
            configuration::check(&database, options).await
        }
        Command::Config { command: ConfigCommand::Schema } => Ok(configuration::schema()),
        Command::Completions { shell } => Ok(completions(shell)),
        Command::Recover(options) => recover::run(&database, &options).await,
    }
}

/// What no question could be answered with is said at once, not with the first question.
async fn serve(database: &Database) -> Result<Answer, Failure> {
    database.questions().await?;
    let (url, timeout) = database.options();
    mcp::serve(|arguments| {
        let (database_url, connect_timeout) = (url.clone(), timeout);
        Box::pin(run(Arguments { database_url, connect_timeout, ..arguments })) as Running<'_>
    })
    .await
}

type Running<'r> = Pin<Box<dyn Future<Output = Result<Answer, Failure>> + 'r>>;

fn completions(shell: clap_complete::Shell) -> Answer {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Arguments::command(), "tasker-core", &mut script);
    Answer::text(String::from_utf8_lossy(&script))
}

/// A reader that has seen enough, such as `head`, closes the pipe; that is no failure.
fn print(answer: &Answer) -> ExitCode {
    let mut out = std::io::stdout().lock();
    match out.write_all(answer.text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            let _ = writeln!(std::io::stderr(), "tasker-core: the answer could not be written: {error}");
            ExitCode::from(5)
        }
        _ => ExitCode::from(u8::from(!answer.good)),
    }
}
