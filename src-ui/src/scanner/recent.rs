//! A card stays before the camera for a while; it is one scan all the same.

/// Remembers which texts were just seen.
#[derive(Debug, Default)]
pub(crate) struct Recent {
    seen: Vec<(String, f64)>,
}

impl Recent {
    /// True if the text was not in sight within the last three seconds. Being seen again keeps it
    /// in sight, so that a card that is held still is one scan.
    pub(crate) fn is_new(&mut self, text: &str, now_ms: f64) -> bool {
        self.seen.retain(|(_, at)| now_ms - at < QUIET_MS);
        match self.seen.iter_mut().find(|(known, _)| known == text) {
            Some((_, at)) => {
                *at = now_ms;
                false
            }
            None => {
                self.seen.push((text.to_owned(), now_ms));
                true
            }
        }
    }
}

/// How long a text must be out of sight to count again.
const QUIET_MS: f64 = 3_000.0;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn held_card_is_one_scan() {
        let mut recent = Recent::default();
        assert!(recent.is_new("a", 0.0));
        assert!((1..40).all(|frame| !recent.is_new("a", f64::from(frame) * 150.0)));
    }

    #[test]
    fn card_counts_again_after_three_seconds_out_of_sight() {
        let mut recent = Recent::default();
        assert!(recent.is_new("a", 0.0));
        assert!(!recent.is_new("a", 2_999.0));
        assert!(!recent.is_new("a", 5_998.0));
        assert!(recent.is_new("a", 8_998.0));
    }

    #[test]
    fn siblings_in_one_frame_are_two_scans() {
        let mut recent = Recent::default();
        assert!(recent.is_new("a", 0.0));
        assert!(recent.is_new("b", 0.0));
        assert!(!recent.is_new("a", 150.0));
    }
}
