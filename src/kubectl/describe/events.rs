//! The events at the end of a description.

use super::{Described, Writer};
use crate::cluster::object::Event;
use crate::cluster::sorted;
use crate::cluster::time::Time;
use crate::kubectl::print::human;

impl Described<'_> {
    /// Events about the object, by the time at which they last came.
    pub(super) fn events(&self, out: &mut Writer) {
        let meta = self.object.meta();
        let store = &self.cluster.api.store;
        let all = store.list::<Event>().filter(|it| {
            *it.involved.kind == *self.object.kind().name()
                && it.involved.name == meta.name
                && it.involved.namespace == meta.namespace
                && it.involved.uid == meta.uid
        });
        let mut events: Vec<&Event> = all.collect();
        if events.is_empty() {
            out.line(0, "Events:\t<none>");
            return;
        }
        sorted::sort_by(&mut events, |a, b| a.last.cmp(&b.last));
        out.line(0, "Events:");
        out.line(1, "Type\tReason\tAge\tFrom\tMessage");
        out.line(1, "----\t------\t----\t----\t-------");
        for event in events {
            let path = match &*event.involved.field_path {
                "" => String::new(),
                path => format!("{path}: "),
            };
            let from = match event.source.component.is_empty() {
                true => &event.reporting_component,
                false => &event.source.component,
            };
            out.line(
                1,
                &format!(
                    "{}\t{}\t{}\t{from}\t{path}{}",
                    event.kind,
                    event.reason,
                    self.age(event),
                    event.message.trim()
                ),
            );
        }
    }

    fn age(&self, event: &Event) -> String {
        let told = event.event_time.as_str().and_then(Time::parse);
        let since = |time: Option<Time>| match time {
            Some(time) => human(self.now.ms_since(time)),
            None => "<unknown>".to_owned(),
        };
        let first = event.first.or(told);
        if event.count > 1 {
            format!(
                "{} (x{} over {})",
                since(event.last),
                event.count,
                since(first)
            )
        } else {
            since(first)
        }
    }
}
