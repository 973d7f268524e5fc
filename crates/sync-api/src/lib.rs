//! The shapes between a device and the server, version 1. Frozen: golden files hold every byte.
//!
//! Absent on purpose: HTTP, storage, and any decision. A shape is parsed here and judged elsewhere.
//! Not there yet: deltas of status lists, signed server time.
//!
//! # Invariants
//! - A batch is named by the SHA-256 of its bytes: same bytes, same answer.
//! - Hashes and ids are lower-case hexadecimal, byte strings are Base64 ([`Base64`]).
//! - Unknown fields in an answer are ignored by clients, so that a server may say more.
//!
//! Start at [`Batch`], then [`BatchResponse`] and [`BatchReceiptResponse`].
#![forbid(unsafe_code)]

mod batch;
mod board;
mod bundle;
mod bytes;
mod chain;
mod consistency;
mod delta;
mod devices;
mod enrol;
mod export;
mod hello;
mod hub;
mod own;
mod parcel;
mod places;
mod problem;
mod receipt;
mod roster;
mod sheets;
mod signals;
mod tags;
mod verdicts;
mod views;

pub use batch::{BATCH_MAX_BYTES, Batch, BatchError, BatchResponse, EventVerdict, VerdictKind};
pub use board::{
    BoardResponse, DeviceResponse, DeviceRevoked, DeviceTold, MonthResponse, MonthStage,
    ParkedResponse, ProviderMonthResponse, SheetResponse, UNDECIDED_MAX, UndecidedListResponse,
    UndecidedResponse, VisitTimesResponse, VolumeResponse,
};
pub use bundle::{
    BUNDLE_FORMAT, Bundle, BundleHead, BundleLeaf, BundlePart, BundleReader, BundleStart,
    BundleTagKeys, BundleWriter,
};
pub use bytes::{Base64, HexHash};
pub use chain::{
    CHAIN_PAGE_EVENTS, ChainEvent, ChainResponse, OwnParkedResponse, ParkedEventResponse,
};
pub use consistency::ConsistencyResponse;
pub use delta::{
    ConfirmationsResponse, RevocationsResponse, RosterResponse, STATUS_DELTA_MEDIA_TYPE,
    STATUS_LIST_MEDIA_TYPE, SeenVisitResponse, StatementResponse, TrustResponse, VisitsResponse,
};
pub use devices::{
    ChildChoice, ChoicesResponse, DelegateRequest, DelegateResponse, DelegatesResponse,
    GrantsRequest, GroupChoice, ParkedListResponse, ProviderChoice, TicketRequest, TicketResponse,
};
pub use enrol::{ENROL_DOMAIN, EnrolClaims, EnrolRequest, EnrolResponse, Ticket, TicketError};
pub use export::{
    DeviceExport, EXPORT_DOMAIN, EXPORT_MAX_BYTES, EXPORT_VERSION, ExportRejection, OpenedLeaf,
    SignedExport,
};
pub use hello::{HELLO_DOMAIN, HelloClaims, HelloRequest, HelloResponse};
pub use hub::{
    HUB_HELLO_DOMAIN, HubAddress, HubAddressError, HubCarriedResponse, HubHelloClaims,
    HubHelloResponse, HubNewsQuery, HubNewsResponse, HubParcelResponse, HubParcelState,
};
pub use own::{OWN_EVENTS_MAX, OwnEventsResponse};
pub use parcel::{PARCEL_ANSWER_MEDIA_TYPE, PARCEL_MEDIA_TYPE};
pub use places::{PlaceResponse, PlacesResponse};
pub use problem::{Problem, ProblemKind};
pub use receipt::{
    BatchReceiptResponse, COMPACT_RECEIPTS_MEDIA_TYPE, CompactReceipts, CompactReceiptsError,
    EVIDENCE_FORMAT, EventReceipt, EvidenceFile, GrowthStep, RECEIPT_FORMAT, ReceiptFile,
    WitnessedLater,
};
pub use roster::{
    ROSTER_MAX_BYTES, ROSTER_PACKED_MAX_BYTES, ROSTER_PIECE_MEDIA_TYPE, RosterPiece,
    RosterPieceError,
};
pub use sheets::{
    PaperResponse, PaperSignatureResponse, RefusedSignatureResponse, SheetDecisionResponse,
    SheetHolderResponse, SheetStandingResponse, SheetsResponse, SupplementaryResponse,
};
pub use signals::{
    BehindResponse, CountedResponse, SIGNAL_BEHIND_MAX, SIGNAL_ROWS_MAX, SignalResponse,
    SignalRowResponse, SignalsResponse, SpotCheckResponse, SpotChecksResponse,
};
pub use tags::{ChildTagKey, EntryResponse, ProvenLeaf, TagsResponse};
pub use verdicts::{COMPACT_VERDICTS_MEDIA_TYPE, CompactVerdicts, CompactVerdictsError};
pub use views::{VIEWS_PAGE, ViewResponse, ViewsResponse};

/// Signatures over snapshots of providers, groups, contracts and parameters, as logged.
pub const SNAPSHOT_DOMAIN: seal::Domain = seal::Domain("qatysu/snapshot/1");

/// Signatures over tranches, as logged.
pub const TRANCHE_DOMAIN: seal::Domain = seal::Domain("qatysu/tranche/1");

/// The media type of a batch.
pub const BATCH_MEDIA_TYPE: &str = "application/cbor";

/// The media type of a packed batch (`attendance::pack`): the same events in a quarter of the bytes. It
/// is named by the SHA-256 of the bytes that are sent, like any batch, and begins with another byte
/// than a [`Batch`], so that the bytes alone say which of the two they are.
pub const PACKED_BATCH_MEDIA_TYPE: &str = "application/vnd.qatysu.packed-batch";

/// The media type of what is signed by itself (`COSE_Sign1`, [RFC 9052 §2]): a roster asked for in this
/// type comes as its bytes.
///
/// [RFC 9052 §2]: https://www.rfc-editor.org/rfc/rfc9052#section-2
pub const COSE_MEDIA_TYPE: &str = "application/cose; cose-type=\"cose-sign1\"";
