//! Recorded conversations.

use tasker_core::Error;
use tasker_core::coroutine::{Coroutine, CoroutineState};
use tasker_core::session::{Access, Rows, Value};

/// One question with the answer that it got.
pub struct Exchange {
    pub name: &'static str,
    pub access: Access,
    pub binds: Vec<Value>,
    pub answer: Vec<Vec<Value>>,
}

pub fn asked(name: &'static str, binds: Vec<Value>, answer: Vec<Vec<Value>>) -> Exchange {
    Exchange { name, access: Access::Read, binds, answer }
}

pub fn wrote(name: &'static str, binds: Vec<Value>, answer: Vec<Vec<Value>>) -> Exchange {
    Exchange { name, access: Access::Write, binds, answer }
}

pub fn text(text: &str) -> Value {
    Value::text(text)
}

pub fn int(value: i64) -> Value {
    Value::Int(value)
}

/// Plays the host's part of a recording; every question must be the recorded one and the last answer must be the end.
pub fn replay<T>(mut coroutine: Coroutine<T>, recording: Vec<Exchange>) -> Result<T, Error> {
    let mut answer = None;
    for (turn, exchange) in recording.into_iter().enumerate() {
        let CoroutineState::Ask(question) = coroutine.resume(answer)? else {
            panic!("done before question {turn}, expected {}", exchange.name)
        };
        assert_eq!(question.name, exchange.name, "question {turn}");
        assert_eq!(question.access, exchange.access, "access of question {turn}");
        assert_eq!(question.binds, exchange.binds, "parameters of question {turn}");
        let placeholders = (1..).take_while(|n| question.sql.contains(&format!("${n}")));
        assert_eq!(placeholders.count(), question.binds.len(), "placeholders of question {turn}");
        answer = Some(Rows::from(exchange.answer));
    }
    match coroutine.resume(answer)? {
        CoroutineState::Done(value) => Ok(value),
        CoroutineState::Ask(question) => panic!("expected the end, asked for {}", question.name),
    }
}

/// A row as the statement sends it: one text, a JSON array of its cells.
pub fn packed(row: &[Value]) -> Vec<Value> {
    let cells = row.iter().map(|cell| match cell {
        Value::Null => serde_json::Value::Null,
        Value::Bool(value) => (*value).into(),
        Value::Int(value) => (*value).into(),
        Value::Text(value) => (**value).into(),
    });
    vec![text(&serde_json::Value::Array(cells.collect()).to_string())]
}

/// Answers the first question and returns what is complained of.
pub fn complaint<T: std::fmt::Debug>(
    mut coroutine: Coroutine<T>,
    row: Vec<Value>,
) -> (&'static str, usize, usize) {
    coroutine.resume(None).unwrap();
    match coroutine.resume(Some(Rows::from(vec![row.clone()]))) {
        Err(Error::Decode { query, row, column, .. }) => (query, row, column),
        Err(other) => panic!("expected a complaint about {row:?}, got {other}"),
        Ok(CoroutineState::Ask(question)) => {
            panic!("expected a complaint about {row:?}, was asked for {}", question.name)
        }
        Ok(CoroutineState::Done(value)) => panic!("expected a complaint about {row:?}, got {value:?}"),
    }
}

/// The answer to "step readiness" for three steps of task 7: one complete, one that waits for it and for an open step of
/// another task, one failed and waiting.
pub fn three_steps() -> Vec<Value> {
    vec![
        int(100_000_000),
        text("{1,2,3}"),
        text("{7,7,7}"),
        text("{11,12,13}"),
        text(r#"{fetch,"transform, then \"load\"",notify}"#),
        text("{complete,NULL,error}"),
        text("{NULL,NULL,99000000}"),
        text("{t,f,f}"),
        text("{f,f,f}"),
        text("{t,t,t}"),
        text("{1,NULL,1}"),
        text("{3,NULL,3}"),
        text("{NULL,NULL,NULL}"),
        text("{90000000,NULL,98000000}"),
        text("{2,2}"),
        text("{t,f}"),
    ]
}
