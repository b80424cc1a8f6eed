//! The same work by another queue on PostgreSQL: jobs of graphile_worker that do nothing, or add the next one.

use super::Outcome;
use graphile_worker::{
    IntoTaskHandlerResult, JobSpec, LocalQueueConfig, TaskHandler, WorkerContext, WorkerContextExt, WorkerOptions,
};
use serde::{Deserialize, Serialize};
use sqlx::postgres::PgPoolOptions;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use tokio::sync::Notify;

const SCHEMA: &str = "bench_graphile_worker";

#[derive(Clone, Copy)]
pub struct Load {
    pub jobs: usize,
    /// Whether each job adds the next one.
    pub chained: bool,
    /// Its own batches of jobs in memory.
    pub local_queue: bool,
}

#[derive(Clone, Debug)]
struct Progress {
    left: Arc<AtomicUsize>,
    done: Arc<Notify>,
}

#[derive(Deserialize, Serialize)]
struct Job {
    chained: bool,
}

impl TaskHandler for Job {
    const IDENTIFIER: &'static str = "job";

    async fn run(self, context: WorkerContext) -> impl IntoTaskHandlerResult {
        let progress = context.get_ext::<Progress>().cloned().ok_or_else(|| "no progress".to_owned())?;
        let left = progress.left.fetch_sub(1, Ordering::Relaxed) - 1;
        if left == 0 {
            progress.done.notify_one();
        } else if self.chained {
            context.add_job(Job { chained: true }, JobSpec::default()).await.map_err(|error| error.to_string())?;
        }
        Ok::<(), String>(())
    }
}

impl Load {
    /// Timed from the worker's start to its last job.
    pub async fn run(&self, url: &str) -> Outcome<Duration> {
        let pool = PgPoolOptions::new().max_connections(9).connect(url).await?;
        let progress = Progress { left: Arc::new(AtomicUsize::new(self.jobs)), done: Arc::new(Notify::new()) };
        let mut options = WorkerOptions::default()
            .concurrency(32)
            .schema(SCHEMA)
            .listen_os_shutdown_signals(false)
            .add_extension(progress.clone())
            .define_job::<Job>()
            .pg_pool(pool.clone());
        if self.local_queue {
            options = options.local_queue(LocalQueueConfig::default().with_size(100));
        }
        let worker = options.init().await?;
        let utils = worker.create_utils();
        for _ in 0..if self.chained { 1 } else { self.jobs } {
            utils.add_job(Job { chained: self.chained }, JobSpec::default()).await?;
        }
        let from = Instant::now();
        let running = tokio::spawn(async move { worker.run().await });
        progress.done.notified().await;
        let took = from.elapsed();
        running.abort();
        let _ = running.await;
        sqlx::raw_sql("truncate bench_graphile_worker._private_jobs").execute(&pool).await?;
        Ok(took)
    }
}
