//! Keeps pages of other origins, and names that only look like this machine, away.

use std::net::IpAddr;

use axum::extract::Request;
use axum::http::{HeaderMap, HeaderName, StatusCode, header, uri::Authority};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

/// Refuses requests whose `Host` is not loopback (a rebound name) or whose `Origin` is another page.
pub(crate) async fn own_pages_only(request: Request, next: Next) -> Response {
    let headers = request.headers();
    let Some(host) = text(headers, header::HOST).and_then(loopback_authority) else {
        return refuse("this address answers on loopback only");
    };
    if let Some(origin) = text(headers, header::ORIGIN) {
        let own = origin.strip_prefix("http://").is_some_and(|origin| origin == host.as_str());
        if !own {
            return refuse("commands come from this device's own pages only");
        }
    }
    next.run(request).await
}

fn refuse(why: &'static str) -> Response {
    (StatusCode::FORBIDDEN, why).into_response()
}

fn text(headers: &HeaderMap, name: HeaderName) -> Option<&str> {
    headers.get(name)?.to_str().ok()
}

fn loopback_authority(host: &str) -> Option<Authority> {
    let authority: Authority = host.parse().ok()?;
    let name = authority.host();
    let bare = name.strip_prefix('[').and_then(|name| name.strip_suffix(']')).unwrap_or(name);
    let loopback =
        name == "localhost" || bare.parse::<IpAddr>().is_ok_and(|address| address.is_loopback());
    loopback.then_some(authority)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_loopback_from_names_that_look_like_it() {
        for host in ["127.0.0.1:7001", "localhost:80", "[::1]:9", "127.0.0.5"] {
            assert!(loopback_authority(host).is_some(), "{host}");
        }
        for host in ["localhost.example:80", "10.0.0.1:80", "example.kz", "", "a b"] {
            assert!(loopback_authority(host).is_none(), "{host}");
        }
    }
}
