//! Section `telemetry`.
//!
//! ```
//! use tasker_core::config::Loader;
//! use tasker_core::config::sections::{Prometheus, Telemetry, TelemetryProcessing};
//!
//! let config = Loader::new().set("telemetry.config.sampling_rate", 0.5).load()?;
//! let expected = Telemetry {
//!     prometheus: Prometheus::default(),
//!     config: TelemetryProcessing { sampling_rate: 0.5, ..TelemetryProcessing::default() },
//!     ..Telemetry::default()
//! };
//! assert_eq!(config.telemetry, expected);
//! # Ok::<(), tasker_core::config::ConfigError>(())
//! ```

use super::super::secret::Secret;
use serde_json::Value;
use std::collections::BTreeMap;

options! {
    /// Logs, metrics and events.
    #[serde(deny_unknown_fields)]
    pub struct Telemetry {
        /// Record telemetry.
        enabled: bool = true,
        /// Name of the service in traces and log lines.
        service_name: String = "tasker".to_owned(),
        /// Version of the service in traces and log lines.
        service_version: String = "0.1.0".to_owned(),
        /// Names of parameters that are masked in traces and log lines.
        filter_parameters: Vec<String> = default_filter_parameters(),
        /// Shown in place of a masked parameter.
        filter_mask: String = "[FILTERED]".to_owned(),
        /// Write log lines as structures.
        structured_logging_enabled: bool = true,
        /// HTTP header of the correlation id.
        correlation_id_header: String = "X-Correlation-ID".to_owned(),
        /// Level of log lines.
        log_level: String = "info".to_owned(),
        /// Format of log lines: `json`, `pretty_json` or `logfmt`.
        log_format: String = "json".to_owned(),
        /// Collect metrics.
        metrics_enabled: bool = true,
        /// Path of the metrics endpoint.
        metrics_endpoint: String = "/tasker/metrics".to_owned(),
        /// Format of the metrics endpoint.
        metrics_format: String = "prometheus".to_owned(),
        /// Authenticate requests of the metrics endpoint.
        metrics_auth_required: bool = false,
        /// Watch durations and memory.
        performance_monitoring_enabled: bool = true,
        /// Seconds from which a query is slow.
        slow_query_threshold_seconds: f64 = 1.0,
        /// Megabytes of memory from which a step is heavy.
        memory_threshold_mb: i64 = 100,
        /// Part of the events that is recorded.
        event_sampling_rate: f64 = 1.0,
        /// Names of events that are not recorded.
        filtered_events: Vec<String> = Vec::new(),
        /// Samples that are kept at most.
        max_stored_samples: i64 = 1000,
        /// Hours for which metrics are kept.
        metrics_retention_hours: i64 = 24,
        /// Export of metrics to Prometheus.
        prometheus: Prometheus = Prometheus::default(),
        /// Processing of events.
        config: TelemetryProcessing = TelemetryProcessing::default(),
    }
}

options! {
    /// Export of metrics to Prometheus.
    pub struct Prometheus {
        /// URL that metrics are written to.
        endpoint: Option<String> = None,
        /// User of the endpoint.
        username: Option<String> = None,
        /// Password of the endpoint.
        password: Option<Secret> = None,
        /// Seconds that an export job may take.
        job_timeout: i64 = 300,
        /// Seconds that an export may take.
        export_timeout: i64 = 120,
        /// Times that an export is tried again.
        retry_attempts: i64 = 3,
        /// Seconds for which metrics are kept for the export.
        retention_window: i64 = 300,
        /// Seconds before the end of the retention at which the export begins.
        safety_margin: i64 = 60,
        /// Prefix of the names of metrics.
        metric_prefix: String = "tasker".to_owned(),
        /// Label metrics with the instance.
        include_instance_labels: bool = true,
        /// Compression of the export: `snappy`, `gzip` or none.
        compression: Option<String> = Some("snappy".to_owned()),
        /// Metrics written at once.
        batch_size: i64 = 1000,
        /// Skip the export where the endpoint cannot be reached.
        skip_if_unavailable: bool = true,
        /// Keys of the application's own: the engine accepts any key here.
        #[serde(flatten)]
        additional: BTreeMap<String, Value> = BTreeMap::new(),
    }
}

options! {
    /// Processing of events.
    pub struct TelemetryProcessing {
        /// Process events in batches.
        batch_events: bool = false,
        /// Events in a batch at most.
        buffer_size: i64 = 100,
        /// Seconds between two batches at most.
        flush_interval: i64 = 5,
        /// Names of events that are not recorded.
        filtered_events: Vec<String> = Vec::new(),
        /// Cache attributes that are read often.
        enable_memoization: bool = true,
        /// Process events in another thread.
        async_processing: bool = false,
        /// Part of the events that is recorded.
        sampling_rate: f64 = 1.0,
        /// Keys of the application's own: the engine accepts any key here.
        #[serde(flatten)]
        additional: BTreeMap<String, Value> = BTreeMap::new(),
    }
}

/// The engine's list for applications that filter no parameters themselves.
fn default_filter_parameters() -> Vec<String> {
    let names = ["passw", "email", "secret", "token", "_key", "crypt", "salt", "certificate", "otp", "ssn"];
    names.map(str::to_owned).to_vec()
}
