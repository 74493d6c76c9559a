//! Policies by hand, real and hostile, in the sandbox.
#![cfg(test)]

mod behaviour;
mod guest;
mod hostile;
mod modules;
mod real;
