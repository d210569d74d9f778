//! The course of a cluster: what was asked of it and when.

mod action;

pub use action::{ActionError, act};
