//! What the tests of verbs share: a cluster, a person at its command line, and time that passes as on the page.

use crate::cluster::Cluster;
use crate::cluster::config::Config;
use crate::cluster::time::Time;
use crate::kubectl::{self, Answer, Output, Wait, Workspace};

/// A Service and a set of three with one claim each, as `web.yaml`.
const WEB: &str = r"
apiVersion: v1
kind: Service
metadata: {name: nginx, labels: {app: nginx}}
spec: {clusterIP: None, selector: {app: nginx}, ports: [{port: 80, name: web}]}
---
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: web}
spec:
  serviceName: nginx
  replicas: 3
  selector: {matchLabels: {app: nginx}}
  template:
    metadata: {labels: {app: nginx}}
    spec:
      containers:
      - {name: nginx, image: 'nginx:1.27'}
  volumeClaimTemplates:
  - metadata: {name: www, labels: {app: nginx}}
    spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}
";

/// Runs a line of words, some of them in quotes; `kubectl` is the first.
pub(crate) fn run(cluster: &mut Cluster, workspace: &mut Workspace, line: &str) -> Answer {
    let (mut words, mut quote, mut between) = (Vec::<String>::new(), None, true);
    for letter in line.chars() {
        if letter == ' ' && quote.is_none() {
            between = true;
            continue;
        }
        if std::mem::take(&mut between) {
            words.push(String::new());
        }
        match letter {
            '\'' | '"' if quote.is_none() => quote = Some(letter),
            letter if quote == Some(letter) => quote = None,
            letter => words.last_mut().expect("there is one").push(letter),
        }
    }
    let words = words.into_iter().skip(1).collect();
    kubectl::run(cluster, workspace, words, None)
}

/// A cluster and a person.
#[derive(Clone)]
pub(crate) struct Kit {
    pub(crate) cluster: Cluster,
    pub(crate) workspace: Workspace,
}

impl Kit {
    /// The page's cluster, with `web.yaml` beside it.
    pub(crate) fn new() -> Self {
        let mut workspace = Workspace::default();
        workspace.files.insert("web.yaml".into(), WEB.into());
        Self {
            cluster: Cluster::new(Config::page(1)),
            workspace,
        }
    }

    /// The same with the set applied a minute ago.
    pub(crate) fn with_web() -> Self {
        let mut kit = Self::new();
        assert_eq!(kit.run("kubectl apply -f web.yaml").output.exit, 0);
        kit.cluster.run_for(60_000);
        kit
    }

    /// Runs a line.
    pub(crate) fn run(&mut self, line: &str) -> Answer {
        run(&mut self.cluster, &mut self.workspace, line)
    }

    /// What a line prints at once.
    pub(crate) fn says(&mut self, line: &str) -> String {
        said(&self.run(line).output)
    }

    /// What a line prints until it ends, or until so many seconds have passed.
    pub(crate) fn waits(&mut self, line: &str, seconds: i64) -> String {
        let mut answer = self.run(line);
        let until = self.cluster.now().plus_s(seconds);
        while let Some(wait) = &mut answer.wait
            && self.cluster.now() < until
        {
            let tick = self.cluster.now().plus_ms(100);
            let due = wait.due().filter(|due| *due < tick);
            self.pass_until(due.unwrap_or(tick).min(until));
            if wait.poll(&mut self.cluster, &mut answer.output) {
                answer.wait = None;
            }
        }
        let waits = answer.wait.as_ref().map_or("", |_: &Wait| "[waits]\n");
        format!("{}{waits}", said(&answer.output))
    }

    fn pass_until(&mut self, time: Time) {
        let ms = time.ms_since(self.cluster.now());
        self.cluster.run_for(ms.max(0));
    }
}

/// Both streams, and the exit code if it is not 0.
fn said(output: &Output) -> String {
    let exit = match output.exit {
        0 => String::new(),
        code => format!("[exit {code}]\n"),
    };
    format!("{}{}{exit}", output.stdout, output.stderr)
}
