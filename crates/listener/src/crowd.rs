//! How many connections there are, and from where.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::neighbourhood::Neighbourhood;

/// Counts connections.
#[derive(Clone, Debug)]
pub(crate) struct Crowd {
    inside: Arc<Mutex<Inside>>,
    all_max: usize,
    each_max: usize,
}

#[derive(Debug, Default)]
struct Inside {
    all: usize,
    from: HashMap<Neighbourhood, usize>,
}

/// A connection's place, given back when it is dropped.
#[derive(Debug)]
pub(crate) struct Place {
    crowd: Crowd,
    from: Option<Neighbourhood>,
}

impl Crowd {
    pub(crate) fn new(all_max: usize, each_max: usize) -> Self {
        Self { inside: Arc::default(), all_max, each_max }
    }

    /// Lets a connection in, if there is room. `None` for an address that many share: a proxy's.
    pub(crate) fn enter(&self, from: Option<IpAddr>) -> Option<Place> {
        let from = from.map(Neighbourhood::from);
        let mut inside = self.inside();
        if inside.all >= self.all_max {
            return None;
        }
        if let Some(from) = from {
            let each = inside.from.entry(from).or_default();
            if *each >= self.each_max {
                return None;
            }
            *each += 1;
        }
        inside.all += 1;
        Some(Place { crowd: self.clone(), from })
    }

    /// Counts the connections.
    pub(crate) fn len(&self) -> usize {
        self.inside().all
    }

    fn inside(&self) -> MutexGuard<'_, Inside> {
        self.inside.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut inside = self.crowd.inside();
        inside.all = inside.all.saturating_sub(1);
        let Some(from) = self.from else { return };
        if let Some(each) = inside.from.get_mut(&from) {
            *each = each.saturating_sub(1);
            if *each == 0 {
                inside.from.remove(&from);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_bounded_and_given_back() {
        let crowd = Crowd::new(3, 2);
        let at = |last| Some(IpAddr::from([127, 0, 0, last]));
        let (first, _second) = (crowd.enter(at(1)), crowd.enter(at(1)));
        assert!(crowd.enter(at(1)).is_none(), "two from one address");
        let _other = crowd.enter(at(2)).expect("another address");
        assert!(crowd.enter(at(3)).is_none() && crowd.enter(None).is_none(), "three in all");
        drop(first);
        assert_eq!(crowd.len(), 2);
        let _again = crowd.enter(at(1)).expect("a place was given back");
    }

    #[test]
    fn neighbours_in_one_ipv6_network_are_one_and_a_mapped_address_is_itself() {
        let same = |one: &str, other: &str| {
            let of = |text: &str| Neighbourhood::from(text.parse::<IpAddr>().unwrap());
            of(one) == of(other)
        };
        assert!(same("2001:db8:1:2::1", "2001:db8:1:2:ffff::9"));
        assert!(!same("2001:db8:1:2::1", "2001:db8:1:3::1"));
        assert!(same("::ffff:192.0.2.7", "192.0.2.7"));
        assert!(!same("192.0.2.7", "192.0.2.8"));
    }
}
