//! The pod network: which address a pod gets.

use crate::cluster::sorted::SortedMap;
use crate::cluster::value::{self, Text};

/// Addresses `10.244.<n>.<k>`: `n` counts nodes in the order in which they first gave a pod an address, `k` counts
/// from 2 on each node. An address is never given twice: that a name keeps while its address changes is the point.
#[derive(Clone, Debug, Default)]
pub struct Network {
    nodes: SortedMap<Text, (usize, usize)>,
}

impl Network {
    /// The next address on a node.
    pub fn next(&mut self, node: &Text) -> Text {
        let count = self.nodes.len();
        let (number, given) = self.nodes.entry(node.clone()).or_insert((count, 0));
        *given += 1;
        let host = *given + 1;
        // Beyond 253 pods a node goes on in the next free block of the second byte.
        let digits = |number: usize| value::digits(number as u64);
        value::concat(&[
            "10.",
            &digits(244 + host / 256),
            ".",
            &digits(*number),
            ".",
            &digits(host % 256),
        ])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nodes_count_in_the_order_of_their_first_pod() {
        let mut network = Network::default();
        let addresses = ["b", "a", "b"].map(|node| network.next(&node.into()).to_string());
        assert_eq!(addresses, ["10.244.0.2", "10.244.1.2", "10.244.0.3"]);
        for _ in 0..300 {
            network.next(&"a".into());
        }
        assert_eq!(&*network.next(&"a".into()), "10.245.1.47");
    }
}
