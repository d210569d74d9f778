//! Random messages to a session, every kind in any order: what a person has written is never lost, a session that was
//! saved comes back as it was, and an instant looks the same whenever one comes to it.
//!
//! `MESSAGES=<seed> cargo test --no-default-features messages` runs one seed alone.

use std::collections::{BTreeMap, BTreeSet};

use ordinal::cluster::object::{Kind, ObjectKey};
use ordinal::cluster::rng::Rng;
use ordinal::scene::Place;
use ordinal::session::{Cascade, Deed, FIRST_MANIFEST, Force, Front as _, Msg, SPEEDS, Session};

/// Seeds of a run of the test.
const RUNS: u64 = 400;
/// Messages of each.
const MESSAGES: usize = 60;

/// Files that are written and opened.
const FILES: &[&str] = &["web.yaml", "other.yaml", "notes.txt"];
/// What is typed; nothing of it writes a file that is in the pane.
const LINES: &[&str] = &[
    "kubectl apply -f web.yaml",
    "kubectl apply -f other.yaml",
    "kubectl get pods -w",
    "kubectl rollout status sts/web",
    "kubectl delete pod web-0",
    "kubectl scale sts web --replicas=4",
    "kubectl exec -it web-0 -- sh",
    "kubectl logs -f web-0",
    "kubectl edit sts web",
    "for i in 1 2 3; do kubectl get pods; sleep 1; done",
    "echo 'unfinished",
    "'",
    "hostname",
    "exit",
    "kubectl frob",
    "cat < nowhere | sort > made.txt &",
];

/// The kind of a message, so that a test can tell whether all were sent.
fn kind(msg: &Msg) -> &'static str {
    match msg {
        Msg::Edit(_) => "Edit",
        Msg::Fix(_) => "Fix",
        Msg::Apply => "Apply",
        Msg::Do(_) => "Do",
        Msg::Start { .. } => "Start",
        Msg::Open(_) => "Open",
        Msg::Run { .. } => "Run",
        Msg::Interrupt(_) => "Interrupt",
        Msg::Select(_) => "Select",
        Msg::Play => "Play",
        Msg::Pause => "Pause",
        Msg::Step => "Step",
        Msg::StepBack => "StepBack",
        Msg::Seek(_) => "Seek",
        Msg::Speed(_) => "Speed",
        Msg::StartAgain => "StartAgain",
        Msg::Undo => "Undo",
        Msg::Tick(_) => "Tick",
        Msg::See => "See",
    }
}

fn pick<T: Clone>(rng: &mut Rng, items: &[T]) -> T {
    rng.pick(items).cloned().expect("there are items")
}

fn number(rng: &mut Rng, below: u64) -> i64 {
    i64::try_from(rng.below(below)).expect("it is small")
}

fn place(rng: &mut Rng, names: &[&str]) -> Place {
    Place {
        namespace: "default".into(),
        name: pick(rng, names).into(),
    }
}

fn deed(rng: &mut Rng) -> Deed {
    let (set, pod) = (place(rng, &["web", "db"]), place(rng, &["web-0", "web-1"]));
    let node = pick(rng, &["node-a", "node-b", "nowhere"]).into();
    match rng.below(10) {
        0 => Deed::Scale(set, pick(rng, &[-1, 1, 2])),
        1 => Deed::DeletePod(pod, pick(rng, &[Force::No, Force::Yes])),
        2 => Deed::DeleteSet(set, pick(rng, &Cascade::ALL)),
        3 => Deed::SetImage {
            set,
            container: "nginx".into(),
            image: pick(rng, &["nginx:1.28", "nginx:nope"]).to_owned(),
        },
        4 => Deed::DeleteClaim(place(rng, &["www-web-0", "www-web-9"])),
        5 => Deed::Cordon(node),
        6 => Deed::Uncordon(node),
        7 => Deed::Drain(node),
        8 => Deed::Silence(node),
        _ => Deed::Revive(node),
    }
}

/// A text that nobody has written before: a manifest, one with a fault that has a fix, or none at all.
fn text(rng: &mut Rng, turn: usize) -> String {
    let manifest = match rng.below(4) {
        0 => FIRST_MANIFEST.replace("replicas: 3", "replicas: 2"),
        1 => FIRST_MANIFEST.replace("replicas:", "replica:"),
        2 => "kind: [\n".to_owned(),
        _ => String::new(),
    };
    format!("# {turn}\n{manifest}")
}

fn message(rng: &mut Rng, session: &Session, turn: usize) -> Msg {
    let terminal = pick(rng, &[1, 2]);
    match rng.below(24) {
        0 | 1 => Msg::Edit(text(rng, turn)),
        2 => Msg::Fix(usize::try_from(rng.below(3)).expect("it is small")),
        3 | 4 => Msg::Apply,
        5 | 6 => Msg::Do(deed(rng)),
        7 => Msg::Start {
            file: pick(rng, FILES).to_owned(),
            text: text(rng, turn),
        },
        8 => Msg::Open(pick(rng, FILES).to_owned()),
        9 | 10 => Msg::Run {
            terminal,
            text: pick(rng, LINES).to_owned(),
        },
        11 => Msg::Interrupt(terminal),
        12 => Msg::Select(pick(
            rng,
            &[None, Some(ObjectKey::new(Kind::Pod, "default", "web-0"))],
        )),
        13 => Msg::Play,
        14 => Msg::Pause,
        15 => Msg::Step,
        16 => Msg::StepBack,
        17 => Msg::Seek(number(rng, session.furthest_ms().unsigned_abs() + 2000)),
        18 => Msg::Speed(pick(rng, SPEEDS)),
        19 if rng.below(3) == 0 => Msg::StartAgain,
        20 if rng.below(2) == 0 => Msg::Undo,
        21 => Msg::See,
        _ => Msg::Tick(number(rng, 300)),
    }
}

