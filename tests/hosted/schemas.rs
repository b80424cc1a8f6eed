//! The schemas from which the types of other languages are made.

use crate::cases::{reads, writes};
use schemars::SchemaGenerator;
use schemars::generate::SchemaSettings;
use serde_json::{Value as Json, json};
use std::collections::BTreeSet;
use tasker_core::hosted::OPERATIONS;

#[test]
fn every_operation_is_documented_and_tried() {
    let tried: BTreeSet<&str> = reads().into_iter().chain(writes()).map(|(operation, _)| operation).collect();
    for operation in OPERATIONS {
        assert!(!operation.doc.is_empty(), "{} is not documented", operation.name);
        assert!(tried.contains(operation.name), "{} has no case", operation.name);
        for argument in operation.arguments {
            assert!(!argument.doc.is_empty(), "{} of {} is not documented", argument.name, operation.name);
        }
    }
}

#[test]
fn schemas_have_the_arguments_of_their_operation() {
    for operation in OPERATIONS {
        let schema = (operation.arguments_schema)(&mut SchemaGenerator::default());
        let properties = schema.get("properties").and_then(Json::as_object);
        let names: BTreeSet<&str> = properties.into_iter().flatten().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, operation.arguments.iter().map(|argument| argument.name).collect());
    }
}

/// The file from which the types of other languages are made. Optional fields may be left out of arguments, and never are in answers.
fn document() -> Json {
    let mut taken = SchemaSettings::default().for_deserialize().into_generator();
    let mut given = SchemaSettings::default().for_serialize().into_generator();
    let lines = |doc: &[&str]| doc.iter().map(|line| line.trim()).collect::<Vec<_>>().join(" ");
    let operations: Vec<Json> = OPERATIONS
        .iter()
        .map(|operation| {
            let arguments = operation.arguments.iter();
            json!({
                "name": operation.name,
                "doc": lines(operation.doc),
                "arguments": arguments
                    .map(|argument| json!({ "name": argument.name, "doc": lines(argument.doc) }))
                    .collect::<Vec<_>>(),
                "schema": (operation.arguments_schema)(&mut taken),
                "answer": (operation.answer_schema)(&mut given),
            })
        })
        .collect();
    let mut document = json!({ "operations": operations, "taken": taken.take_definitions(true), "given": given.take_definitions(true) });
    shorten(&mut document);
    document
}

/// Descriptions end with their first paragraph: what follows is about Rust.
fn shorten(document: &mut Json) {
    match document {
        Json::Array(items) => items.iter_mut().for_each(shorten),
        Json::Object(fields) => {
            for (name, field) in fields {
                match field {
                    Json::String(text) if name == "description" => {
                        *text = text.split("\n\n").next().unwrap_or_default().replace('\n', " ");
                    }
                    _ => shorten(field),
                }
            }
        }
        _ => (),
    }
}

#[test]
fn the_document_of_operations_is_current() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/hosted/operations.json");
    let document = serde_json::to_string_pretty(&document()).unwrap() + "\n";
    if std::env::var_os("TASKER_CORE_RECORD").is_some() {
        std::fs::write(path, &document).unwrap();
    }
    let same = std::fs::read_to_string(path).unwrap() == document;
    assert!(same, "tests/hosted/operations.json is stale: rake hosted:record");
}
