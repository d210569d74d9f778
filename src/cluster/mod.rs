//! The simulated control plane: a pure, deterministic Kubernetes around StatefulSets.
//!
//! Uses nothing but `std` (and `thiserror` for its errors): no clock, no chance of its own, no input or output, no
//! text for people but Kubernetes' own.
//! The state at any instant is a function of the configuration and the requests up to then.

pub mod admission;
pub mod api;
pub mod base64;
pub mod config;
pub mod controller;
pub mod disk;
pub mod dns;
pub mod engine;
pub mod error;
pub mod fault;
pub mod few;
pub mod hash;
pub mod inside;
pub mod json;
pub mod large;
pub mod lazy;
pub mod log;
pub mod lookup;
pub mod manual;
pub mod names;
pub mod net;
pub mod object;
pub mod patch;
pub mod pieces;
pub mod quantity;
pub mod queue;
pub mod record;
pub mod rng;
pub mod schema;
mod setup;
pub mod sorted;
pub mod store;
pub mod time;
pub mod value;

pub use engine::Cluster;
