//! Parcels over HTTP: what they are is in the crate `carriage`.

/// The media type of a parcel, put to `PUT /v1/parcel/{sha256}`.
pub const PARCEL_MEDIA_TYPE: &str = "application/vnd.qatysu.parcel";

/// The media type of the signed answer to a parcel.
pub const PARCEL_ANSWER_MEDIA_TYPE: &str = "application/vnd.qatysu.parcel-answer";
