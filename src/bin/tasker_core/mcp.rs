//! `mcp`: the questions of the command line as tools for assistants.
//!
//! Names, descriptions and arguments of the tools are those of the commands, so that nothing is described twice.

use crate::arguments::Arguments;
use crate::exit_status::Failure;
use crate::output::Answer;
use clap::{ArgAction, CommandFactory, Parser};
use rmcp::model::{
    CallToolRequestParams, CallToolResponse, CallToolResult, ContentBlock, ListToolsResult,
    PaginatedRequestParams, ServerCapabilities, ServerConfig, Tool, ToolAnnotations,
};
use rmcp::service::RequestContext;
use rmcp::{ErrorData, RoleServer, ServerHandler, ServiceExt};
use serde_json::{Map, Value, json};
use std::any::TypeId;
use std::sync::Arc;
use tokio::sync::{mpsc, oneshot};

/// Tools, each with the words of its command.
const TOOLS: [(&str, &[&str]); 7] = [
    ("task_show", &["task", "show"]),
    ("task_list", &["task", "list"]),
    ("ready", &["ready"]),
    ("health", &["health"]),
    ("slowest", &["slowest"]),
    ("events", &["events"]),
    ("schema_check", &["schema", "check"]),
];

/// Arguments that are for terminals, or name the database.
const LEFT_OUT: [&str; 11] = [
    "json",
    "dot",
    "mermaid",
    "svg",
    "timeline",
    "follow",
    "interval",
    "names",
    "help",
    "database_url",
    "connect_timeout",
];

const INSTRUCTIONS: &str = "Read-only questions about the workflows of one database: tasks are graphs of steps. \
    Begin with health or task_list; task_show says of each step why it waits. Instants are in UTC.";

/// A question and where its answer goes.
type Asked = (Arguments, oneshot::Sender<Result<Answer, Failure>>);

/// Serves until the client closes standard input. Questions are answered one after the other, each on a connection of its own.
pub async fn serve<F>(answer: impl Fn(Arguments) -> F) -> Result<Answer, Failure>
where
    F: Future<Output = Result<Answer, Failure>>,
{
    let (questions, mut asked) = mpsc::channel::<Asked>(1);
    let failed = |error: String| Failure::Statement(format!("the session with the client failed: {error}"));
    let server = Server { questions }
        .serve(rmcp::transport::stdio())
        .await
        .map_err(|error| failed(error.to_string()))?;
    let mut ended = Box::pin(server.waiting());
    loop {
        tokio::select! {
            end = &mut ended => {
                return end.map(|_| Answer::nothing()).map_err(|error| failed(error.to_string()));
            }
            Some((arguments, reply)) = asked.recv() => {
                // A client that has gone away in between needs no answer.
                let _ = reply.send(answer(arguments).await);
            }
        }
    }
}

#[derive(Clone)]
struct Server {
    questions: mpsc::Sender<Asked>,
}

impl ServerHandler for Server {
    fn get_info(&self) -> ServerConfig {
        let mut info = ServerConfig::new(ServerCapabilities::builder().enable_tools().build());
        info.server_info.name = "tasker-core".to_owned();
        info.server_info.version = env!("CARGO_PKG_VERSION").to_owned();
        info.instructions = Some(INSTRUCTIONS.to_owned());
        info
    }

    async fn list_tools(
        &self,
        _request: Option<PaginatedRequestParams>,
        _context: RequestContext<RoleServer>,
    ) -> Result<ListToolsResult, ErrorData> {
        Ok(ListToolsResult::with_all_items(TOOLS.iter().map(|(name, words)| tool(name, words)).collect()))
    }

    async fn call_tool(
        &self,
        request: CallToolRequestParams,
        _context: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        let Some((_, words)) = TOOLS.iter().find(|(name, _)| *name == request.name) else {
            let names = TOOLS.map(|(name, _)| name).join(", ");
            return Err(ErrorData::invalid_params(
                format!("expected a tool of {names}, got {:?}", request.name),
                None,
            ));
        };
        let arguments = match parse(words, request.arguments.unwrap_or_default()) {
            Ok(arguments) => arguments,
            Err(refusal) => return Err(ErrorData::invalid_params(refusal, None)),
        };
        let (reply, answered) = oneshot::channel();
        let gone = |_| ErrorData::internal_error("the server is ending", None);
        self.questions.send((arguments, reply)).await.map_err(|_| gone(()))?;
        let text = |text: String| vec![ContentBlock::text(text)];
        Ok(match answered.await.map_err(|_| gone(()))? {
            Ok(answer) => CallToolResult::success(text(answer.text)),
            Err(failure) => CallToolResult::error(text(failure.to_string())),
        }
        .into())
    }
}

fn command(words: &[&str]) -> clap::Command {
    let mut command = Arguments::command();
    // Arguments of all commands are added to each.
    command.build();
    for word in words {
        let found = command.find_subcommand(word).cloned();
        command = found.unwrap_or(command);
    }
    command
}

