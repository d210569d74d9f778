//! The kubelet.

pub mod network;
pub mod status;

use network::Network;

/// The kubelets of all nodes.
#[derive(Clone, Debug, Default)]
pub struct Kubelet {
    /// The pod network.
    pub network: Network,
}
