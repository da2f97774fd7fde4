//! What to tell a person of an error with causes: the one at the bottom.

/// The cause at the bottom: "connection refused" says more than "error sending request", and names no URL.
#[must_use]
pub fn innermost(error: &dyn std::error::Error) -> String {
    let mut cause = error;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    cause.to_string()
}
