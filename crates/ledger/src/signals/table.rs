//! The table: each signal's name, rule, thresholds, and what it counts.

macro_rules! signal_table {
    ($($(#[$doc:meta])* $signal:ident, $name:literal, $rule:literal, $counts:literal, [$($threshold:literal),*];)*) => {
        /// An integrity signal. The names never change.
        #[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
        #[non_exhaustive]
        pub enum Signal {
            $($(#[$doc])* $signal,)*
        }

        impl Signal {
            /// All of them, in order.
            pub const ALL: [Self; [$($name),*].len()] = [$(Self::$signal),*];

            /// Names it for machines and people.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self { $(Self::$signal => $name,)* }
            }

            /// Says where the rules ask for it.
            #[must_use]
            pub fn rule(self) -> &'static str {
                match self { $(Self::$signal => $rule,)* }
            }

            /// Says what a row counts, and out of what.
            #[must_use]
            pub fn counts(self) -> &'static str {
                match self { $(Self::$signal => $counts,)* }
            }

            /// Names the thresholds it compares with: ids of dated rules.
            #[must_use]
            pub fn thresholds(self) -> &'static [&'static str] {
                match self { $(Self::$signal => &[$($threshold),*],)* }
            }
        }
    };
}

signal_table! {
    /// Records that came after the deadline.
    LateShare, "late_share", "R10; R1, 14",
        "a group's scans that came after the deadline, of all its scans",
        ["sync_deadline_h", "late_share_max_percent", "share_visits_min"];
    /// Marks of an earlier day.
    PreviousDayShare, "previous_day_share", "R10",
        "a group's scans made on a later day than their lesson's, of all its scans",
        ["previous_day_share_max_percent", "share_visits_min"];
    /// Events outside of lesson hours.
    OutsideHours, "outside_hours", "R10; R1, 5",
        "a lesson's openings, scans and headcounts outside of its hours, of all of them",
        ["outside_events_max", "scan_early_min", "scan_late_min"];
    /// Scans faster than hands.
    ScanBurst, "scan_burst", "R9, 48; R10",
        "scans by one device within the seconds of the rule",
        ["burst_scans_max", "burst_seconds"];
    /// A lesson in one burst, unlike the group's past.
    LessonBurst, "lesson_burst", "R9, 48",
        "children of a lesson that all came in one burst, unlike in the group's past",
        ["lesson_burst_seconds", "lesson_burst_times", "lesson_burst_past_min", "lesson_burst_children_min"];
    /// The same order every day.
    SameOrder, "same_order", "R10",
        "lessons in a row to which the children came in one order, of the group's lessons",
        ["same_order_lessons", "same_order_children_min"];
    /// Nobody is ever absent.
    FullAttendance, "full_attendance", "R9, 48; R10",
        "months running in which a child missed nothing; of a group, the children of whom that is true",
        ["full_attendance_months", "full_attendance_lessons_min"];
    /// A child or card at two places.
    TwoPlaces, "two_places", "R9, 48; R10",
        "minutes between two scans of one child or card at two places",
        ["travel_min"];
    /// A teacher in two rooms.
    TwoRooms, "two_rooms", "R9, 48; R10",
        "minutes for which two lessons of one teacher's device overlap",
        ["rooms_overlap_max_min"];
    /// A guardian's key for unrelated children.
    GuardianForMany, "guardian_for_many", "R10",
        "families for which one key answered in the month",
        ["guardian_families_max"];
    /// Confirmations that are held.
    ProxyConfirm, "proxy_confirm", "R9, 48; R3, 23",
        "confirmations of one device that are held",
        ["families_per_device_max"];
    /// A family that never said anything.
    NeverSigned, "never_signed", "R10",
        "visits of a child whose family has never answered",
        ["unsigned_visits_min"];
    /// A family that has not said for long that the child attends.
    ReconfirmationOld, "reconfirmation_old", "R9, 50",
        "days since the family confirmed a visit or signed a month, or since the contract began",
        ["reconfirm_days"];
    /// Marks by hand of a child.
    ManualShareChild, "manual_share_child", "R9, 48; R10; R1, 10",
        "a child's marks by hand, of its visits",
        ["l0_share_max_percent", "share_visits_min"];
    /// Marks by hand of a group.
    ManualShareGroup, "manual_share_group", "R9, 48; R10; R1, 10",
        "a group's marks by hand, of its visits",
        ["l0_group_share_max_percent", "share_visits_min"];
    /// A group above its capacity.
    OverCapacity, "over_capacity", "R9, 48; R10",
        "children marked, counted or enrolled, and the places of the group",
        ["group_capacity"];
    /// Scans of lessons that are not held.
    NotHeldDay, "not_held_day", "R9, 48",
        "scans of a lesson that is not held",
        ["not_held_scans_max"];
    /// Attendance that fell when an inspection was announced.
    DropAfterInspection, "drop_after_inspection", "R9, 48",
        "by how many per cent a provider's attendance fell after the notice",
        ["inspection_drop_max_percent", "inspection_days", "share_visits_min"];
    /// A silent device, then a bulk.
    BulkAfterSilence, "bulk_after_silence", "R10",
        "events that a device brought at once after a silence",
        ["silent_h", "bulk_events_min", "bulk_within_min"];
    /// Scans that come when the month ends.
    MonthEndSync, "month_end_sync", "R9, 48",
        "a device's earlier scans that came only at the month's end, of all its earlier scans",
        ["month_end_share_max_percent", "month_end_days", "share_visits_min"];
    /// A chain's gap or fork.
    ChainTrouble, "chain_trouble", "R10",
        "events of a device that the server put aside",
        ["aside_events_max"];
    /// A replaced card in use.
    CardAfterReissue, "card_after_reissue", "R10",
        "hours between a newer card of the child in the log and a scan of the old one",
        ["card_grace_h"];
    /// A stopped card in use.
    CardAfterStop, "card_after_stop", "R10",
        "hours between the decision that stopped a card and a scan of it",
        ["card_grace_h"];
    /// Heads and marks differ.
    HeadcountMismatch, "headcount_mismatch", "R9, 49; R10",
        "children by which a headcount differs from the marks at that time, and those marks",
        ["headcount_mismatch_max"];
    /// A drawn lesson without a headcount.
    SpotCheckMissing, "spot_check_missing", "R9, 49",
        "a lesson that was drawn and whose heads nobody counted",
        ["spot_check_per_mille"];
    /// An opening by which nothing can be drawn.
    SpotCheckRoot, "spot_check_root", "R9, 49",
        "an opening whose root draws no lot that can be drawn again",
        [];
}

impl Signal {
    /// Finds a signal by its name.
    #[must_use]
    pub fn find(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|signal| signal.name() == name)
    }
}
