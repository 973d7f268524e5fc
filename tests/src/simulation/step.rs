//! What may happen in a history.

/// One step.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Step {
    /// A teacher opens a lesson.
    Open {
        /// Which device.
        phone: u8,
        /// Which lesson.
        lesson: u8,
    },
    /// A teacher ends a lesson.
    End {
        /// Which device.
        phone: u8,
        /// Which lesson.
        lesson: u8,
    },
    /// A teacher marks a child.
    Scan {
        /// Which device.
        phone: u8,
        /// Which lesson.
        lesson: u8,
        /// Which child.
        child: u8,
        /// How.
        how: How,
    },
    /// A parent answers about a visit.
    Answer {
        /// Which device.
        phone: u8,
        /// Which of the visits on it.
        visit: u8,
        /// What.
        was: bool,
    },
    /// The coordinator closes the month.
    CloseMonth,
    /// The coordinator enters a payment notice, of the sum due or of another.
    Pay {
        /// Of the sum due.
        right: bool,
    },
    /// Time goes by.
    Advance {
        /// How much of it.
        minutes: u16,
    },
    /// Time goes by until the month may be closed.
    MonthEnds,
    /// A device's clock is set wrong, or jumps.
    Skew {
        /// Which device.
        phone: u8,
        /// By how much.
        minutes: i32,
    },
    /// A device is switched off and on.
    Reboot {
        /// Which device.
        phone: u8,
    },
    /// Devices sync, at the same time.
    Sync(Sync),
    /// Calls that the network held back arrive at the server; nobody hears the answers.
    Late,
    /// A device dies and is started again.
    Crash {
        /// Which device.
        phone: u8,
        /// What was not written to the end lies behind its last commit.
        torn: bool,
    },
    /// The server dies and is started again.
    CrashServer {
        /// As for a device.
        torn: bool,
    },
    /// The server is stopped and started.
    RestartServer,
    /// A second server is started on the same log, or stopped.
    SecondServer,
    /// A device's files are copied, and the copy goes on beside it.
    Clone {
        /// Which device.
        phone: u8,
    },
    /// A copy of a device's files is kept.
    BackUp {
        /// Which device.
        phone: u8,
    },
    /// The kept copy takes the place of the device's files.
    Restore {
        /// Which device.
        phone: u8,
    },
    /// A copy of the server's files is kept.
    BackUpServer,
    /// The kept copy takes the place of the server's files.
    RestoreServer,
    /// The ledger and the tags are brought up to date.
    Ledger,
    /// The server dies in the middle of that.
    LedgerDies {
        /// After how many polls.
        polls: u8,
        /// As for a device.
        torn: bool,
    },
    /// A device sends events of another one.
    Carry {
        /// Who sends.
        by: u8,
        /// Whose events.
        of: u8,
        /// From which one on; from the one that the server expects next, if none is named.
        from: Option<u8>,
    },
    /// What waits on a device is sealed, and somebody brings it to the server.
    Parcel {
        /// Whose events.
        of: u8,
        /// Only a few of them.
        small: bool,
        /// What goes wrong with the two tries to bring it.
        faults: Vec<Fault>,
    },
    /// A device begins to be a hub for those around it, or stops.
    Hub {
        /// Which device.
        phone: u8,
    },
    /// Devices visit a hub at the same time.
    Visit(Visit),
    /// Somebody takes files from the folder of a device that carries for others.
    Rob {
        /// Which device.
        phone: u8,
        /// Which of the files; all of them, if none is named.
        file: Option<u8>,
        /// The device is started again afterwards.
        restart: bool,
    },
    /// A device writes a file for somebody to carry.
    CarryOut {
        /// Which device.
        phone: u8,
        /// Without what it carries for others.
        own: bool,
    },
    /// A device takes a file that somebody carried.
    CarryIn {
        /// Which device.
        phone: u8,
        /// Which of the files, the newest first.
        file: u8,
        /// What became of it on the way.
        damage: Option<(Damage, u16)>,
        /// After so many operations on its folder the device dies.
        dies: Option<u8>,
    },
    /// The coordinator decides that a device counts no more.
    Revoke {
        /// Which device.
        phone: u8,
    },
    /// The coordinator lets in what was put aside of a device.
    Release {
        /// Which device.
        phone: u8,
        /// All but so many of the last.
        back: u8,
    },
    /// The office decides whether a card counts.
    Card {
        /// Whose.
        child: u8,
        /// It does not.
        revoked: bool,
    },
    /// A device's disk is full, or has room again.
    Disk {
        /// Which device.
        phone: u8,
        /// Full.
        full: bool,
    },
    /// A teacher's device more, which enrols at its first sync.
    NewPhone,
}

/// How a child is marked.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum How {
    /// By the card.
    Card,
    /// By the card, held a moment too long.
    CardTwice,
    /// By a card that somebody else signed.
    WrongCard,
    /// By the code under it.
    Code,
    /// By hand.
    ByHand,
}

/// Devices sync at the same time.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Sync {
    /// Which ones.
    pub phones: Vec<u8>,
    /// What goes wrong on the way.
    pub faults: Vec<Fault>,
    /// After how many polls which of them dies.
    pub crash: Option<(u8, u16)>,
    /// What happens on a screen or in the server meanwhile, after so many polls.
    pub meanwhile: Option<(u16, Box<Step>)>,
    /// Decides whose turn it is.
    pub order: u64,
}

/// Devices visit a hub at the same time, and the hub passes on what it carries.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Visit {
    /// Which device is the hub.
    pub hub: u8,
    /// Who visits it, and what goes wrong: with their calls, and with the hub's.
    pub sync: Sync,
    /// The hub reaches the server meanwhile.
    pub forwards: bool,
    /// After so many operations on its folder the hub dies.
    pub dies: Option<u8>,
}

/// What becomes of a file that is carried.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Damage {
    /// A character is another.
    Flip,
    /// It ends early.
    Cut,
    /// A line is missing.
    Line,
    /// The lines are in another order.
    Order,
}

/// What goes wrong with a call.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Fault {
    /// The call, counted from the beginning of the sync.
    pub call: u8,
    /// What.
    pub kind: FaultKind,
}

/// What may go wrong with a call.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum FaultKind {
    /// The request does not arrive.
    LoseRequest,
    /// The answer does not arrive.
    LoseAnswer,
    /// The request arrives long after the device gave up.
    Delay,
    /// The request arrives twice.
    Twice,
    /// An answer to the same question, from before, arrives.
    OldAnswer,
    /// A byte of the request is another.
    FlipRequest(u16),
    /// A byte of the answer is another.
    FlipAnswer(u16),
    /// The receipts in this and all later answers are of another leaf, path or size.
    FalseReceipts(u16),
    /// The answer ends early.
    CutAnswer(u16),
    /// The connection is cut after so many of the call's polls, and nobody waits for the answer.
    GoAway(u8),
    /// The server dies after so many of the call's polls.
    CrashServer(u8, bool),
    /// The server's disk is full from so many of the call's polls on, until it ends.
    FullDisk(u8),
}
