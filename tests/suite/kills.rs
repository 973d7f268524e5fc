//! The long rounds of `killed.rs`: `cargo xtask kills` runs them, the test command leaves them out.

/// Rounds for each of the two.
const LONG: u32 = 100;

#[tokio::test]
async fn nothing_kept_is_lost_in_two_hundred_rounds() {
    crate::killed::rounds(LONG).await;
}
