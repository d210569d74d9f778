//! What the API server answers to a request that it does not fulfil, in its own words (reference 7.1).

use super::object::{Kind, ObjectKey};
use super::value::{Text, Value};

/// A refusal. Its `Display` is the `message` of the server's Status.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ApiError {
    /// 422: fields that do not fit.
    #[error("{} \"{name}\" is invalid: {}", group_kind(*kind), join(causes))]
    Invalid {
        /// The object's kind.
        kind: Kind,
        /// The object's name.
        name: Text,
        /// What is wrong, a field each.
        causes: Vec<Cause>,
    },
    /// 404.
    #[error("{resource} \"{name}\" not found")]
    NotFound {
        /// The resource, as in `statefulsets.apps`.
        resource: String,
        /// The object's name.
        name: Text,
    },
    /// 409: the name is taken.
    #[error("{resource} \"{name}\" already exists")]
    AlreadyExists {
        /// The resource.
        resource: String,
        /// The object's name.
        name: Text,
    },
    /// 409: somebody else was faster.
    #[error("Operation cannot be fulfilled on {resource} \"{name}\": {why}")]
    Conflict {
        /// The resource.
        resource: String,
        /// The object's name.
        name: Text,
        /// What changed.
        why: String,
    },
    /// 403.
    #[error("{resource} \"{name}\" is forbidden: {why}")]
    Forbidden {
        /// The resource.
        resource: String,
        /// The object's name.
        name: Text,
        /// The rule.
        why: String,
    },
    /// 400.
    #[error("{0}")]
    BadRequest(String),
    /// 422 without an object: a patch that cannot be decoded or applied.
    #[error("{0}")]
    InvalidPatch(String),
    /// 429: a PodDisruptionBudget forbids it for now.
    #[error("{0}")]
    TooManyRequests(&'static str),
    /// 500 with a bare message.
    #[error("{0}")]
    Internal(String),
    /// 404 for something that is not an object, such as the scale of a pod.
    #[error("the server could not find the requested resource")]
    NoSuchResource,
}

/// One field that does not fit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cause {
    /// Where, as in `spec.template.spec.containers[0].image`.
    pub field: String,
    /// What, as in `Required value`.
    pub body: String,
}

impl std::fmt::Display for Cause {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.field, self.body)
    }
}

impl ApiError {
    /// NotFound for an object.
    pub fn not_found(kind: Kind, name: &str) -> Self {
        Self::NotFound {
            resource: kind.resource(),
            name: name.into(),
        }
    }

    /// The usual Conflict: the request was made for an older version.
    pub fn modified(key: &ObjectKey) -> Self {
        let why = "the object has been modified; please apply your changes to the latest version and try again";
        Self::Conflict {
            resource: key.kind.resource(),
            name: key.name.clone(),
            why: why.to_owned(),
        }
    }

    /// Forbidden for an object.
    pub fn forbidden(kind: Kind, name: &str, why: impl Into<String>) -> Self {
        Self::Forbidden {
            resource: kind.resource(),
            name: name.into(),
            why: why.into(),
        }
    }

    /// The reason in one word, as kubectl prints it in brackets.
    pub fn reason(&self) -> &'static str {
        match self {
            Self::Invalid { .. } | Self::InvalidPatch(_) => "Invalid",
            Self::NotFound { .. } | Self::NoSuchResource => "NotFound",
            Self::AlreadyExists { .. } => "AlreadyExists",
            Self::Conflict { .. } => "Conflict",
            Self::Forbidden { .. } => "Forbidden",
            Self::BadRequest(_) => "BadRequest",
            Self::TooManyRequests(_) => "TooManyRequests",
            Self::Internal(_) => "",
        }
    }

    /// Whether the object was not there.
    pub fn is_not_found(&self) -> bool {
        matches!(self, Self::NotFound { .. } | Self::NoSuchResource)
    }
}

/// `StatefulSet.apps`, or `Pod` for the core group.
fn group_kind(kind: Kind) -> String {
    let info = kind.info();
    if info.group.is_empty() {
        info.name.to_owned()
    } else {
        format!("{}.{}", info.name, info.group)
    }
}

