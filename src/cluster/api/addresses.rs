//! Addresses of Services: which are taken, and the next free one.

use crate::cluster::object::Object;
use crate::cluster::rng::Rng;
use crate::cluster::sorted::SortedSet;
use crate::cluster::value::Text;

/// The range of Service addresses: 10.96.0.0/16, a part of kubeadm's 10.96.0.0/12.
const PREFIX: &str = "10.96.";
/// The range of node ports (`--service-node-port-range`).
const NODE_PORTS: std::ops::Range<i32> = 30_000..32_768;

/// What is taken.
#[derive(Clone, Debug, Default)]
pub(super) struct Addresses {
    ips: SortedSet<Text>,
    ports: SortedSet<i32>,
}

impl Addresses {
    /// Takes a certain address; `false` if somebody has it.
    pub(super) fn take(&mut self, ip: &Text) -> bool {
        self.ips.insert(ip.clone())
    }

    /// Whether an address is one of the range.
    pub(super) fn is_in_range(ip: &str) -> bool {
        ip.strip_prefix(PREFIX).is_some_and(|rest| {
            let parts: Vec<_> = rest.split('.').map(str::parse::<u8>).collect();
            parts.len() == 2 && parts.iter().all(Result::is_ok)
        })
    }

    /// Takes any free address.
    pub(super) fn allocate(&mut self, rng: &mut Rng) -> Text {
        loop {
            let number = rng.below(65_000) + 256;
            let ip: Text = format!("{PREFIX}{}.{}", number / 256, number % 256).into();
            if self.take(&ip) {
                return ip;
            }
            if self.ips.len() > 60_000 {
                return ip;
            }
        }
    }

    /// Takes a certain node port; `false` if somebody has it.
    pub(super) fn take_port(&mut self, port: i32) -> bool {
        self.ports.insert(port)
    }

    /// Whether a node port is one of the range.
    pub(super) fn is_node_port(port: i32) -> bool {
        NODE_PORTS.contains(&port)
    }

    /// Takes any free node port.
    pub(super) fn allocate_port(&mut self, rng: &mut Rng) -> i32 {
        let size = NODE_PORTS.len() as u64;
        let start = i32::try_from(rng.below(size)).unwrap_or(0);
        let free = (0..NODE_PORTS.len() as i32)
            .map(|step| NODE_PORTS.start + (start + step) % NODE_PORTS.len() as i32)
            .find(|port| !self.ports.contains(port));
        let port = free.unwrap_or(NODE_PORTS.start);
        self.ports.insert(port);
        port
    }

    /// Gives back what a Service had.
    pub(super) fn release(&mut self, object: &Object) {
        if let Object::Service(service) = object {
            self.ips.remove(&service.spec.cluster_ip);
            for port in &service.spec.ports {
                self.ports.remove(&port.node_port);
            }
        }
    }
}
