//! The table: one line an endpoint.

use sync_api::{
    BATCH_MEDIA_TYPE, COMPACT_RECEIPTS_MEDIA_TYPE, COMPACT_VERDICTS_MEDIA_TYPE, COSE_MEDIA_TYPE,
    PACKED_BATCH_MEDIA_TYPE, PARCEL_ANSWER_MEDIA_TYPE, PARCEL_MEDIA_TYPE, ProblemKind,
    ROSTER_PIECE_MEDIA_TYPE, STATUS_DELTA_MEDIA_TYPE, STATUS_LIST_MEDIA_TYPE,
};

use super::schema::Parameter;

/// An endpoint.
pub(super) struct Endpoint {
    pub(super) method: &'static str,
    /// As the router has it.
    pub(super) path: &'static str,
    pub(super) name: &'static str,
    pub(super) summary: &'static str,
    pub(super) who: Who,
    pub(super) parameters: &'static [Parameter],
    pub(super) takes: Body,
    pub(super) gives: Body,
    /// What it may answer besides what every endpoint may.
    pub(super) problems: &'static [ProblemKind],
}

/// Who may ask.
#[derive(Clone, Copy)]
pub(super) enum Who {
    Anybody,
    /// Any device that said hello, also a revoked one.
    Carrier,
    /// A device that said hello, of the role that the summary names.
    Device,
}

