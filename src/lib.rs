//! Ordinal: watch a Kubernetes StatefulSet think.
//!
//! From the lowest layer to the highest; a module uses only what stands above it here (ARCHITECTURE.md says why):
//! the simulated control plane, manifests, kubectl, the terminals, the timeline, the scene, the session, what it is held
//! to, the texts, and the page.

#[cfg(feature = "web")]
pub mod browser;
pub mod cluster;
pub mod i18n;
pub mod kubectl;
pub mod manifest;
pub mod proof;
pub mod scene;
pub mod session;
pub mod terminal;
pub mod timeline;
#[cfg(feature = "web")]
pub mod ui;
