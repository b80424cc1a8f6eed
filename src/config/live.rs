//! A configuration that follows its files.

use super::Config;
use super::database_layer::DatabaseLayer;
use super::loader::Loader;
use super::problem::{ConfigError, Problem};
use arc_swap::{ArcSwap, ArcSwapOption};
use notify::{Event, RecommendedWatcher, RecursiveMode, Watcher};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, Receiver};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::thread;
use std::time::Duration;

/// Editors and deployments write a file in several steps: changes that follow each other this closely are one.
const SETTLE: Duration = Duration::from_millis(50);

/// The outcome of a reload.
#[derive(Clone, Debug, PartialEq)]
pub enum Reload {
    /// The configuration has been replaced by this one.
    Replaced(Arc<Config>),
    /// The layers say the same as before.
    Unchanged,
    /// The layers say something invalid; the configuration stays as it was.
    Refused(Arc<ConfigError>),
}

/// The current configuration, replaced as a whole and by valid ones only.
///
/// [`current`](Self::current) is a snapshot: a run keeps it from its first step to its last, and its handlers see the same values whatever
/// is reloaded meanwhile.
///
/// ```
/// use tasker_core::config::{Live, Loader, Reload};
///
/// let live = Live::start(Loader::new())?;
/// let snapshot = live.current();
/// assert!(matches!(live.change(|loader| loader.set("cache.default_ttl", 60)), Reload::Replaced(_)));
/// assert_eq!((snapshot.cache.default_ttl, live.current().cache.default_ttl), (300, 60));
///
/// assert!(matches!(live.change(|loader| loader.set("cache.default_ttl", "soon")), Reload::Refused(_)));
/// assert_eq!(live.current().cache.default_ttl, 60);
/// # Ok::<(), tasker_core::config::ConfigError>(())
/// ```
pub struct Live {
    inner: Arc<Inner>,
}

type OnReload = Box<dyn Fn(&Reload) + Send + Sync>;

struct Inner {
    current: ArcSwap<Config>,
    refused: ArcSwapOption<ConfigError>,
    /// Held during a reload, so that the last one to start is the last one to replace.
    loader: Mutex<Loader>,
    watch: Mutex<Option<Watch>>,
    on_reload: OnReload,
}

struct Watch {
    watcher: RecommendedWatcher,
    directories: BTreeSet<PathBuf>,
}

impl Live {
    /// Loads the configuration. It changes by [`reload`](Self::reload) and [`change`](Self::change), and with its files after
    /// [`watch`](Self::watch).
    ///
    /// # Errors
    ///
    /// [`ConfigError`] where the first configuration is invalid.
    pub fn start(loader: Loader) -> Result<Self, ConfigError> {
        Self::start_with(loader, |_| ())
    }