/// What a person has written, by file.
#[derive(Debug, Default)]
struct Written(BTreeMap<String, String>);

impl Written {
    /// What a message means for it; before it is sent.
    fn follow(&mut self, msg: &Msg, session: &Session) {
        match msg {
            // `kubectl edit` makes its own file anew.
            Msg::Edit(text) if session.file() != "statefulset-web.yaml" => {
                self.0.insert(session.file().to_owned(), text.clone());
            }
            // A fix is asked for, and so is another text in place of a file's.
            Msg::Fix(_) => {
                self.0.remove(session.file());
            }
            Msg::Start { file, .. } => {
                self.0.remove(file);
            }
            _ => {}
        }
    }

    /// Whether all of it is in the pane or in the file.
    fn check(&self, session: &Session) -> Result<(), String> {
        let files = &session.timeline().workspace().files;
        for (file, text) in &self.0 {
            let now = match file == session.file() {
                true => Some(session.manifest()),
                false => files.get(file).map(String::as_str),
            };
            if now != Some(text) {
                let start = |it: &str| it.chars().take(40).collect::<String>();
                let now = now.map(start);
                return Err(format!("{file} was {:?} and is {now:?}", start(text)));
            }
        }
        Ok(())
    }
}

/// Whether the cluster was run further than what is shown: in the past, and by a step that found nothing.
///
/// Terminals and what commands have printed are as far as it is, and that is not kept in a saved session.
fn is_ahead(session: &Session) -> bool {
    session.timeline().cluster().elapsed_ms() > session.elapsed_ms()
}

/// What a person sees of an instant, each with its name; of the commands with or without what they have printed.
fn seen(session: &Session, printed: bool) -> [(&'static str, String); 5] {
    let scene = session.scene();
    let entries = session.entries().iter().map(|it| match printed {
        true => format!("{it:#?}\n"),
        false => format!("{} {} {}\n", it.number, it.at_ms, it.command),
    });
    [
        ("time", session.elapsed_ms().to_string()),
        ("position", session.position().to_string()),
        ("shelves", format!("{:?}", scene.shelves)),
        ("nodes", format!("{:?}", scene.nodes)),
        ("entries", entries.collect()),
    ]
}

/// What is seen otherwise than it was.
fn compare(
    now: &[(&'static str, String); 5],
    before: &[(&'static str, String); 5],
    when: &str,
) -> Result<(), String> {
    let Some(((name, now), (_, before))) = now.iter().zip(before).find(|(now, was)| now != was)
    else {
        return Ok(());
    };
    let mut lines = now.lines().zip(before.lines());
    let (now, before) = lines.find(|(now, was)| now != was).unwrap_or((now, before));
    Err(format!("{name} after {when} is {now}, was {before}"))
}

fn look_elsewhere(rng: &mut Rng, session: &mut Session) -> Result<(), String> {
    let now_ms = session.elapsed_ms();
    session.update(Msg::Seek(now_ms));
    let before = seen(session, true);
    session.update(Msg::Seek(number(rng, now_ms.unsigned_abs() + 1)));
    session.update(Msg::Seek(now_ms));
    compare(&seen(session, true), &before, "a look back")
}

fn reload(session: &Session) -> Result<(), String> {
    let back = Session::restore(session.save()).map_err(|error| error.to_string())?;
    let is_ahead = is_ahead(session);
    let all = |it: &Session| {
        [
            format!("{} {} {}", it.is_playing(), it.speed(), it.file()),
            format!("{:?}", it.files()),
            it.manifest().to_owned(),
            format!("{:?}", Some(it.prompts()).filter(|_| !is_ahead)),
            it.save().run,
        ]
    };
    let (was, is) = (all(session), all(&back));
    if let Some((was, is)) = was.iter().zip(&is).find(|(was, is)| was != is) {
        return Err(format!("{was:?} came back as {is:?}"));
    }
    let (now, before) = (seen(&back, !is_ahead), seen(session, !is_ahead));
    compare(&now, &before, "a reload")
}

/// Sends the messages of a seed.
fn run(seed: u64, sent: &mut BTreeSet<&'static str>) -> Result<(), String> {
    let mut rng = Rng::new(seed);
    let mut session = Session::default();
    let mut written = Written::default();
    let mut log = Vec::new();
    for turn in 0..MESSAGES {
        let msg = message(&mut rng, &session, turn);
        sent.insert(kind(&msg));
        log.push(format!("{msg:?}").chars().take(100).collect::<String>());
        written.follow(&msg, &session);
        session.update(msg);
        let held = written.check(&session);
        held.map_err(|why| format!("seed {seed}: {why}\n{}", log.join("\n")))?;
    }
    let looked = look_elsewhere(&mut rng, &mut session).and_then(|()| reload(&session));
    looked.map_err(|why| format!("seed {seed}: {why}\n{}", log.join("\n")))
}

#[test]
fn a_session_bears_any_messages() -> Result<(), String> {
    let one = std::env::var("MESSAGES").ok();
    let one = one.and_then(|it| it.parse().ok());
    let seeds = one.map_or(0..RUNS, |seed| seed..seed + 1);
    let mut sent = BTreeSet::new();
    for seed in seeds {
        run(seed, &mut sent)?;
    }
    assert!(one.is_some() || sent.len() == 19, "{sent:?}");
    Ok(())
}
