//! The memo as its callers see it: one flight for each key, successes only, deadlines of one's own, a bound that holds.

mod acceptance;
mod archive;
mod bounded;
mod canary;
mod clock;
mod crash;
mod encoding;
mod expiry;
mod flights;
mod front;
mod random;
mod refresh;
mod revocation;
mod stale;
mod stale_archive;
mod stored;
mod stress;