    /// As [`start`](Self::start), with a function that is called after each reload, in the thread that reloads.
    ///
    /// # Errors
    ///
    /// As [`start`](Self::start).
    ///
    /// ```
    /// use std::sync::Arc;
    /// use std::sync::atomic::{AtomicUsize, Ordering};
    /// use tasker_core::config::{DatabaseLayer, Live, Loader, Reload};
    ///
    /// let refusals = Arc::new(AtomicUsize::new(0));
    /// let counted = Arc::clone(&refusals);
    /// let live = Live::start_with(Loader::new(), move |reload| {
    ///     counted.fetch_add(usize::from(matches!(reload, Reload::Refused(_))), Ordering::Relaxed);
    /// })?;
    /// assert_eq!(live.reload(), Reload::Unchanged);
    /// live.database(DatabaseLayer::from_iter([("cache.default_ttl", -1)]));
    /// assert_eq!(refusals.load(Ordering::Relaxed), 1);
    /// assert_eq!(live.refused().map(|error| error.problems[0].key.clone()).as_deref(), Some("cache.default_ttl"));
    /// # Ok::<(), tasker_core::config::ConfigError>(())
    /// ```
    pub fn start_with(
        loader: Loader,
        on_reload: impl Fn(&Reload) + Send + Sync + 'static,
    ) -> Result<Self, ConfigError> {
        let inner = Inner {
            current: ArcSwap::from_pointee(loader.load()?),
            refused: ArcSwapOption::empty(),
            loader: Mutex::new(loader),
            watch: Mutex::new(None),
            on_reload: Box::new(on_reload),
        };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// The configuration of this moment. It does not block.
    #[must_use]
    pub fn current(&self) -> Arc<Config> {
        self.inner.current.load_full()
    }

    /// The reason why the last reload was refused; `None` after one that was not.
    #[must_use]
    pub fn refused(&self) -> Option<Arc<ConfigError>> {
        self.inner.refused.load_full()
    }

    /// Reads the layers again.
    pub fn reload(&self) -> Reload {
        self.inner.reload(|loader| loader)
    }

    /// Changes the loader, for instance by [`Loader::set`]. A change that is refused is not kept.
    pub fn change(&self, change: impl FnOnce(Loader) -> Loader) -> Reload {
        self.inner.reload(change)
    }

    /// Replaces the layer of the database by rows that were read again.
    pub fn database(&self, layer: DatabaseLayer) -> Reload {
        self.change(|loader| loader.database(layer))
    }

    /// Reloads whenever a file changes, in a thread that ends with this value.
    ///
    /// Directories are watched, not files, so that files which are replaced by renaming are followed, too.
    ///
    /// # Errors
    ///
    /// [`ConfigError`] where a directory cannot be watched.
    ///
    /// ```no_run
    /// use tasker_core::config::{Live, Loader};
    ///
    /// let live = Live::start(Loader::new().file("config/tasker_core.yml"))?;
    /// live.watch()?;
    /// # Ok::<(), tasker_core::config::ConfigError>(())
    /// ```
    pub fn watch(&self) -> Result<(), ConfigError> {
        let (sender, receiver) = mpsc::channel();
        let watcher =
            notify::recommended_watcher(sender).map_err(|error| unwatchable(Path::new(""), &error))?;
        *lock(&self.inner.watch) = Some(Watch { watcher, directories: BTreeSet::new() });
        let files = lock(&self.inner.loader).files();
        self.inner.follow(&files)?;
        let inner = Arc::downgrade(&self.inner);
        thread::spawn(move || follow(&inner, &receiver));
        Ok(())
    }
}

fn follow(inner: &Weak<Inner>, events: &Receiver<notify::Result<Event>>) {
    while let Ok(event) = events.recv() {
        if !changes(&event) {
            continue;
        }
        while events.recv_timeout(SETTLE).is_ok() {}
        let Some(inner) = inner.upgrade() else { return };
        inner.reload(|loader| loader);
    }
}

/// Reading a file is an event as well. An error may hide a change.
fn changes(event: &notify::Result<Event>) -> bool {
    !matches!(event, Ok(event) if event.kind.is_access())
}

impl Inner {
    fn reload(&self, change: impl FnOnce(Loader) -> Loader) -> Reload {
        let mut loader = lock(&self.loader);
        let changed = change(loader.clone());
        // Before the files are read: what is written in between is an event of the watch.
        let watched = self.follow(&changed.files());
        let reload = match watched.and_then(|()| changed.load()) {
            Ok(config) => {
                *loader = changed;
                self.refused.store(None);
                self.replace(config)
            }
            Err(error) => {
                let error = Arc::new(error);
                self.refused.store(Some(Arc::clone(&error)));
                Reload::Refused(error)
            }
        };
        drop(loader);
        (self.on_reload)(&reload);
        reload
    }

    fn replace(&self, config: Config) -> Reload {
        if **self.current.load() == config {
            return Reload::Unchanged;
        }
        let config = Arc::new(config);
        self.current.store(Arc::clone(&config));
        Reload::Replaced(config)
    }

    /// Watches the directories of the files that are not watched yet.
    fn follow(&self, files: &BTreeSet<PathBuf>) -> Result<(), ConfigError> {
        let mut watch = lock(&self.watch);
        let Some(watch) = watch.as_mut() else { return Ok(()) };
        for file in files {
            let directory = match file.parent() {
                Some(parent) if !parent.as_os_str().is_empty() => parent.to_owned(),
                _ => PathBuf::from("."),
            };
            if watch.directories.contains(&directory) {
                continue;
            }
            watch
                .watcher
                .watch(&directory, RecursiveMode::NonRecursive)
                .map_err(|error| unwatchable(&directory, &error))?;
            watch.directories.insert(directory);
        }
        Ok(())
    }
}

fn unwatchable(directory: &Path, error: &notify::Error) -> ConfigError {
    let source = directory.display().to_string();
    Problem::new(&source, "", "a directory that can be watched", error.to_string()).into()
}

/// Nothing that a lock guards is left half-changed by a panic.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
