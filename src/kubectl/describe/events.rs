//! The events at the end of a description.

use super::{Described, Writer};
use crate::cluster::object::Event;
use crate::cluster::sorted;
use crate::kubectl::print::interval;

impl Described<'_> {
    /// Events about the object, by the time at which they last came.
    pub(super) fn events(&self, out: &mut Writer) {
        let key = self.object.key();
        let uid = &self.object.meta().uid;
        let all = self.cluster.api.store.list::<Event>();
        let all = all.filter(|it| it.is_about(&key) && it.involved.uid == *uid);
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
            out.line(
                1,
                &format!(
                    "{}\t{}\t{}\t{}\t{path}{}",
                    event.speaker.kind,
                    event.reason,
                    interval(event, self.now),
                    event.component(),
                    event.message.trim()
                ),
            );
        }
    }
}
