//! Who is on the other side of a connection.

use std::net::IpAddr;

use axum::extract::Request;
use axum::http::HeaderMap;

/// The address of the other side of a connection: an extension of each request that came through a
/// [`Hall`](crate::Hall).
#[derive(Clone, Copy, Debug)]
pub struct Peer(pub(crate) IpAddr);

impl Peer {
    /// Gives the address that is counted. Without a connection, as in a simulated network, there is
    /// none, and none where the proxy of this machine does not say for whom it asks: then nobody is
    /// counted, rather than all as one.
    pub fn counted(request: &Request, behind_proxy: bool) -> Option<IpAddr> {
        let Self(peer) = request.extensions().get::<Self>()?;
        if behind_proxy && peer.is_loopback() {
            return forwarded_for(request.headers());
        }
        Some(*peer)
    }
}

/// Reads the last address of `X-Forwarded-For`: the one that the proxy itself saw.
fn forwarded_for(headers: &HeaderMap) -> Option<IpAddr> {
    let last = headers.get_all("x-forwarded-for").iter().next_back()?;
    last.to_str().ok()?.rsplit(',').next()?.trim().parse().ok()
}
