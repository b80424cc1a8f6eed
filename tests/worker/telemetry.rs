//! Spans and metrics.

use crate::support::{all, chain, create, options, reaches, start};
use metrics::{
    Counter, CounterFn, Gauge, Histogram, HistogramFn, Key, KeyName, Metadata, Recorder, SharedString, Unit,
};
use serde_json::json;
use sqlx::PgPool;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use tasker_core::run::StepFailure;
use tasker_core::worker::{Step, StepHandler, metric_names};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};

/// Counts of counters and histograms, by name and labels.
#[derive(Clone, Default)]
struct Counts(Arc<Mutex<BTreeMap<String, u64>>>);

struct Count(Counts, String);

impl Count {
    fn add(&self, number: u64) {
        *self.0.0.lock().unwrap().entry(self.1.clone()).or_default() += number;
    }
}

impl CounterFn for Count {
    fn increment(&self, value: u64) {
        self.add(value);
    }

    fn absolute(&self, _: u64) {}
}

impl HistogramFn for Count {
    fn record(&self, _: f64) {
        self.add(1);
    }
}

impl Counts {
    fn of(&self, key: &Key) -> Arc<Count> {
        let labels: Vec<&str> = key.labels().map(|label| label.value()).collect();
        Arc::new(Count(self.clone(), format!("{} {}", key.name(), labels.join(" "))))
    }
}

impl Recorder for Counts {
    fn describe_counter(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn describe_gauge(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn describe_histogram(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

    fn register_counter(&self, key: &Key, _: &Metadata<'_>) -> Counter {
        Counter::from_arc(self.of(key))
    }

    fn register_gauge(&self, _: &Key, _: &Metadata<'_>) -> Gauge {
        Gauge::noop()
    }

    fn register_histogram(&self, key: &Key, _: &Metadata<'_>) -> Histogram {
        Histogram::from_arc(self.of(key))
    }
}

/// The fields of all spans, by name.
#[derive(Clone, Default)]
struct Spans(Arc<Mutex<Vec<BTreeMap<String, String>>>>);

struct Fields<'f>(&'f mut BTreeMap<String, String>);

impl Visit for Fields<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        self.0.insert(field.name().to_owned(), format!("{value:?}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.insert(field.name().to_owned(), value.to_owned());
    }
}

impl tracing::Subscriber for Spans {
    fn enabled(&self, metadata: &tracing::Metadata<'_>) -> bool {
        metadata.is_span() && metadata.target().starts_with("tasker_core")
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        let mut spans = self.0.lock().unwrap();
        let mut fields = BTreeMap::from([("name".to_owned(), span.metadata().name().to_owned())]);
        span.record(&mut Fields(&mut fields));
        spans.push(fields);
        Id::from_u64(spans.len() as u64)
    }

    fn record(&self, span: &Id, values: &Record<'_>) {
        let place = usize::try_from(span.into_u64()).unwrap() - 1;
        values.record(&mut Fields(&mut self.0.lock().unwrap()[place]));
    }

    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn event(&self, _: &tracing::Event<'_>) {}
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn names_attempts_and_runs_as_the_engine_does(pool: PgPool) {
    let (counts, spans) = (Counts::default(), Spans::default());
    // A test is a process of its own (nextest).
    metrics::set_global_recorder(counts.clone()).unwrap_or_else(|_| panic!("a process for each test"));
    tracing::subscriber::set_global_default(spans.clone()).unwrap();
    let template = chain("order", &["pay"]);
    let handler = StepHandler::new(|step: Step| async move {
        if step.attempts == 0 { Err(StepFailure::new("busy")) } else { Ok(json!({})) }
    });
    let worker = start(&pool, [all(&template, &handler)], options()).await;
    let task = create(&template, &pool).await;
    reaches(task, "complete", &pool).await;
    worker.stop().await;

    let counts = counts.0.lock().unwrap().clone();
    let count = |name: &str, labels: &str| counts.get(&format!("{name} {labels}")).copied();
    assert_eq!(count(metric_names::ATTEMPTS, "order pay failed"), Some(1), "{counts:?}");
    assert_eq!(count(metric_names::ATTEMPTS, "order pay complete"), Some(1));
    assert_eq!(count(metric_names::DURATION, "order pay"), Some(2));
    assert_eq!(count(metric_names::RUNS, "order pending"), Some(1));
    assert_eq!(count(metric_names::RUNS, "order complete"), Some(1));
    assert_eq!(count(metric_names::STARTED, ""), Some(2));

    let spans = spans.0.lock().unwrap().clone();
    let of = |name: &str| spans.iter().filter(|span| span["name"] == name).cloned().collect::<Vec<_>>();
    let (tasks, steps) = (of("tasker.task.execution"), of("tasker.step.execution"));
    assert_eq!((tasks.len(), steps.len()), (2, 2));
    assert_eq!(tasks[0]["tasker.task_id"], task.to_string());
    assert_eq!((&*tasks[0]["tasker.outcome"], &*tasks[1]["tasker.outcome"]), ("pending", "complete"));
    assert_eq!((&*steps[0]["otel.status_code"], &*steps[1]["otel.status_code"]), ("ERROR", "OK"));
    assert_eq!((&*steps[0]["otel.status_description"], &*steps[0]["error.type"]), ("busy", "StepFailure"));
    assert_eq!((&*steps[0]["tasker.step_name"], &*steps[1]["tasker.attempt_number"]), ("pay", "2"));
}
