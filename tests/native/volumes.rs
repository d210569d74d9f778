//! What becomes of volumes made by hand, and of claims that lose theirs (reference chapter 4).

use ordinal::cluster::object::PersistentVolume;
use ordinal::cluster::object::volume::VolumePhase;

use crate::support::Town;

fn pair(name: &str, source: &str) -> String {
    format!(
        "apiVersion: v1\nkind: PersistentVolume\nmetadata: {{name: {name}}}\nspec: {{accessModes: [ReadWriteOnce], \
         capacity: {{storage: 1Gi}}, storageClassName: hand, persistentVolumeReclaimPolicy: Delete, {source}}}\n---\n\
         apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {{name: {name}}}\nspec: {{accessModes: [ReadWriteOnce], \
         storageClassName: hand, volumeName: {name}, resources: {{requests: {{storage: 1Gi}}}}}}\n"
    )
}

#[test]
fn only_directories_below_tmp_are_deleted_with_their_claim() {
    for (source, message) in [
        ("hostPath: {path: /tmp/data}", None),
        (
            "hostPath: {path: /data}",
            Some("host_path deleter only supports /tmp/.+ but received provided /data"),
        ),
        (
            "nfs: {server: a, path: /b}",
            Some(
                "error getting deleter volume plugin for volume \"hand\": no deletable volume plugin matched",
            ),
        ),
    ] {
        let mut town = Town::new();
        town.apply(&pair("hand", source));
        town.wait_s(20);
        assert_eq!(
            town.get::<PersistentVolume>("hand").phase(),
            VolumePhase::Bound
        );
        town.ok("kubectl delete pvc hand --wait=false");
        town.wait_s(40);
        let volume = town.find::<PersistentVolume>("hand");
        assert_eq!(
            volume.map(|it| (it.phase(), &*it.status.message)),
            message.map(|it| (VolumePhase::Failed, it))
        );
        // The event is said when the phase changes, and not in every round.
        let said: Vec<String> = message.into_iter().map(str::to_owned).collect();
        assert_eq!(town.events("VolumeFailedDelete"), said);
    }
}

#[test]
fn a_claim_that_lost_its_volume_has_nothing_any_more() {
    let mut town = Town::new();
    town.apply(&pair("hand", "hostPath: {path: /tmp/data}"));
    town.wait_s(20);
    town.ok(r#"kubectl patch pv hand -p '{"metadata":{"finalizers":null}}'"#);
    town.ok("kubectl delete pv hand --wait=false");
    town.wait_s(1);
    let row = town.ok("kubectl get pvc --no-headers");
    let cells: Vec<&str> = row.split_whitespace().take(5).collect();
    assert_eq!(cells, ["hand", "Lost", "hand", "0", "hand"]);
    let described = town.ok("kubectl describe pvc hand");
    assert!(described.contains("\nCapacity:      0\nAccess Modes:  \n"));
}

#[test]
fn a_claim_that_waits_to_grow_is_said_once() {
    let mut town = Town::with(ordinal::cluster::config::Config::recordings(
        Town::new().cluster.now(),
    ));
    town.apply(&format!(
        "apiVersion: storage.k8s.io/v1\nkind: StorageClass\nmetadata: {{name: hand}}\nprovisioner: x\n\
         allowVolumeExpansion: true\n---\n{}",
        pair("hand", "hostPath: {path: /tmp/data}")
    ));
    town.wait_s(20);
    town.ok(r#"kubectl patch pvc hand -p '{"spec":{"resources":{"requests":{"storage":"2Gi"}}}}'"#);
    town.wait_s(1);
    town.ok("kubectl annotate pvc hand note=hi");
    town.ok("kubectl delete pvc hand --wait=false");
    town.wait_s(1);
    let rows = town.ok("kubectl get events -o custom-columns=R:.reason,C:.count");
    let grown: Vec<&str> = rows
        .lines()
        .filter(|it| it.starts_with("ExternalExpanding"))
        .collect();
    assert_eq!(grown, ["ExternalExpanding   1"]);
}