/// What a body is.
#[derive(Clone, Copy)]
pub(super) enum Body {
    Nothing,
    /// JSON of this shape.
    Json(&'static str),
    /// JSON of this shape, or other media types for whoever asks for them.
    JsonOr(&'static str, &'static [&'static str]),
    /// Bytes of one of these media types.
    Bytes(&'static [&'static str]),
}

const fn get(
    path: &'static str,
    name: &'static str,
    who: Who,
    gives: Body,
    summary: &'static str,
) -> Endpoint {
    Endpoint {
        method: "get",
        path,
        name,
        summary,
        who,
        parameters: &[],
        takes: Body::Nothing,
        gives,
        problems: &[],
    }
}

impl Endpoint {
    const fn with(self, parameters: &'static [Parameter]) -> Self {
        Self { parameters, ..self }
    }

    const fn or(self, problems: &'static [ProblemKind]) -> Self {
        Self { problems, ..self }
    }

    const fn post(self, takes: Body) -> Self {
        Self { method: "post", takes, ..self }
    }

    const fn put(self, takes: Body) -> Self {
        Self { method: "put", takes, ..self }
    }
}

/// A body is known by its bytes: what a request calls it does not matter.
const ANY_BYTES: &str = "application/octet-stream";
const OBJECT: Body = Body::Json("Answer");
const TEXT: Body = Body::Bytes(&["text/plain; charset=utf-8"]);
const RECEIPTS: Body = Body::Bytes(&[COMPACT_RECEIPTS_MEDIA_TYPE]);
const NOT_FOUND: &[ProblemKind] = &[ProblemKind::NotFound];
const FROM_TO: &[Parameter] = &[Parameter::Position("from"), Parameter::Position("to")];
const MONTH: &[Parameter] = &[Parameter::Month];
const HASH: &[Parameter] = &[Parameter::Hash];
const VERSION: &[Parameter] = &[Parameter::Version];

use Who::{Anybody, Carrier, Device};

pub(super) const ENDPOINTS: &[Endpoint] = &[
    get("/v1/openapi.json", "openapi", Anybody, OBJECT, "This document"),
    get("/v1/enrol", "enrol", Anybody, OBJECT, "Enrols a device with a ticket")
        .post(Body::Json("EnrolRequest"))
        .or(&[ProblemKind::TicketRefused]),
    get("/v1/hello", "hello", Anybody, OBJECT, "Recognises a device, and gives it a token")
        .post(Body::Json("HelloRequest"))
        .or(&[ProblemKind::NotRecognised]),
    get("/v1/ticket", "ticket", Device, OBJECT, "Makes a ticket, for a coordinator's device")
        .post(Body::Json("TicketRequest")),
    get("/v1/delegates", "delegates", Device, OBJECT, "Who brings own children, for a parent"),
    get("/v1/delegate", "delegate", Device, OBJECT, "Makes a delegate's ticket, for a parent")
        .post(Body::Json("DelegateRequest")),
    get(
        "/v1/grants",
        "grants",
        Device,
        OBJECT,
        "Changes a device's groups, for a coordinator's device",
    )
    .post(Body::Json("GrantsRequest")),
    get(
        "/v1/choices",
        "choices",
        Device,
        OBJECT,
        "What a ticket may name, for a coordinator's device",
    ),
    get("/v1/parked", "parked", Device, OBJECT, "Events put aside, for a coordinator's device"),
    get(
        "/v1/batch/{hash}",
        "putBatch",
        Carrier,
        Body::JsonOr("Answer", &[COMPACT_VERDICTS_MEDIA_TYPE]),
        "Takes a batch of events, and says what became of each",
    )
    .put(Body::Bytes(&[BATCH_MEDIA_TYPE, PACKED_BATCH_MEDIA_TYPE, ANY_BYTES]))
    .with(HASH)
    .or(&[ProblemKind::OtherRoster]),
    get(
        "/v1/batch/{hash}/receipt",
        "batchReceipt",
        Anybody,
        Body::JsonOr("Answer", &[COMPACT_RECEIPTS_MEDIA_TYPE]),
        "Receipts of a batch's events",
    )
    .with(HASH)
    .or(NOT_FOUND),
    get(
        "/v1/parcel/{hash}",
        "putParcel",
        Anybody,
        Body::Bytes(&[PARCEL_ANSWER_MEDIA_TYPE]),
        "Takes a sealed parcel from whoever carries it",
    )
    .put(Body::Bytes(&[PARCEL_MEDIA_TYPE, ANY_BYTES]))
    .with(HASH)
    .or(&[ProblemKind::NotRecognised, ProblemKind::OtherRoster]),
    get(
        "/v1/parcel/{hash}/answer",
        "parcelAnswer",
        Anybody,
        Body::Bytes(&[PARCEL_ANSWER_MEDIA_TYPE]),
        "The signed answer to a parcel that was taken",
    )
    .with(HASH)
    .or(NOT_FOUND),
    get(
        "/v1/chain/{from}/{to}",
        "chain",
        Carrier,
        OBJECT,
        "The asking device's events at these positions",
    )
    .with(FROM_TO),
    get(
        "/v1/chain/{from}/{to}/receipt",
        "chainReceipt",
        Carrier,
        RECEIPTS,
        "Receipts of these events",
    )
    .with(FROM_TO)
    .or(NOT_FOUND),
    get(
        "/v1/chain/parked",
        "ownParked",
        Carrier,
        OBJECT,
        "The asking device's events that were put aside",
    ),
    get(
        "/v1/own/{seq}",
        "ownEvents",
        Carrier,
        OBJECT,
        "The asking device's events from a position on",
    )
    .with(&[Parameter::Position("seq")]),
    get("/v1/delta/trust/{from}", "trust", Anybody, OBJECT, "A newer trust list")
        .with(VERSION)
        .or(NOT_FOUND),
    get(
        "/v1/delta/status/{from}",
        "status",
        Anybody,
        Body::Bytes(&[STATUS_LIST_MEDIA_TYPE, STATUS_DELTA_MEDIA_TYPE]),
        "A newer list of revoked cards, or a change that leads to it",
    )
    .with(VERSION)
    .or(NOT_FOUND),
    get(
        "/v1/delta/revocations/{from}",
        "revocations",
        Anybody,
        OBJECT,
        "A newer list of revoked devices",
    )
    .with(VERSION)
    .or(NOT_FOUND),
    get(
        "/v1/delta/roster/{from}",
        "roster",
        Device,
        Body::JsonOr("Answer", &[COSE_MEDIA_TYPE, ROSTER_PIECE_MEDIA_TYPE]),
        "A newer roster of the asking device, or its first piece",
    )
    .with(VERSION)
    .or(NOT_FOUND),
    get(
        "/v1/delta/roster/{from}/{name}/{at}",
        "rosterPiece",
        Device,
        Body::Bytes(&[ROSTER_PIECE_MEDIA_TYPE]),
        "The next piece of a roster that has begun to come",
    )
    .with(&[Parameter::Version, Parameter::Name, Parameter::Bytes("at")])
    .or(NOT_FOUND),
    get("/v1/places", "places", Device, OBJECT, "Places offered to children, for a parent's device"),
    get("/v1/views/{from}", "views", Device, OBJECT, "Who saw children, for a parent's device")
        .with(&[Parameter::Position("from")]),
    get(
        "/v1/delta/visits/{from}",
        "visits",
        Device,
        OBJECT,
        "Visits of children, for a parent's device",
    )
    .with(&[Parameter::Position("from")]),
    get(
        "/v1/delta/confirmations/{from}",
        "confirmations",
        Device,
        OBJECT,
        "What families answered, for a teacher's device",
    )
    .with(&[Parameter::Position("from")]),
    get("/v1/tags/{from}", "tags", Device, OBJECT, "Tags of leaves, for a parent's device")
        .with(&[Parameter::Position("from")])
        .or(NOT_FOUND),
    get(
        "/v1/entry/{leaf}",
        "entry",
        Device,
        OBJECT,
        "A leaf about an own child, for a parent's device",
    )
    .with(&[Parameter::Position("leaf")])
    .or(NOT_FOUND),
    get("/v1/board", "board", Device, OBJECT, "Months and devices, for a coordinator's device"),
    get(
        "/v1/providers",
        "providers",
        Device,
        OBJECT,
        "Where every provider stands, for the district",
    ),
    get("/v1/vouchers/{number}", "voucher", Device, OBJECT, "A voucher as the log tells it")
        .with(&[Parameter::VoucherNumber])
        .or(NOT_FOUND),
    get(
        "/v1/undecided/{month}",
        "undecided",
        Device,
        OBJECT,
        "A month's visits that wait for the district's word",
    )
    .with(MONTH)
    .or(NOT_FOUND),
    get(
        "/v1/what-if/{month}",
        "whatIf",
        Device,
        OBJECT,
        "A month under other rules, side by side; changes nothing",
    )
    .post(Body::Json("Parameters"))
    .with(MONTH)
    .or(NOT_FOUND),
    get(
        "/v1/months/{month}/sheets",
        "sheets",
        Device,
        OBJECT,
        "A month's sheets and acts, and who signed them, for a coordinator's or an administrator's device",
    )
    .with(MONTH)
    .or(NOT_FOUND),
    get("/v1/statement/{month}", "statement", Device, OBJECT, "A closed month's signed tranche")
        .with(MONTH)
        .or(NOT_FOUND),
    get(
        "/v1/registry/{file}",
        "registry",
        Device,
        Body::JsonOr("Answer", &["text/csv; charset=utf-8"]),
        "A closed month's registry for the Treasury",
    )
    .with(&[Parameter::RegistryFile])
    .or(NOT_FOUND),
    get("/v1/bundle/{month}", "bundle", Device, OBJECT, "All that a closed month rests on")
        .with(MONTH)
        .or(NOT_FOUND),
    get(
        "/v1/signals/{month}",
        "signals",
        Device,
        OBJECT,
        "What to look at in a month, with its rows",
    )
    .with(MONTH)
    .or(NOT_FOUND),
    get(
        "/v1/budget/{year}",
        "budget",
        Device,
        OBJECT,
        "A fiscal year's volumes, and where their money is, for a coordinator of the district",
    )
    .with(&[Parameter::Year]),
    get(
        "/v1/admission",
        "admission",
        Device,
        OBJECT,
        "Where providers are in the funnel of admissions, for a coordinator's device",
    ),
    get(
        "/v1/consistency/{from}/{to}",
        "consistency",
        Anybody,
        OBJECT,
        "A proof that the log only grew",
    )
    .with(FROM_TO)
    .or(NOT_FOUND),
    get(
        "/verify",
        "verify",
        Anybody,
        Body::Bytes(&["text/html; charset=utf-8"]),
        "A page for people that says whether a printed sheet or act is what the log signed",
    ),
    get("/v1/checkpoint", "checkpoint", Anybody, TEXT, "The newest signed checkpoint"),
    get(
        "/log/{*path}",
        "publishedFile",
        Anybody,
        Body::Bytes(&["text/plain; charset=utf-8", "application/octet-stream"]),
        "A file of the published log: checkpoint, tile or bundle",
    )
    .with(&[Parameter::LogFile])
    .or(NOT_FOUND),
];
