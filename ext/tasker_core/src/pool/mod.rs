//! `TaskerCore::Native::Pool`: connections and threads of the extension's own, on which conversations are answered without Ruby's lock.
//!
//! Ruby waits for the end of a request on a pipe, as for any other input, so `Thread#kill`, `Timeout` and interrupts reach it there.

mod request;
mod settings;

use crate::boundary::{error, guarded};
use crate::conversation::RubyConversation;
use magnus::{Class, Error, Module, Object, RHash, RModule, Ruby, function, method};
use request::RubyRequest;
use settings::Settings;
use sqlx::postgres::{PgConnectOptions, PgPool};
use std::sync::{Mutex, MutexGuard, PoisonError};
use tokio::runtime::{Builder, Runtime};

#[magnus::wrap(class = "TaskerCore::Native::Pool", free_immediately, size)]
pub(crate) struct RubyPool {
    open: Mutex<Option<Open>>,
    /// The process that it belongs to.
    process: u32,
}

struct Open {
    runtime: Runtime,
    connections: PgPool,
    options: PgConnectOptions,
}

impl RubyPool {
    /// Connects to nothing yet. See [`Settings`] for what is in `settings`.
    fn new(ruby: &Ruby, settings: RHash) -> Result<Self, Error> {
        guarded(ruby, || {
            let settings = Settings::from_ruby(settings)?;
            let runtime = Builder::new_multi_thread()
                .worker_threads(settings.size as usize)
                .thread_name("tasker-core")
                .enable_all()
                .build()
                .map_err(|problem| not_there(ruby, &problem))?;
            let options = settings.options();
            let connections = {
                let _inside = runtime.enter();
                settings.pool(&options)
            };
            Ok(RubyPool {
                open: Mutex::new(Some(Open { runtime, connections, options })),
                process: std::process::id(),
            })
        })
    }

    /// Has the question that a conversation waits for answered, and the conversation go on.
    fn ask(ruby: &Ruby, this: &Self, conversation: &RubyConversation) -> Result<RubyRequest, Error> {
        guarded(ruby, || {
            let open = this.open();
            let open = open.as_ref().filter(|_| this.process == std::process::id()).ok_or_else(|| {
                let message = "a pool belongs to the process that has opened it, until it is closed: expected \
                               that, got a child or a pool that is closed";
                error(ruby, "ConversationError", message.to_owned())
            })?;
            RubyRequest::start(&open.runtime, &open.connections, &open.options, conversation.talk())
                .map_err(|problem| not_there(ruby, &problem))
        })
    }

    /// `[connections that are open, those of them that nobody uses]`
    fn counts(ruby: &Ruby, this: &Self) -> Result<(u32, usize), Error> {
        guarded(ruby, || {
            let open = this.open();
            Ok(open.as_ref().map_or((0, 0), |open| (open.connections.size(), open.connections.num_idle())))
        })
    }

    /// Ends its threads and closes its connections, soon. A second time does nothing.
    fn close(ruby: &Ruby, this: &Self) -> Result<(), Error> {
        guarded(ruby, || {
            this.end();
            Ok(())
        })
    }

    fn open(&self) -> MutexGuard<'_, Option<Open>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// In a child of the process that has opened it there are no threads to end, and the sockets, with what watches them, are the parent's.
    fn end(&self) {
        let Some(open) = self.open().take() else { return };
        if self.process == std::process::id() {
            open.runtime.shutdown_background();
        } else {
            std::mem::forget(open);
        }
    }
}

impl Drop for RubyPool {
    fn drop(&mut self) {
        self.end();
    }
}

fn not_there(ruby: &Ruby, problem: &std::io::Error) -> Error {
    error(ruby, "InternalError", format!("the pool for bulk reads has no thread or pipe: {problem}"))
}

pub(crate) fn init(ruby: &Ruby, native: RModule) -> Result<(), Error> {
    let class = native.define_class("Pool", ruby.class_object())?;
    class.undef_default_alloc_func();
    class.define_singleton_method("new", function!(RubyPool::new, 1))?;
    class.define_method("ask", method!(RubyPool::ask, 1))?;
    class.define_method("close", method!(RubyPool::close, 0))?;
    class.define_method("counts", method!(RubyPool::counts, 0))?;
    request::init(ruby, native)
}
