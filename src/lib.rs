//! Ordinal: watch a Kubernetes StatefulSet think.

pub mod cluster;
pub mod kubectl;
pub mod manifest;
pub mod scene;
pub mod timeline;
