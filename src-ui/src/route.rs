//! The address after `#`: which page, so that the browser's *back* works.

/// A page of the app.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Route {
    /// What the role starts with: today, visits or months.
    Home,
    /// The scanner of an open lesson.
    Scan(String),
    /// Who belongs to a lesson and who came.
    Roster(String),
    /// The visits that this device recorded.
    Visits,
    /// The codes of the own children, for the door.
    Code,
    /// Who else brings own children.
    Delegates,
    /// What is offered to the own children.
    Places,
    /// The months of the own children.
    Month,
    /// The devices of the district.
    Devices,
    /// What is carried for other devices.
    Collect,
    /// What waits to be sent.
    Sync,
    /// What was said that does not hold.
    Alarms,
    /// The proof of one event.
    Proof(String),
}

impl Route {
    /// Reads `#/scan/3f…`; what is not known leads home.
    pub(crate) fn parse(hash: &str) -> Self {
        let path = hash.trim_start_matches('#').trim_matches('/');
        match path.split_once('/').unwrap_or((path, "")) {
            ("scan", lesson) if is_id(lesson) => Self::Scan(lesson.to_owned()),
            ("roster", lesson) if is_id(lesson) => Self::Roster(lesson.to_owned()),
            ("proof", event) if is_id(event) => Self::Proof(event.to_owned()),
            ("visits", "") => Self::Visits,
            ("code", "") => Self::Code,
            ("delegates", "") => Self::Delegates,
            ("places", "") => Self::Places,
            ("month", "") => Self::Month,
            ("devices", "") => Self::Devices,
            ("collect", "") => Self::Collect,
            ("sync", "") => Self::Sync,
            ("alarms", "") => Self::Alarms,
            _ => Self::Home,
        }
    }

    /// Writes the address for a link.
    pub(crate) fn href(&self) -> String {
        match self {
            Self::Home => "#/".to_owned(),
            Self::Scan(lesson) => format!("#/scan/{lesson}"),
            Self::Roster(lesson) => format!("#/roster/{lesson}"),
            Self::Visits => "#/visits".to_owned(),
            Self::Code => "#/code".to_owned(),
            Self::Delegates => "#/delegates".to_owned(),
            Self::Places => "#/places".to_owned(),
            Self::Month => "#/month".to_owned(),
            Self::Devices => "#/devices".to_owned(),
            Self::Collect => "#/collect".to_owned(),
            Self::Sync => "#/sync".to_owned(),
            Self::Alarms => "#/alarms".to_owned(),
            Self::Proof(event) => format!("#/proof/{event}"),
        }
    }
}

fn is_id(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_it_writes() {
        let id = "00ff".to_owned();
        for route in [
            Route::Home,
            Route::Scan(id.clone()),
            Route::Roster(id.clone()),
            Route::Visits,
            Route::Code,
            Route::Delegates,
            Route::Places,
            Route::Month,
            Route::Devices,
            Route::Collect,
            Route::Sync,
            Route::Alarms,
            Route::Proof(id),
        ] {
            assert_eq!(Route::parse(&route.href()), route);
        }
    }

    #[test]
    fn leads_home_from_anywhere_else() {
        for hash in ["", "#", "#/nowhere", "#/scan", "#/scan/", "#/proof/<b>", "#/sync/1"] {
            assert_eq!(Route::parse(hash), Route::Home, "{hash}");
        }
    }
}
