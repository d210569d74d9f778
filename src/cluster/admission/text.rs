//! Rules for names, labels and ports, with the server's texts (reference 7.1).

/// Longest name that is a DNS label.
const LABEL: usize = 63;
/// Longest name that is a DNS subdomain.
const SUBDOMAIN: usize = 253;

const LABEL_TEXT: &str = "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must \
    start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is \
    '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";
const SUBDOMAIN_TEXT: &str = "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or \
    '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is \
    '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
const LABEL_VALUE_TEXT: &str = "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or \
    '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used \
    for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";
const QUALIFIED_TEXT: &str = "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end \
    with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is \
    '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";
const ENV_TEXT: &str = "a valid environment variable name must consist only of printable ASCII characters other than '='";
const CONFIG_KEY_TEXT: &str = "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. \
    'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')";

/// What is wrong with a name that must be a DNS label.
pub fn label(name: &str) -> Vec<String> {
    let mut faults = Vec::new();
    if name.len() > LABEL {
        faults.push(format!("must be no more than {LABEL} characters"));
    }
    if !is_label(name.as_bytes()) {
        let dotted = !name.is_empty() && name.contains('.') && is_subdomain(name);
        faults.push(if dotted {
            "must not contain dots".to_owned()
        } else {
            LABEL_TEXT.to_owned()
        });
    }
    faults
}

/// What is wrong with a name that must be a DNS subdomain.
pub fn subdomain(name: &str) -> Vec<String> {
    let mut faults = Vec::new();
    if name.len() > SUBDOMAIN {
        faults.push(format!("must be no more than {SUBDOMAIN} characters"));
    }
    if !is_subdomain(name) {
        faults.push(SUBDOMAIN_TEXT.to_owned());
    }
    faults
}

/// What is wrong with the value of a label.
pub fn label_value(value: &str) -> Vec<String> {
    let mut faults = Vec::new();
    if value.len() > LABEL {
        faults.push(format!("must be no more than {LABEL} bytes"));
    }
    if !value.is_empty() && !is_name_part(value) {
        faults.push(LABEL_VALUE_TEXT.to_owned());
    }
    faults
}

/// What is wrong with the key of a label, an annotation or a finalizer.
pub fn qualified(key: &str) -> Vec<String> {
    let mut faults = Vec::new();
    if is_qualified(key) {
        return faults;
    }
    let slash = |text: &str| text.bytes().position(|byte| byte == b'/');
    let (prefix, name) = match slash(key) {
        Some(at) => (key.get(..at), key.get(at + 1..).unwrap_or_default()),
        None => (None, key),
    };
    if slash(name).is_some() {
        return vec![format!(
            "a valid label key must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an \
             alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is \
             '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]') with an optional DNS subdomain prefix and '/' (e.g. \
             'example.com/MyName')"
        )];
    }
    if let Some(prefix) = prefix {
        if prefix.is_empty() {
            faults.push("prefix part must be non-empty".to_owned());
        } else {
            if prefix.len() > SUBDOMAIN {
                faults.push(format!(
                    "prefix part must be no more than {SUBDOMAIN} bytes"
                ));
            }
            if !is_subdomain(prefix) {
                faults.push(format!("prefix part {SUBDOMAIN_TEXT}"));
            }
        }
    }
    if name.is_empty() {
        faults.push("name part must be non-empty".to_owned());
    } else if name.len() > LABEL {
        faults.push(format!("name part must be no more than {LABEL} bytes"));
    }
    if !is_name_part(name) {
        faults.push(QUALIFIED_TEXT.to_owned());
    }
    faults
}

/// What is wrong with the name of a port (`IsValidPortName`).
pub fn port_name(name: &str) -> Vec<String> {
    let mut faults = Vec::new();
    if name.len() > 15 {
        faults.push("must be no more than 15 characters".to_owned());
    }
    let plain =
        |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '-';
    if !name.chars().all(plain) {
        faults.push(
            "must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)".to_owned(),
        );
    }
    if !name.contains(|letter: char| letter.is_ascii_lowercase()) {
        faults.push("must contain at least one letter (a-z)".to_owned());
    }
    if name.contains("--") {
        faults.push("must not contain consecutive hyphens".to_owned());
    }
    if name.starts_with('-') || name.ends_with('-') {
        faults.push("must not begin or end with a hyphen".to_owned());
    }
    faults
}

/// What is wrong with a key of a ConfigMap or a Secret (`IsConfigMapKey`).
pub fn config_key(key: &str) -> Vec<String> {
    let mut faults = Vec::new();
    if key.len() > SUBDOMAIN {
        faults.push(format!("must be no more than {SUBDOMAIN} characters"));
    }
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    if key.is_empty() || !key.bytes().all(fits) {
        faults.push(CONFIG_KEY_TEXT.to_owned());
    }
    match key {
        "." => faults.push("must not be '.'".to_owned()),
        ".." => faults.push("must not be '..'".to_owned()),
        _ if key.starts_with("..") => faults.push("must not start with '..'".to_owned()),
        _ => {}
    }
    faults
}

/// What is wrong with the number of a port.
pub fn port(number: i64) -> Option<&'static str> {
    (!(1..=65_535).contains(&number)).then_some("must be between 1 and 65535, inclusive")
}

/// What is wrong with the name of an environment variable.
pub fn env_name(name: &str) -> Option<&'static str> {
    let printable = |letter: char| (' '..='~').contains(&letter) && letter != '=';
    (!name.chars().all(printable)).then_some(ENV_TEXT)
}

