//! The namespace controller: empties a namespace that is deleted, and lets it go; and the service account
//! controller, which gives every namespace its default account and the cluster's certificate.

use std::rc::Rc;

use super::{Controller, Outcome, Wake};
use crate::cluster::api::{Api, DeleteOptions};
use crate::cluster::object::{KINDS, Kind, Meta, Object, ObjectKey, Plain};
use crate::cluster::record::{Component, Stop, Verb, Write};
use crate::cluster::value::{Map, Value};

/// Empties namespaces that are deleted.
#[derive(Clone, Debug, Default)]
pub struct NamespaceController;

impl Controller for NamespaceController {
    const COMPONENT: Component = Component::Namespace;

    fn observe(&mut self, write: &Write, api: &Api, wake: &mut Wake<'_>) {
        let meta = write.object.meta();
        let key = match write.object.kind() {
            Kind::Namespace if write.verb != Verb::Removed => write.object.key(),
            _ if write.verb == Verb::Removed => {
                ObjectKey::new(Kind::Namespace, "", meta.namespace.clone())
            }
            _ => return,
        };
        if api
            .store
            .by_key(&key)
            .is_some_and(|it| it.meta().is_deleting())
        {
            wake.add(key, api.config.latency.collector_ms);
        }
    }

    fn sync(&mut self, key: &ObjectKey, api: &mut Api, wake: &mut Wake<'_>) -> Outcome {
        let deleting = api
            .store
            .by_key(key)
            .is_some_and(|it| it.meta().is_deleting());
        if !deleting {
            return Outcome::Done;
        }
        let content: Vec<ObjectKey> = KINDS
            .iter()
            .filter(|kind| kind.is_namespaced())
            .flat_map(|kind| api.store.in_namespace(*kind, &key.name))
            .map(|object| object.key())
            .collect();
        if content.is_empty() {
            api.forget_namespace(key);
            return Outcome::Done;
        }
        for key in &content {
            let waiting = api
                .store
                .by_key(key)
                .is_some_and(|it| it.meta().is_deleting());
            if !waiting {
                // What went with something else meanwhile needs no deleting.
                let _gone = api.delete(key, &DeleteOptions::default());
            }
        }
        api.stop(key, Stop::Dependents(content.len()));
        wake.add_later(key.clone(), api.now.plus_s(1));
        Outcome::Done
    }
}

/// Gives namespaces their default account.
#[derive(Clone, Debug, Default)]
pub struct ServiceAccountController;

impl Controller for ServiceAccountController {
    const COMPONENT: Component = Component::ServiceAccount;
    const WATCHES: &[Kind] = &[Kind::ConfigMap, Kind::Namespace, Kind::ServiceAccount];

    fn observe(&mut self, write: &Write, _api: &Api, wake: &mut Wake<'_>) {
        let meta = write.object.meta();
        match write.object.kind() {
            Kind::Namespace if write.verb == Verb::Created => wake.add(write.object.key(), 0),
            Kind::ServiceAccount | Kind::ConfigMap if write.verb == Verb::Removed => {
                wake.add(
                    ObjectKey::new(Kind::Namespace, "", meta.namespace.clone()),
                    0,
                );
            }
            _ => {}
        }
    }

    fn sync(&mut self, key: &ObjectKey, api: &mut Api, _wake: &mut Wake<'_>) -> Outcome {
        let living = api
            .store
            .by_key(key)
            .is_some_and(|it| !it.meta().is_deleting());
        if !living {
            return Outcome::Done;
        }
        furnish(&key.name, api);
        Outcome::Done
    }
}

/// Makes what every namespace has.
pub fn furnish(namespace: &str, api: &mut Api) {
    let certificate = Value::map([(
        "ca.crt",
        "-----BEGIN CERTIFICATE-----\n…\n-----END CERTIFICATE-----\n".into(),
    )]);
    let wanted = [
        (Kind::ServiceAccount, "default", Map::new()),
        (
            Kind::ConfigMap,
            "kube-root-ca.crt",
            [("data".into(), certificate)].into(),
        ),
    ];
    for (kind, name, body) in wanted {
        if api.store.get(kind, namespace, name).is_none() {
            let object = Object::Plain(Plain {
                kind,
                meta: Meta::named(namespace, name),
                body: Rc::new(body),
            });
            // Both are valid in every namespace that is not going.
            let _made = api.create(object);
        }
    }
}
