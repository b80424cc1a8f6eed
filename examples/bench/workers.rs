//! Threads with a connection each, as single-threaded programs beside each other have them.

use crate::throughput::{Way, work};
use crate::world::World;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use tasker_core::graph::cache::Graphs;
use tasker_core::ids::TaskId;
use tasker_core::operations::ready::track;
use tasker_core::store::Connection;
use tokio::runtime::Builder;

/// The commands of a worker.
pub enum Order {
    /// Begin to track these tasks.
    Track(Vec<TaskId>),
    /// Work through them, or make so many inserts.
    Work(Way, usize),
}

/// Ends when it is dropped.
pub struct Worker {
    orders: Sender<Order>,
    done: Receiver<()>,
}

impl Worker {
    /// Starts a thread. Its runtime has no other: over one connection that would add to each answer the time in which one thread wakes
    /// the other.
    pub fn start(world: &World) -> Worker {
        let (orders, inbox) = channel();
        let (outbox, done) = channel();
        let world = world.clone();
        thread::spawn(move || {
            let runtime = Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(obey(world, inbox, outbox));
        });
        Worker { orders, done }
    }

    /// Sends a command.
    pub fn order(&self, order: Order) {
        self.orders.send(order).unwrap();
    }

    /// Waits until the command is done.
    pub fn wait(&self) {
        self.done.recv().unwrap();
    }
}

async fn obey(world: World, inbox: Receiver<Order>, outbox: Sender<()>) {
    let mut connection = world.connect().await;
    let mut graphs = Graphs::new(1_000_000);
    let mut tracked = Vec::new();
    while let Ok(order) = inbox.recv() {
        match order {
            Order::Track(tasks) => {
                for task in tasks {
                    let session = &mut Connection(&mut connection);
                    tracked.push(track(session, &mut graphs, task).await.unwrap().unwrap());
                }
            }
            Order::Work(way, inserts) => {
                work(way, &mut connection, std::mem::take(&mut tracked), inserts).await;
            }
        }
        outbox.send(()).unwrap();
    }
}
