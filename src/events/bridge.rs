//! Transitions of all processes, published in this one.

use super::feed::Feed;
use super::feed_error::FeedError;
use super::notifications::{CHANNEL, IS_INSTALLED};
use super::position::Position;
use super::publisher::Publisher;
use crate::store;
use sqlx::postgres::{PgConnectOptions, PgListener, PgPoolOptions};
use sqlx::{Connection, PgConnection, PgPool};
use std::convert::Infallible;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::Notify;
use tokio::task::JoinHandle;

/// How often a bridge looks, and where it begins.
///
/// ```
/// use std::time::Duration;
/// use tasker_core::events::BridgeOptions;
///
/// let options = BridgeOptions { poll: Duration::from_millis(200), ..BridgeOptions::default() };
/// assert!(options.listen && options.position.is_none());
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BridgeOptions {
    /// Whether to LISTEN, which takes a connection without a transaction pooler. True, unless changed.
    pub listen: bool,
    /// The time between two reads where no notifications arrive, because their triggers are not installed. One second, unless changed.
    pub poll: Duration,
    /// The time between two reads where notifications arrive: the safety net. Ten seconds, unless changed.
    pub poll_with_notifications: Duration,
    /// The wait before another attempt to connect. One second, unless changed.
    pub reconnect: Duration,
    /// Where to go on; with what commits from now on where it is `None`.
    pub position: Option<Position>,
}

impl Default for BridgeOptions {
    fn default() -> Self {
        BridgeOptions {
            listen: true,
            poll: Duration::from_secs(1),
            poll_with_notifications: Duration::from_secs(10),
            reconnect: Duration::from_secs(1),
            position: None,
        }
    }
}

/// A bridge, as it is now.
///
/// ```
/// use tasker_core::events::BridgeStatus;
///
/// let status = BridgeStatus::default();
/// assert!(!status.is_connected && status.last_error.is_none());
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BridgeStatus {
    /// Whether its last statement succeeded.
    pub is_connected: bool,
    /// Whether the triggers were there when it connected.
    pub has_notifications: bool,
    /// Events that were published.
    pub published: u64,
    /// Reads of the tables.
    pub reads: u64,
    /// Notifications that arrived.
    pub notifications: u64,
    /// Times that the connection was lost or refused.
    pub disconnects: u64,
    /// Why, the last time.
    pub last_error: Option<String>,
    /// How far the tables have been read and published.
    pub position: Position,
}

/// Publishes the transitions that all processes commit: a task of the current runtime of tokio with a connection of its own.
///
/// It reads a [`Feed`] when a notification arrives, when it is woken, and after some time without either. When the connection is lost, it connects
/// again and reads on from where it was, so that nothing is missed. Dropping it ends it.
///
/// ```no_run
/// # async fn run(options: sqlx::postgres::PgConnectOptions) -> Result<(), tasker_core::events::FeedError> {
/// use std::num::NonZeroUsize;
/// use tasker_core::events::{Bridge, BridgeOptions, Filter, Publisher};
///
/// let publisher = Publisher::new();
/// let mut events = publisher.subscribe("log", Filter::new(), NonZeroUsize::MIN.saturating_add(999));
/// let bridge = Bridge::start(options, publisher, BridgeOptions::default()).await?;
/// while let Some(event) = events.recv().await {
///     println!("{} of task {}, {} published", event.name, event.task, bridge.status().published);
/// }
/// # Ok(()) }
/// ```
pub struct Bridge {
    publisher: Publisher,
    wake: Arc<Notify>,
    status: Arc<Mutex<BridgeStatus>>,
    following: JoinHandle<()>,
}

