//! The native suite: one binary, one module a topic.

mod day;
mod deployment;
mod dns;
mod faults;
mod marks;
mod messages;
mod nodes;
mod recordings;
mod refusals;
mod script;
mod seeds;
mod starters;
mod storm;
mod support;
mod tidy;
mod transcripts;
mod upstream;
mod volumes;