fn tool_arguments(command: &clap::Command) -> impl Iterator<Item = &clap::Arg> {
    command.get_arguments().filter(|argument| !LEFT_OUT.contains(&argument.get_id().as_str()))
}

fn property(argument: &clap::Arg) -> String {
    argument.get_long().unwrap_or(argument.get_id().as_str()).replace('-', "_")
}

fn tool(name: &'static str, words: &[&str]) -> Tool {
    let command = command(words);
    let mut properties = Map::new();
    let mut required = Vec::new();
    for argument in tool_arguments(&command) {
        if argument.is_required_set() {
            required.push(property(argument));
        }
        properties.insert(property(argument), schema(argument));
    }
    let mut schema = Map::new();
    schema.insert("type".to_owned(), json!("object"));
    schema.insert("properties".to_owned(), Value::Object(properties));
    schema.insert("required".to_owned(), json!(required));
    schema.insert("additionalProperties".to_owned(), json!(false));
    let about = command.get_about().map(ToString::to_string).unwrap_or_default();
    let reads = ToolAnnotations::new().read_only(true).destructive(false).idempotent(true).open_world(false);
    Tool::new(name, about, Arc::new(schema)).with_annotations(reads)
}

fn schema(argument: &clap::Arg) -> Value {
    let is_number = [TypeId::of::<i64>(), TypeId::of::<u64>(), TypeId::of::<u32>(), TypeId::of::<u16>()]
        .into_iter()
        .any(|number| argument.get_value_parser().type_id() == number);
    let values: Vec<String> =
        argument.get_possible_values().iter().map(|value| value.get_name().to_owned()).collect();
    let mut schema = match argument.get_action() {
        ArgAction::SetTrue => json!({ "type": "boolean" }),
        _ if is_number => json!({ "type": "integer" }),
        _ if values.is_empty() => json!({ "type": "string" }),
        _ => json!({ "type": "string", "enum": values }),
    };
    let count = argument.get_num_args().map_or(1, |range| range.max_values());
    if count > 1 {
        schema = json!({ "type": "array", "items": schema, "minItems": count, "maxItems": count });
    } else if matches!(argument.get_action(), ArgAction::Append) {
        schema = json!({ "type": "array", "items": schema });
    }
    let help = argument.get_help().map(ToString::to_string).unwrap_or_default();
    if let (Value::Object(fields), false) = (&mut schema, help.is_empty()) {
        fields.insert("description".to_owned(), json!(help));
    }
    schema
}

/// The command line that the arguments of a tool stand for.
fn parse(words: &[&str], mut given: Map<String, Value>) -> Result<Arguments, String> {
    let command = command(words);
    let mut line: Vec<String> = ["tasker-core"].iter().chain(words).map(ToString::to_string).collect();
    line.push("--json".to_owned());
    let mut positional = Vec::new();
    for argument in tool_arguments(&command) {
        let name = property(argument);
        let Some(value) = given.remove(&name).filter(|value| !value.is_null()) else { continue };
        let values = values(&name, value)?;
        let Some(long) = argument.get_long() else {
            positional.extend(values);
            continue;
        };
        match argument.get_action() {
            ArgAction::SetTrue if values == ["false"] => {}
            ArgAction::SetTrue if values == ["true"] => line.push(format!("--{long}")),
            ArgAction::SetTrue => return Err(format!("{name}: expected true or false, got {values:?}")),
            ArgAction::Append => line.extend(values.into_iter().map(|value| format!("--{long}={value}"))),
            _ if argument.get_num_args().is_some_and(|range| range.max_values() > 1) => {
                line.push(format!("--{long}"));
                line.extend(values);
            }
            _ => match values.as_slice() {
                [value] => line.push(format!("--{long}={value}")),
                _ => return Err(format!("{name}: expected one value, got {values:?}")),
            },
        }
    }
    if let Some(unknown) = given.keys().next() {
        let names: Vec<String> = tool_arguments(&command).map(property).collect();
        let expected = if names.is_empty() { "no arguments".to_owned() } else { names.join(", ") };
        return Err(format!("expected {expected}, got {unknown:?}"));
    }
    line.push("--".to_owned());
    line.extend(positional);
    Arguments::try_parse_from(line).map_err(|error| error.to_string().trim().to_owned())
}

/// As words of a command line.
fn values(name: &str, value: Value) -> Result<Vec<String>, String> {
    match value {
        Value::Null => Ok(Vec::new()),
        Value::Bool(value) => Ok(vec![value.to_string()]),
        Value::Number(value) => Ok(vec![value.to_string()]),
        Value::String(value) => Ok(vec![value]),
        Value::Array(items) => {
            let words = items.into_iter().map(|item| match item {
                Value::Array(_) | Value::Object(_) => {
                    Err(format!("{name}: expected a list of values, got {item}"))
                }
                item => values(name, item),
            });
            Ok(words.collect::<Result<Vec<_>, _>>()?.concat())
        }
        Value::Object(_) => Err(format!("{name}: expected a value, got {value}")),
    }
}