/// Whether a text is an address, of four numbers or of IPv6.
pub fn is_address(text: &str) -> bool {
    let numbers = || text.split('.').map(str::parse::<u8>);
    text.contains(':') || (numbers().count() == 4 && numbers().all(|it| it.is_ok()))
}

/// Small letters and digits.
const LOWER: u8 = 1;
/// Capital letters.
const UPPER: u8 = 2;
/// The hyphen.
const HYPHEN: u8 = 4;
/// What else stands in names of labels: `_` and `.`.
const OTHER: u8 = 8;

/// What each byte is.
const BYTES: [u8; 256] = {
    let mut bytes = [0; 256];
    let mut at = 0;
    while at < 128 {
        bytes[at] = match at as u8 {
            b'a'..=b'z' | b'0'..=b'9' => LOWER,
            b'A'..=b'Z' => UPPER,
            b'-' => HYPHEN,
            b'_' | b'.' => OTHER,
            _ => 0,
        };
        at += 1;
    }
    bytes
};

/// Whether a text is made of these bytes, and begins and ends with those.
fn is_made_of(text: &[u8], inner: u8, outer: u8) -> bool {
    let is = |byte: u8, what: u8| BYTES[usize::from(byte)] & what != 0;
    let ends = text.first().zip(text.last());
    ends.is_some_and(|(first, last)| is(*first, outer) && is(*last, outer))
        && text.iter().all(|byte| is(*byte, inner))
}

fn is_label(name: &[u8]) -> bool {
    is_made_of(name, LOWER | HYPHEN, LOWER)
}

/// Whether all parts of a name are labels.
fn is_subdomain(name: &str) -> bool {
    subdomain_len(name) == Some(name.len())
}

/// How long a text is the name of a subdomain: up to its end or to what stands in none; `None` if it ends as none does.
fn subdomain_len(text: &str) -> Option<usize> {
    let mut before = b'.';
    let mut len = 0;
    for byte in text.bytes() {
        let fits = match BYTES[usize::from(byte)] {
            LOWER => true,
            HYPHEN => before != b'.',
            _ => byte == b'.' && before != b'.' && before != b'-',
        };
        if !fits {
            break;
        }
        before = byte;
        len += 1;
    }
    (before != b'.' && before != b'-').then_some(len)
}

/// Keys that the system's own components write on most objects.
const USUAL: [&str; 12] = [
    "controller-revision-hash",
    "apps.kubernetes.io/pod-index",
    "statefulset.kubernetes.io/pod-name",
    "kubernetes.io/pv-protection",
    "kubernetes.io/pvc-protection",
    "pv.kubernetes.io/bind-completed",
    "pv.kubernetes.io/bound-by-controller",
    "pv.kubernetes.io/provisioned-by",
    "volume.kubernetes.io/selected-node",
    "volume.kubernetes.io/storage-provisioner",
    "volume.beta.kubernetes.io/storage-provisioner",
    "endpoints.kubernetes.io/last-change-trigger-time",
];

/// Whether nothing is wrong with a key, as is the rule.
fn is_qualified(key: &str) -> bool {
    USUAL.contains(&key) || has_form(key)
}

fn has_form(key: &str) -> bool {
    let is_name = |name: &str| name.len() <= LABEL && is_name_part(name);
    match subdomain_len(key).and_then(|len| key.split_at_checked(len)) {
        Some((_, "")) => key.len() <= LABEL,
        Some((prefix, rest)) if rest.starts_with('/') => {
            prefix.len() <= SUBDOMAIN && is_name(&rest[1..])
        }
        _ => is_name(key),
    }
}

fn is_name_part(name: &str) -> bool {
    let all = LOWER | UPPER | HYPHEN | OTHER;
    is_made_of(name.as_bytes(), all, LOWER | UPPER)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_labels() {
        assert!(label("web").is_empty());
        assert_eq!(label("web.v1"), ["must not contain dots"]);
        assert_eq!(label("Web"), [LABEL_TEXT]);
        assert_eq!(label(&"A".repeat(64)).len(), 2);
        assert!(subdomain("pv.example-1").is_empty());
        for name in [
            "", ".", "-", "a.", ".a", "a..b", "a-.b", "a.-b", "a-", "-a", "A", "a_b", "é",
        ] {
            assert_eq!(subdomain(name), [SUBDOMAIN_TEXT], "{name}");
        }
        assert!(label_value("").is_empty());
        assert_eq!(label_value("a b"), [LABEL_VALUE_TEXT]);
        assert_eq!(
            label_value(&"x".repeat(64)),
            ["must be no more than 63 bytes"]
        );
        assert!(qualified("app.kubernetes.io/name").is_empty());
        assert_eq!(qualified("/x"), ["prefix part must be non-empty"]);
        assert_eq!(qualified("a b").len(), 1);
        for (key, faults) in [
            ("", 2),
            ("a", 0),
            ("A_b.c", 0),
            ("a-", 1),
            ("a/b/c", 1),
            ("a./b", 1),
            ("A/b", 1),
            ("a/", 2),
            ("a/-b", 1),
            ("a.b-c/B_d", 0),
        ] {
            assert_eq!(qualified(key).len(), faults, "{key}");
        }
        assert_eq!(qualified(&"x".repeat(64)).len(), 1);
        assert!(USUAL.iter().all(|key| has_form(key)));
        assert!(port_name("http-web").is_empty());
        assert_eq!(
            port_name("8080"),
            ["must contain at least one letter (a-z)"]
        );
        assert_eq!(port(70_000), Some("must be between 1 and 65535, inclusive"));
        assert!(env_name("A=B").is_some());
    }
}
