//! What kubectl prints when something cannot be done (reference 7.1).

use crate::cluster::error::{ApiError, Cause};

/// Why a command, or a part of it, failed. Its `Display` is what kubectl prints.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Fault {
    /// kubectl itself refuses.
    #[error("error: {0}")]
    Client(String),
    /// kubectl prints a text as it is.
    #[error("{0}")]
    Plain(String),
    /// The server refuses.
    #[error("{}", server(.error, .doing))]
    Server {
        /// What it says.
        error: ApiError,
        /// What kubectl was doing, put before the message: `error when creating "web.yaml": `.
        doing: String,
    },
}

/// Nothing is named, by words or by files.
pub(super) const MISSING_RESOURCE: &str = "You must provide one or more resources by argument or filename.\nExample \
    resource specifications include:\n   '-f rsrc.yaml'\n   '--filename=rsrc.json'\n   '<resource> <name>'\n   \
    '<resource>'";

impl Fault {
    /// kubectl itself refuses.
    pub(super) fn client(text: impl Into<String>) -> Self {
        Self::Client(text.into())
    }

    /// The server refuses what kubectl did with a file.
    pub(super) fn with_file(error: ApiError, doing: &str, file: &str) -> Self {
        Self::Server {
            error,
            doing: format!("error when {doing} {file:?}: "),
        }
    }
}

impl From<ApiError> for Fault {
    fn from(error: ApiError) -> Self {
        Self::Server {
            error,
            doing: String::new(),
        }
    }
}

fn server(error: &ApiError, doing: &str) -> String {
    match error {
        // These are printed without what kubectl was doing.
        ApiError::Invalid { kind, name, causes } => {
            format!("The {kind} \"{name}\" is invalid: {}", join(causes))
        }
        ApiError::InvalidPatch(message) => format!("The request is invalid: {message}"),
        ApiError::Internal(message) => format!("Error from server: {doing}{message}"),
        other => format!("Error from server ({}): {doing}{other}", other.reason()),
    }
}

fn join(causes: &[Cause]) -> String {
    match causes {
        // What differs ends with its own line.
        [one] => one.to_string().trim_end_matches('\n').to_owned(),
        many => many.iter().map(|cause| format!("\n* {cause}")).collect(),
    }
}
