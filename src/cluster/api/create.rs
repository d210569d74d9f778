//! Creating objects.

use std::rc::Rc;

use super::Api;
use super::addresses::Addresses;
use crate::cluster::admission;
use crate::cluster::error::{ApiError, Causes};
use crate::cluster::json::IntOrString;
use crate::cluster::object::{Kind, Object, Service};
use crate::cluster::record::{Part, Verb};
use crate::cluster::value::{Text, Value};

impl Api {
    /// Creates an object: namespace, name, defaults, admission, validation, in the server's order.
    ///
    /// Source: `Store.Create` of the generic registry, with the admission plugins of reference 1.3 and 1.4.
    pub fn create(&mut self, mut object: Object) -> Result<Rc<Object>, ApiError> {
        let kind = object.kind();
        self.serve(Verb::Created, Part::Main, kind)?;
        self.check_namespace(&object)?;
        // The server makes the uid before the name (`FillObjectMetaSystemFields`).
        let asked = object.meta().name.clone();
        let meta = object.meta_mut();
        if meta.name.is_empty() && !meta.generate_name.is_empty() {
            meta.name = self
                .names
                .generate(&mut self.rng, &meta.generate_name.clone());
        }
        admission::default(&mut object);
        admission::prepare_create(&mut object);
        admission::admit_create(self, &mut object)?;
        admission::validate_create(&object, &self.config)?;
        self.warn(&object, None);
        let meta = object.meta();
        if self.store.get(kind, &meta.namespace, &meta.name).is_some() {
            return Err(ApiError::AlreadyExists {
                resource: kind.resource(),
                name: meta.name.clone(),
            });
        }
        if let Object::Service(service) = &mut object {
            self.give_addresses(service)?;
        }
        let created = self.now.whole_seconds();
        let meta = object.meta_mut();
        meta.uid = self.names.uid(&mut self.rng, kind, &meta.namespace, &asked);
        meta.created = Some(created);
        meta.deleted = None;
        meta.grace_s = None;
        meta.generation = i64::from(kind.info().generation);
        Ok(self.commit(Verb::Created, Part::Main, Rc::new(object)))
    }

    /// Five letters for the name of a pod's service account volume.
    pub fn volume_suffix(&mut self) -> Text {
        self.names.suffix(&mut self.rng)
    }

    /// Source: the admission plugin NamespaceLifecycle.
    fn check_namespace(&self, object: &Object) -> Result<(), ApiError> {
        let kind = object.kind();
        if !kind.is_namespaced() {
            return Ok(());
        }
        let meta = object.meta();
        let Some(namespace) = self.store.get(Kind::Namespace, "", &meta.namespace) else {
            return Err(ApiError::not_found(Kind::Namespace, &meta.namespace));
        };
        if namespace.meta().is_deleting() && kind != Kind::Event {
            let why = format!(
                "unable to create new content in namespace {} because it is being terminated",
                meta.namespace
            );
            return Err(ApiError::forbidden(kind, &meta.name, why));
        }
        Ok(())
    }

    /// Gives a Service its address and node ports (reference 1.7).
    fn give_addresses(&mut self, service: &mut Service) -> Result<(), ApiError> {
        let name = service.meta.name.clone();
        let spec = Rc::make_mut(&mut service.spec);
        if &*spec.kind == "ExternalName" {
            return Ok(());
        }
        let asked = spec.cluster_ip.clone();
        if asked.is_empty() {
            spec.cluster_ip = self.addresses.allocate(&mut self.rng);
        } else if &*asked != "None" {
            let refusal = if !Addresses::is_in_range(&asked) {
                Some(
                    "failed to allocate IP: the provided IP is not in the valid range. The range of valid IPs is 10.96.0.0/16",
                )
            } else if self.addresses.take(&asked) {
                None
            } else {
                Some("failed to allocate IP: provided IP is already allocated")
            };
            if let Some(detail) = refusal {
                let mut causes = Causes::default();
                let value = Value::List(vec![Value::Text(asked)]);
                causes.invalid("spec.clusterIPs", &value, detail);
                return causes.into_result(Kind::Service, &name);
            }
        }
        spec.cluster_ips = vec![spec.cluster_ip.clone()];
        if matches!(&*spec.kind, "NodePort" | "LoadBalancer")
            && spec.allocate_node_ports != Some(false)
        {
            for port in &mut spec.ports {
                if port.node_port == 0 {
                    port.node_port = self.addresses.allocate_port(&mut self.rng);
                } else if !Addresses::is_node_port(port.node_port)
                    || !self.addresses.take_port(port.node_port)
                {
                    let detail = if Addresses::is_node_port(port.node_port) {
                        "provided port is already allocated"
                    } else {
                        "provided port is not in the valid range. The range of valid ports is 30000-32767"
                    };
                    let mut causes = Causes::default();
                    causes.invalid(
                        "spec.ports[0].nodePort",
                        &Value::Int(i64::from(port.node_port)),
                        detail,
                    );
                    return causes.into_result(Kind::Service, &name);
                }
            }
        }
        for port in &mut spec.ports {
            if port.target_port.is_none() {
                port.target_port = Some(IntOrString::Int(i64::from(port.port)));
            }
        }
        Ok(())
    }
}
