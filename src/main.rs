//! The page's entry.

#[cfg(feature = "web")]
fn main() {
    ordinal::ui::start();
}

#[cfg(not(feature = "web"))]
fn main() {}
