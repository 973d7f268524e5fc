use super::*;

const NOW: u64 = 1_000_000;
const MOST: u64 = u64::MAX;

fn pace() -> Pace {
    Pace::default()
}

fn begun() -> Retry {
    Retry::new(pace(), NOW)
}

fn failed(times: u32, random: u64) -> Retry {
    let unanswered = Happened::Ended(Outcome::Unanswered);
    (0..times).fold(begun(), |retry, _| retry.apply(unanswered, NOW, random))
}

fn wait(retry: Retry) -> u64 {
    retry.plan().at_ms - NOW
}

#[test]
fn first_sync_is_at_once() {
    assert_eq!(begun().plan(), Plan { at_ms: NOW, why: Why::Resumed });
}

#[test]
fn limits_double_up_to_the_cap_and_jitter_is_full() {
    let limits: Vec<u64> = (1..=8).map(|times| wait(failed(times, MOST))).collect();
    assert_eq!(limits, [4_000, 8_000, 16_000, 32_000, 64_000, 128_000, 256_000, 300_000]);
    assert_eq!(wait(failed(200, MOST)), 300_000);
    assert_eq!(wait(failed(5, 0)), 0, "full jitter: from nothing on");
    assert_eq!(wait(failed(3, MOST / 2)), 8_000);
    assert_eq!(failed(1, 0).plan().why, Why::Unanswered);
}

#[test]
fn success_begins_anew() {
    for outcome in [Outcome::Done, Outcome::NothingToDo] {
        let well = failed(7, MOST).apply(Happened::Ended(outcome), NOW, 0);
        assert_eq!(well.plan(), Plan { at_ms: NOW + 48_000, why: Why::Rest });
        assert_eq!(wait(well.apply(Happened::Ended(Outcome::Unanswered), NOW, MOST)), 4_000);
    }
}

#[test]
fn nothing_to_do_rests_longer_each_time_and_news_end_it() {
    let idle = |retry: Retry| retry.apply(Happened::Ended(Outcome::NothingToDo), NOW, 0);
    let mut retry = begun();
    let mut rests = Vec::new();
    for _ in 0..5 {
        retry = idle(retry);
        rests.push(wait(retry));
    }
    assert_eq!(rests, [48_000, 96_000, 192_000, 240_000, 240_000]);
    assert_eq!(wait(retry.apply(Happened::Recorded, NOW, 0)), 1_000);
    let news = retry.apply(Happened::Ended(Outcome::Done), NOW, 0);
    assert_eq!(wait(news), 48_000);
}

#[test]
fn network_screen_and_person_do_not_wait() {
    let online = failed(9, MOST).apply(Happened::Online, NOW, MOST);
    assert_eq!(online.plan(), Plan { at_ms: NOW + 4_000, why: Why::Online });
    assert_eq!(wait(online.apply(Happened::Ended(Outcome::Unanswered), NOW, MOST)), 4_000);
    let resumed = failed(9, MOST).apply(Happened::Resumed, NOW, MOST);
    assert_eq!(resumed.plan(), Plan { at_ms: NOW, why: Why::Resumed });
    let pressed = failed(9, MOST).apply(Happened::Pressed, NOW, MOST);
    assert_eq!(pressed.plan(), Plan { at_ms: NOW, why: Why::Pressed });
    let refused = begun().apply(Happened::Ended(Outcome::Refused), NOW, MOST);
    assert_eq!(wait(refused), 1_080_000);
    assert_eq!(wait(refused.apply(Happened::Resumed, NOW, MOST)), 0, "a refusal is not for ever");
}

#[test]
fn what_happens_never_puts_a_sync_off() {
    let soon = failed(1, 0);
    for happened in [Happened::Online, Happened::Resumed, Happened::Recorded] {
        assert_eq!(soon.apply(happened, NOW, MOST).plan(), soon.plan(), "{happened:?}");
    }
}

#[test]
fn records_gather_and_a_whole_class_begins_anew_after_failures() {
    let rested = begun().apply(Happened::Ended(Outcome::Done), NOW, MOST);
    let one = rested.apply(Happened::Recorded, NOW, MOST);
    assert_eq!(one.plan(), Plan { at_ms: NOW + 1_000, why: Why::Recorded });
    let record = |retry: Retry| retry.apply(Happened::Recorded, NOW, MOST);
    assert_eq!(wait((0..5).fold(rested, |retry, _| record(retry))), 0, "enough for a batch");

    let waiting = failed(9, MOST);
    let four = (0..4).fold(waiting, |retry, _| record(retry));
    assert_eq!(wait(four), 300_000, "one record hurries nothing, the timer runs all the same");
    let five = record(four);
    assert_eq!(five.plan(), Plan { at_ms: NOW + 4_000, why: Why::Recorded });
    assert_eq!(wait(five.apply(Happened::Ended(Outcome::Unanswered), NOW, MOST)), 4_000);
}

#[test]
fn what_is_recorded_while_a_sync_runs_goes_with_the_next_one() {
    let running = begun().apply(Happened::Began, NOW, 0).apply(Happened::Recorded, NOW, 0);
    let ended = running.apply(Happened::Ended(Outcome::Done), NOW, 0);
    assert_eq!(ended.plan(), Plan { at_ms: NOW + 1_000, why: Why::Recorded });
    let before = begun().apply(Happened::Recorded, NOW, 0).apply(Happened::Began, NOW, 0);
    let ended = before.apply(Happened::Ended(Outcome::Done), NOW, 0);
    assert_eq!(ended.plan().why, Why::Rest);
}

#[test]
fn server_that_says_when_is_not_asked_before_except_by_a_person() {
    let busy = Happened::Ended(Outcome::Busy { retry_after_ms: Some(120_000) });
    let busy = begun().apply(busy, NOW, MOST);
    assert_eq!(busy.plan(), Plan { at_ms: NOW + 124_000, why: Why::Busy });
    for happened in [Happened::Online, Happened::Resumed] {
        assert_eq!(wait(busy.apply(happened, NOW, 0)), 120_000, "{happened:?}");
    }
    let class = (0..5).fold(busy, |retry, _| retry.apply(Happened::Recorded, NOW, 0));
    assert_eq!(wait(class), 120_000);
    assert_eq!(wait(busy.apply(Happened::Pressed, NOW, 0)), 0);
    let unsaid = Happened::Ended(Outcome::Busy { retry_after_ms: None });
    assert_eq!(wait(failed(2, MOST).apply(unsaid, NOW, MOST)), 16_000, "then as after a failure");
}

#[test]
fn sync_that_never_ends_is_not_the_end() {
    let running = begun().apply(Happened::Began, NOW, 0);
    assert_eq!(wait(running), 300_000);
    assert_eq!(wait(running.apply(Happened::Resumed, NOW, 0)), 0);
}

#[test]
fn times_stay_in_bounds_at_the_end_of_the_clock() {
    for outcome in [
        Outcome::Done,
        Outcome::Unanswered,
        Outcome::Busy { retry_after_ms: Some(u64::MAX) },
        Outcome::Refused,
    ] {
        let late = Retry::new(pace(), u64::MAX).apply(Happened::Ended(outcome), u64::MAX, MOST);
        assert_eq!(late.plan().at_ms, u64::MAX);
    }
}