fn join(causes: &[Cause]) -> String {
    let texts: Vec<String> = causes.iter().map(ToString::to_string).collect();
    match &*texts {
        [one] => one.clone(),
        many => format!("[{}]", many.join(", ")),
    }
}

/// Collects what is wrong with an object, field by field.
#[derive(Debug, Default)]
pub struct Causes(pub Vec<Cause>);

impl Causes {
    fn push(&mut self, field: &str, body: String) {
        self.0.push(Cause {
            field: field.to_owned(),
            body,
        });
    }

    /// A value is missing.
    pub fn required(&mut self, field: &str, detail: &str) {
        let tail = if detail.is_empty() {
            String::new()
        } else {
            format!(": {detail}")
        };
        self.push(field, format!("Required value{tail}"));
    }

    /// A value does not fit.
    pub fn invalid(&mut self, field: &str, value: &Value, detail: &str) {
        self.invalid_raw(field, &value.to_json_plain(), detail);
    }

    /// A value does not fit, whose text is already made.
    pub fn invalid_raw(&mut self, field: &str, value: &str, detail: &str) {
        let tail = if detail.is_empty() {
            String::new()
        } else {
            format!(": {detail}")
        };
        self.push(field, format!("Invalid value: {value}{tail}"));
    }

    /// A text does not fit.
    pub fn invalid_text(&mut self, field: &str, value: &str, detail: &str) {
        self.invalid_raw(field, &quote(value), detail);
    }

    /// A word is none of those that are known.
    pub fn unsupported(&mut self, field: &str, value: &str, supported: &[&str]) {
        self.unsupported_raw(field, &quote(value), supported);
    }

    /// A value, whose text is already made, is none of those that are known.
    pub fn unsupported_raw(&mut self, field: &str, value: &str, supported: &[&str]) {
        let list: Vec<String> = supported.iter().map(|word| quote(word)).collect();
        let list = list.join(", ");
        self.push(
            field,
            format!("Unsupported value: {value}: supported values: {list}"),
        );
    }

    /// Something that is named is not there.
    pub fn not_found(&mut self, field: &str, value: &str) {
        self.push(field, format!("Not found: {}", quote(value)));
    }

    /// Something is there twice.
    pub fn duplicate(&mut self, field: &str, value: &Value) {
        self.push(field, format!("Duplicate value: {}", value.to_json_plain()));
    }

    /// Something may not be done.
    pub fn forbidden(&mut self, field: &str, detail: &str) {
        self.push(field, format!("Forbidden: {detail}"));
    }

    /// Something is longer than it may be.
    pub fn too_long(&mut self, field: &str, bytes: usize) {
        self.push(
            field,
            format!("Too long: may not be more than {bytes} bytes"),
        );
    }

    /// The refusal, if anything is wrong; a cause that is there twice is said once.
    pub fn into_result(mut self, kind: Kind, name: &str) -> Result<(), ApiError> {
        let mut seen: Vec<Cause> = Vec::new();
        self.0.retain(|cause| {
            let new = !seen.contains(cause);
            if new {
                seen.push(cause.clone());
            }
            new
        });
        if self.0.is_empty() {
            Ok(())
        } else {
            Err(ApiError::Invalid {
                kind,
                name: name.into(),
                causes: self.0,
            })
        }
    }
}

/// A text in quotes, as Go's `%q` writes it.
pub fn quote(text: &str) -> String {
    Value::text(text).to_json_plain()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_the_servers() {
        let mut causes = Causes::default();
        causes.required("spec.selector", "");
        let one = causes.into_result(Kind::StatefulSet, "web").unwrap_err();
        assert_eq!(
            one.to_string(),
            "StatefulSet.apps \"web\" is invalid: spec.selector: Required value"
        );
        let mut causes = Causes::default();
        causes.unsupported("a", "x", &["A", "B"]);
        causes.unsupported("a", "x", &["A", "B"]);
        causes.not_found("b", "data");
        let two = causes.into_result(Kind::Pod, "p").unwrap_err();
        assert_eq!(
            two.to_string(),
            "Pod \"p\" is invalid: [a: Unsupported value: \"x\": supported values: \"A\", \"B\", b: Not found: \"data\"]"
        );
        assert_eq!(
            ApiError::not_found(Kind::StatefulSet, "x").to_string(),
            "statefulsets.apps \"x\" not found"
        );
    }
}
