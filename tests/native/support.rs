//! A cluster with a person at its command line, for tests that tell a story.

use ordinal::cluster::Cluster;
use ordinal::cluster::config::Config;
use ordinal::cluster::object::{Event, Kind, Node, Pod, Resource};
use ordinal::cluster::record::{Component, Verb};
use ordinal::kubectl::Workspace;
use ordinal::terminal::{Desk, Entry};
use ordinal::timeline::act;

/// A cluster and who works with it.
#[derive(Debug)]
pub(crate) struct Town(pub(crate) Desk);

impl std::ops::Deref for Town {
    type Target = Desk;

    fn deref(&self) -> &Desk {
        &self.0
    }
}

impl std::ops::DerefMut for Town {
    fn deref_mut(&mut self) -> &mut Desk {
        &mut self.0
    }
}

/// What a command has printed, and its exit code; 0 while it runs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Output {
    /// Standard output.
    pub(crate) stdout: String,
    /// Standard error.
    pub(crate) stderr: String,
    /// The exit code.
    pub(crate) exit: i32,
}

impl Output {
    /// Of a command.
    pub(crate) fn of(entry: &Entry) -> Self {
        Self {
            stdout: entry.stdout(),
            stderr: entry.stderr(),
            exit: entry.exit.unwrap_or(0),
        }
    }
}

impl Town {
    /// The page's cluster.
    pub(crate) fn new() -> Self {
        Self::with(Config::page(1))
    }

    /// A cluster of this configuration.
    pub(crate) fn with(config: Config) -> Self {
        Self(Desk::new(Cluster::new(config), Workspace::default()))
    }

    /// Does what a line says.
    pub(crate) fn run(&mut self, line: &str) -> Output {
        let at = self.entries().len();
        act(&mut self.0, "default", line);
        self.entries().get(at).map(Output::of).unwrap_or_default()
    }

    /// Does what a line says, which must work.
    pub(crate) fn ok(&mut self, line: &str) -> String {
        let output = self.run(line);
        assert_eq!(output.exit, 0, "{line}: {}", output.stderr);
        output.stdout
    }

    /// Applies a manifest, which must work.
    pub(crate) fn apply(&mut self, manifest: &str) -> String {
        self.workspace
            .files
            .insert("manifest.yaml".to_owned(), manifest.to_owned());
        self.ok("kubectl apply -f manifest.yaml")
    }

    /// Applies a manifest, which must be refused; with which words.
    pub(crate) fn refused(&mut self, manifest: &str) -> String {
        self.workspace
            .files
            .insert("manifest.yaml".to_owned(), manifest.to_owned());
        let output = self.run("kubectl apply -f manifest.yaml");
        assert_ne!(output.exit, 0, "it is refused");
        output.stderr
    }

    /// Lets seconds pass.
    pub(crate) fn wait_s(&mut self, seconds: i64) {
        let until = self.cluster.now().plus_s(seconds);
        self.run_until(until);
    }

    /// An object of the default namespace, or of no namespace.
    pub(crate) fn find<T: Resource>(&self, name: &str) -> Option<&T> {
        let store = &self.cluster.api.store;
        store
            .find::<T>("default", name)
            .or(store.find::<T>("", name))
    }

    /// An object that must be there.
    pub(crate) fn get<T: Resource>(&self, name: &str) -> &T {
        self.find(name)
            .unwrap_or_else(|| panic!("{} {name} is there", T::KIND))
    }

    /// The pods as `name phase ready`, in the order of their names.
    pub(crate) fn pods(&self) -> Vec<String> {
        let pods = self.cluster.api.store.list::<Pod>();
        pods.map(|pod| {
            let ready = if pod.has_ready_condition() {
                " ready"
            } else {
                ""
            };
            let ends = if pod.meta.is_deleting() {
                " terminating"
            } else {
                ""
            };
            format!(
                "{} {}{ready}{ends}",
                pod.meta.name,
                pod.status.phase.as_str()
            )
        })
        .collect()
    }

    /// How many pods are Ready.
    pub(crate) fn ready(&self) -> usize {
        let pods = self.cluster.api.store.list::<Pod>();
        pods.filter(|pod| pod.has_ready_condition()).count()
    }

    /// What a component did to objects of a kind, as `verb name`, in order.
    pub(crate) fn writes(&self, author: Component, kind: Kind, verb: Verb) -> Vec<String> {
        let log = self.cluster.api.log.iter();
        let own = log.filter(|record| record.author == author);
        own.filter_map(|record| record.write())
            .filter(|write| write.object.kind() == kind && write.verb == verb)
            .map(|write| write.object.meta().name.to_string())
            .collect()
    }

    /// The messages of all events of a reason.
    pub(crate) fn events(&self, reason: &str) -> Vec<String> {
        let events = self.cluster.api.store.list::<Event>();
        let mut found: Vec<&Event> = events.filter(|event| &*event.reason == reason).collect();
        found.sort_by_key(|event| event.meta.resource_version);
        found
            .iter()
            .map(|event| event.message.to_string())
            .collect()
    }

    /// The taints of a node as `key:effect`.
    pub(crate) fn taints(&self, node: &str) -> Vec<String> {
        let taints = &self.get::<Node>(node).spec.taints;
        let shown = taints.iter().map(|it| format!("{}:{}", it.key, it.effect));
        shown.collect()
    }
}

/// The set of seed 002's shape: a headless Service and a set with one claim template.
pub(crate) fn web(replicas: u32) -> String {
    format!(
        r"
apiVersion: v1
kind: Service
metadata:
  name: nginx
  labels: {{app: nginx}}
spec:
  ports:
  - port: 80
    name: web
  clusterIP: None
  selector: {{app: nginx}}
---
apiVersion: apps/v1
kind: StatefulSet
metadata: {{name: web}}
spec:
  serviceName: nginx
  replicas: {replicas}
  selector:
    matchLabels: {{app: nginx}}
  template:
    metadata:
      labels: {{app: nginx}}
    spec:
      containers:
      - name: nginx
        image: nginx:1.27
        ports:
        - containerPort: 80
          name: web
        volumeMounts:
        - name: www
          mountPath: /usr/share/nginx/html
  volumeClaimTemplates:
  - metadata: {{name: www}}
    spec:
      accessModes: [ReadWriteOnce]
      resources: {{requests: {{storage: 1Gi}}}}
"
    )
}
