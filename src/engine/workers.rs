//! `Workers`: many evaluations at once, their results in the order of their items, memory bounded.

use std::collections::BTreeMap;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};

use super::permits::Permits;

/// Threads that may wait for the network, for each core in use.
const THREADS_PER_CORE: usize = 16;
/// Threads at most, and the stack of each; regorus evaluates by recursion.
const MAX_THREADS: usize = 64;
pub(crate) const STACK: usize = 64 << 20;

/// An item or a result, and the place of the item among all.
type Numbered<T> = (usize, T);

/// A pool of threads that evaluate.
#[derive(Debug, Clone)]
pub struct Workers {
    cores: usize,
}

/// A worker's place: what an evaluation needs to know of the pool that it runs in.
#[derive(Debug, Clone)]
pub struct Place {
    pub(crate) permits: Arc<Permits>,
}

impl Workers {
    /// A pool that keeps `cores` cores busy; 0 counts as 1. Evaluations that wait for the network hold none.
    #[must_use]
    pub fn new(cores: usize) -> Self {
        Self { cores: cores.max(1) }
    }

    /// Does `job` for each item and hands the results to `sink` in the order of the items.
    ///
    /// At most a window of items is in memory: a slow item holds the window, not the program's memory.
    ///
    /// # Errors
    /// Where the system gives no thread at all.
    pub fn run<T, R>(&self, items: impl Iterator<Item = T>, job: impl Fn(T, &Place) -> R + Sync, sink: impl FnMut(R)) -> std::io::Result<()>
    where
        T: Send,
        R: Send,
    {
        let permits = Arc::new(Permits::new(self.cores));
        let threads = (self.cores * THREADS_PER_CORE).min(MAX_THREADS).max(self.cores);
        let threads = items.size_hint().1.map_or(threads, |most| threads.min(most).max(1));
        let (to_workers, queue) = channel();
        let (to_sink, results) = channel();
        let queue = Mutex::new(queue);
        std::thread::scope(|scope| {
            for number in 0..threads {
                let (place, to_sink) = (Place { permits: Arc::clone(&permits) }, to_sink.clone());
                let (queue, job) = (&queue, &job);
                let work = move || work(&place, queue, &to_sink, job);
                match std::thread::Builder::new().stack_size(STACK).spawn_scoped(scope, work) {
                    Ok(_) => {}
                    Err(error) if number == 0 => return Err(error),
                    Err(_) => break,
                }
            }
            drop(to_sink);
            feed(items.enumerate(), (to_workers, results), threads * 2, sink);
            Ok(())
        })
    }
}

/// One thread: an item, then a core for it.
fn work<T, R>(place: &Place, queue: &Mutex<Receiver<Numbered<T>>>, results: &Sender<Numbered<R>>, job: impl Fn(T, &Place) -> R) {
    loop {
        let next = queue.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok((index, item)) = next else { return };
        let permit = place.permits.acquire();
        let result = job(item, place);
        drop(permit);
        if results.send((index, result)).is_err() {
            return;
        }
    }
}

/// Keeps at most `window` items beyond the last one handed to the sink.
fn feed<T, R>(
    mut items: impl Iterator<Item = (usize, T)>,
    (queue, results): (Sender<Numbered<T>>, Receiver<Numbered<R>>),
    window: usize,
    mut sink: impl FnMut(R),
) {
    let (mut fed, mut done, mut early) = (0, 0, BTreeMap::new());
    loop {
        while fed < done + window {
            let Some(item) = items.next() else { break };
            fed += 1;
            if queue.send(item).is_err() {
                return;
            }
        }
        if done == fed {
            return;
        }
        let Ok((index, result)) = results.recv() else { return };
        early.insert(index, result);
        while let Some(result) = early.remove(&done) {
            done += 1;
            sink(result);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    #[test]
    fn results_come_in_the_order_of_the_items() {
        let mut seen = Vec::new();
        let job = |item: u64, _: &Place| (0..(1000 - item) * 20).fold(item, |sum, _| std::hint::black_box(sum));
        Workers::new(4).run(0..1000_u64, job, |result| seen.push(result)).unwrap();
        assert_eq!(seen, (0..1000).collect::<Vec<_>>());
    }

    #[test]
    fn items_are_drawn_no_faster_than_results_are_taken() {
        let (drawn, taken) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let items = (0..10_000).inspect(|_| {
            let ahead = drawn.fetch_add(1, Ordering::SeqCst) - taken.load(Ordering::SeqCst);
            assert!(ahead <= 2 * MAX_THREADS, "{ahead} items are in memory");
        });
        Workers::new(2)
            .run(
                items,
                |_, _: &Place| (),
                |()| {
                    taken.fetch_add(1, Ordering::SeqCst);
                },
            )
            .unwrap();
        assert_eq!(taken.load(Ordering::SeqCst), 10_000);
    }

    #[test]
    fn no_item_is_no_work() {
        Workers::new(1).run(std::iter::empty::<()>(), |(), _| (), |()| panic!("no result is due")).unwrap();
    }
}