impl Bridge {
    /// Connects and begins.
    ///
    /// # Errors
    ///
    /// Where the transitions of the database cannot be followed, and [`FeedError::Pooler`] where it should listen and a transaction pooler stands in
    /// between. Errors that come later are in its status.
    pub async fn start(
        connect: PgConnectOptions,
        publisher: Publisher,
        options: BridgeOptions,
    ) -> Result<Bridge, FeedError> {
        // PgBouncer refuses the parameter that sqlx sets for texts of floats, of which the feed has none.
        let connect = connect.extra_float_digits(None);
        let mut connection = PgConnection::connect_with(&connect).await?;
        if options.listen {
            let shared = store::shared_process(&connect, &mut connection).await?;
            shared.map_or(Ok(()), |first| Err(FeedError::Pooler { first }))?;
        }
        let feed = match options.position.clone() {
            Some(position) => Feed::after(position, &mut connection).await?,
            None => Feed::from_now(&mut connection).await?,
        };
        connection.close().await?;
        let wake = Arc::new(Notify::new());
        let status =
            BridgeStatus { position: feed.position().clone(), is_connected: true, ..BridgeStatus::default() };
        let status = Arc::new(Mutex::new(status));
        let pool = PgPoolOptions::new().max_connections(1).acquire_timeout(Duration::from_secs(10));
        let follower = Follower {
            pool: pool.connect_lazy_with(connect),
            feed,
            publisher: publisher.clone(),
            options,
            wake: Arc::clone(&wake),
            status: Arc::clone(&status),
        };
        Ok(Bridge { publisher, wake, status, following: tokio::spawn(follower.follow()) })
    }

    /// The publisher to whose subscribers it hands events.
    pub fn publisher(&self) -> &Publisher {
        &self.publisher
    }

    /// Makes it read now, after a commit of a transition in this process. It never waits.
    pub fn wake(&self) {
        self.wake.notify_one();
    }

    /// How it is now.
    pub fn status(&self) -> BridgeStatus {
        self.status.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// A handle that wakes it from elsewhere.
    ///
    /// ```no_run
    /// # fn run(bridge: &tasker_core::events::Bridge) {
    /// let wake = bridge.waker();
    /// std::thread::spawn(move || wake());
    /// # }
    /// ```
    pub fn waker(&self) -> impl Fn() + Clone + Send + Sync + 'static {
        let wake = Arc::clone(&self.wake);
        move || wake.notify_one()
    }
}

impl Drop for Bridge {
    fn drop(&mut self) {
        self.following.abort();
    }
}

struct Follower {
    pool: PgPool,
    feed: Feed,
    publisher: Publisher,
    options: BridgeOptions,
    wake: Arc<Notify>,
    status: Arc<Mutex<BridgeStatus>>,
}

impl Follower {
    async fn follow(mut self) {
        loop {
            let Err(error) = self.connected().await;
            self.update(|status| {
                status.is_connected = false;
                status.disconnects += 1;
                status.last_error = Some(error.to_string());
            });
            tokio::time::sleep(self.options.reconnect).await;
        }
    }

    async fn connected(&mut self) -> Result<Infallible, FeedError> {
        let mut listener = PgListener::connect_with(&self.pool).await?;
        let mut poll = self.options.poll;
        if self.options.listen {
            // Before the first read: what commits after it is notified.
            listener.listen(CHANNEL).await?;
            let has_notifications: bool = sqlx::query_scalar(IS_INSTALLED).fetch_one(&mut listener).await?;
            self.update(|status| status.has_notifications = has_notifications);
            if has_notifications {
                poll = self.options.poll_with_notifications;
            }
        }
        loop {
            self.read(&mut listener).await?;
            tokio::select! {
                received = listener.try_recv() => match received? {
                    Some(_) => self.update(|status| status.notifications += 1),
                    None => return Err(sqlx::Error::WorkerCrashed.into()),
                },
                () = self.wake.notified() => (),
                () = tokio::time::sleep(poll) => (),
            }
            while listener.next_buffered().is_some() {
                self.update(|status| status.notifications += 1);
            }
        }
    }

    async fn read(&mut self, listener: &mut PgListener) -> Result<(), FeedError> {
        loop {
            let events = self.feed.next(listener).await?;
            let count = events.len() as u64;
            for event in events {
                self.publisher.publish(event);
            }
            let position = self.feed.position().clone();
            self.update(|status| {
                status.is_connected = true;
                status.reads += 1;
                status.published += count;
                status.position = position;
            });
            if count == 0 {
                return Ok(());
            }
        }
    }

    fn update(&self, change: impl FnOnce(&mut BridgeStatus)) {
        change(&mut self.status.lock().unwrap_or_else(PoisonError::into_inner));
    }
}
