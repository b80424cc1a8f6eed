//! Tasks whose steps do nothing, and workers that run them.

use super::Outcome;
use serde_json::json;
use sqlx::PgConnection;
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use tasker_core::templates::{StepTemplate, TaskRequest, TaskTemplate};
use tasker_core::worker::recovery::HANDOVER_CHANNEL;
use tasker_core::worker::{CancellationToken, Registry, Step, StepHandler, TaskHandlers, Worker, WorkerOptions};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader};
use tokio::process::{Child, Command};

/// Tasks in layers: each step waits for up to three of the layer before.
#[derive(Clone, Copy)]
pub struct Load {
    pub tasks: usize,
    pub layers: usize,
    pub width: usize,
    /// Tasks that run at the same time.
    pub at_once: usize,
}

impl Default for Load {
    fn default() -> Self {
        Load { tasks: 1, layers: 1, width: 1, at_once: 32 }
    }
}

impl Load {
    pub fn steps(&self) -> usize {
        self.tasks * self.layers * self.width
    }

    fn template(&self) -> TaskTemplate {
        let name = format!("bench_{}_{}", self.layers, self.width);
        let named = |layer: usize, place: usize| format!("step_{layer}_{place}");
        let mut template = TaskTemplate::new(name);
        for layer in 0..self.layers {
            for place in 0..self.width {
                let step = StepTemplate::new("bench", named(layer, place));
                let parents = (0..3.min(self.width)).filter(|_| layer > 0);
                template = template.step(parents.fold(step, |step, offset| {
                    step.after(named(layer - 1, (place + offset) % self.width))
                }));
            }
        }
        template
    }

    async fn create(&self, connection: &mut PgConnection) -> Outcome<()> {
        let template = self.template();
        let request = TaskRequest::new(&template.name, &json!({ "bench": true }))?;
        // Made durable once, since it is not measured.
        sqlx::raw_sql("set synchronous_commit = off").execute(&mut *connection).await?;
        for _ in 0..self.tasks {
            template.create(&request, &mut *connection).await?;
        }
        sqlx::raw_sql("reset synchronous_commit").execute(&mut *connection).await?;
        Ok(())
    }

    /// Creates the tasks, and has one worker run them. Timed from its first look to its end.
    pub async fn run(&self, url: &str, connection: &mut PgConnection) -> Outcome<Duration> {
        self.create(connection).await?;
        let (left, shutdown) = (Arc::new(AtomicUsize::new(self.steps())), CancellationToken::new());
        let done = shutdown.clone();
        let handler = StepHandler::new(move |_: Step| {
            if left.fetch_sub(1, Ordering::Relaxed) == 1 {
                done.cancel();
            }
            std::future::ready(Ok(json!({})))
        });
        let worker = Worker::start(url.parse()?, self.registry(&handler)?, self.options()).await?;
        let from = Instant::now();
        let totals = worker.run(shutdown).await;
        let took = from.elapsed();
        if totals.complete == self.tasks as u64 { Ok(took) } else { Err(format!("expected {} complete tasks, got {totals:?}", self.tasks).into()) }
    }

    fn registry(&self, handler: &StepHandler) -> Outcome<Registry> {
        let template = self.template();
        let handlers = template.steps.iter().fold(TaskHandlers::of(&template), |handlers, step| handlers.step(&step.name, handler.clone()));
        Ok(Registry::new([handlers])?)
    }

    fn options(&self) -> WorkerOptions {
        WorkerOptions { tasks: self.at_once, steps_of_a_task: 100, attempts: 200, connections: self.at_once.min(8), ..WorkerOptions::default() }
    }

    /// The same by several processes, timed from the moment at which all are there.
    pub async fn run_in_processes(&self, number: usize, url: &str, connection: &mut PgConnection) -> Outcome<Duration> {
        let mut children = Vec::new();
        for _ in 0..number {
            children.push(start_child(self).await?);
        }
        self.create(connection).await?;
        let from = Instant::now();
        sqlx::query("select pg_notify($1, 'all')").bind(HANDOVER_CHANNEL).execute(&mut *connection).await?;
        while sqlx::query_scalar("select exists (select from tasker_tasks where complete is not true)").fetch_one(&mut *connection).await? {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        let took = from.elapsed();
        for mut child in children {
            drop(child.stdin.take());
            child.wait().await?;
        }
        let _ = url;
        Ok(took)
    }
}

async fn start_child(load: &Load) -> Outcome<Child> {
    let mut child = Command::new(std::env::current_exe()?)
        .args(["child", &load.layers.to_string(), &load.width.to_string()])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()?;
    let output = child.stdout.take().ok_or("a child without output")?;
    let ready = BufReader::new(output).lines().next_line().await?;
    if ready.as_deref() == Some("ready") { Ok(child) } else { Err(format!("expected a child to be ready, got {ready:?}").into()) }
}

/// A worker that runs until its standard input ends.
pub async fn child(url: &str) -> Outcome<()> {
    let number = |place| -> Outcome<usize> { Ok(std::env::args().nth(place).ok_or("expected layers and width")?.parse()?) };
    let load = Load { layers: number(2)?, width: number(3)?, ..Load::default() };
    let handler = StepHandler::new(|_: Step| std::future::ready(Ok(json!({}))));
    let worker = Worker::start(url.parse()?, load.registry(&handler)?, load.options()).await?;
    println!("ready");
    let shutdown = CancellationToken::new();
    let stop = shutdown.clone();
    tokio::spawn(async move {
        let _ = tokio::io::stdin().read(&mut [0]).await;
        stop.cancel();
    });
    worker.run(shutdown).await;
    std::process::exit(0)
}
