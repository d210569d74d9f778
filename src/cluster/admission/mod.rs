//! What a request may say: strict decoding, defaults, admission plugins and validation, in the server's own words.

pub mod decode;
pub mod defaults;
mod plugins;
pub mod text;
mod validate;
mod warnings;

pub use defaults::default;
pub use plugins::{admit_create, admit_update, default_class, prepare_create, review_update};
pub use validate::{validate_create, validate_update};
pub use warnings::warnings;
