//! The trail of a request: it is part of the trace that it says, or of a new one, and the response says of which, also where
//! the question is refused. What is asked and what is answered do not depend on it.

use axum::{extract::Request, middleware::Next, response::Response};
use drempel_protocols::trace::{Traceparent, Trail};

/// Reads the trail of a request, or begins one, and puts it on the response.
pub(super) async fn carried(mut request: Request, next: Next) -> Response {
    let said = Trail::of(request.headers());
    let trail = Trail { traceparent: said.traceparent.or_else(Traceparent::begin), ..said };
    request.extensions_mut().insert(trail);
    let mut response = next.run(request).await;
    trail.put(response.headers_mut());
    response
}
