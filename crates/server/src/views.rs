//! Who saw which child, when and why: written before the answer goes, read by the family and the
//! operator.
//!
//! Absent on purpose: names. A row has the device, the child's pseudonym, what was answered and by which
//! permission, and the request's name in the log.

use std::collections::BTreeSet;
use std::path::Path;

use attendance::{Action, ChildId, DeviceId, Duty, Role, Scope, VerifiedCertificate};
use server_store::{AccountId, NewViews, StoredAccount, StoredView, ViewsOf};
use sync_api::{VIEWS_PAGE, ViewResponse, ViewsResponse};

use crate::clock::ServerClock;
use crate::error::ServerError;
use crate::server::{Server, StartError};

/// An answer that names children.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Answered {
    Roster,
    Visits,
    Answers,
    Entry,
    Choices,
    Statement,
    Registry,
    Bundle,
    Voucher,
    Signals,
    Sheets,
}

/// A device, or somebody in the console.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Who<'a> {
    Device(&'a VerifiedCertificate),
    Account(AccountId, Duty),
}

/// Who is shown something, and why it may be.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Viewer<'a> {
    pub(crate) who: Who<'a>,
    pub(crate) action: Action,
    pub(crate) scope: Scope,
    pub(crate) request: u64,
}

impl Answered {
    fn name(self) -> &'static str {
        match self {
            Self::Roster => "roster",
            Self::Visits => "visits",
            Self::Answers => "answers",
            Self::Entry => "entry",
            Self::Choices => "choices",
            Self::Statement => "statement",
            Self::Registry => "registry",
            Self::Bundle => "bundle",
            Self::Voucher => "voucher",
            Self::Signals => "signals",
            Self::Sheets => "sheets",
        }
    }
}

impl Server {
    /// Keeps that an answer names children, each once. An answer goes only after that.
    pub(crate) async fn saw(
        &self,
        viewer: Viewer<'_>,
        what: Answered,
        children: impl IntoIterator<Item = ChildId>,
    ) -> Result<(), ServerError> {
        let children: BTreeSet<ChildId> = children.into_iter().collect();
        if children.is_empty() {
            return Ok(());
        }
        self.put_views(viewer, what, Some(children.into_iter().collect())).await
    }

    /// Keeps that an answer is about every child of the district.
    pub(crate) async fn saw_all(
        &self,
        viewer: Viewer<'_>,
        what: Answered,
    ) -> Result<(), ServerError> {
        self.put_views(viewer, what, None).await
    }

    /// Keeps that the operator was answered about every child of the district.
    pub(crate) async fn operator_saw_all(
        &self,
        action: Action,
        what: Answered,
    ) -> Result<(), ServerError> {
        let views = NewViews {
            at_ms: self.clock.now_ms(),
            device: None,
            account: None,
            role: "operator",
            children: None,
            what: what.name(),
            why: why(action, Duty::Operator.scope(action)),
            request: String::new(),
        };
        Ok(self.store.put_views(views).await?)
    }

    async fn put_views(
        &self,
        viewer: Viewer<'_>,
        what: Answered,
        children: Option<Vec<ChildId>>,
    ) -> Result<(), ServerError> {
        let (device, account, role) = match viewer.who {
            Who::Device(certificate) => {
                let certificate = certificate.certificate();
                (Some(certificate.device), None, role_name(certificate.role))
            }
            Who::Account(account, duty) => (None, Some(account), duty.name()),
        };
        let views = NewViews {
            at_ms: self.clock.now_ms(),
            device,
            account,
            role,
            children,
            what: what.name(),
            why: why(viewer.action, viewer.scope),
            request: format!("{:016x}", viewer.request),
        };
        Ok(self.store.put_views(views).await?)
    }

    /// Gives who saw these children, after a number, a page of it.
    ///
    /// # Errors
    /// [`ServerError`] if storage fails.
    pub(crate) async fn views_of(
        &self,
        children: &[ChildId],
        after: u64,
    ) -> Result<ViewsResponse, ServerError> {
        let of = ViewsOf::Children(children.to_vec());
        let found = self.store.views(of, after, VIEWS_PAGE).await?;
        let next = found.last().map_or(after, |view| view.number);
        let more = found.len() == VIEWS_PAGE as usize;
        let by_person = found.iter().any(|view| view.account.is_some());
        let people = if by_person { self.store.accounts().await? } else { Vec::new() };
        let mut views = Vec::with_capacity(found.len());
        for view in found {
            views.push(self.view_line(view, &people).await?);
        }
        Ok(ViewsResponse { views, next, more })
    }

    /// Says which duty looked and of which provider; never which person of the console it was.
    async fn view_line(
        &self,
        view: StoredView,
        people: &[StoredAccount],
    ) -> Result<ViewResponse, ServerError> {
        let StoredView { number, at_ms, device, role, child, what, why, account, request: _ } =
            view;
        let certificate = match device {
            Some(device) => self.certificate(device).await?,
            None => None,
        };
        let person = people.iter().find(|one| Some(one.account) == account);
        let provider = match certificate {
            Some(certificate) => certificate.certificate().provider,
            None => person.and_then(|one| one.office.provider),
        };
        let snapshots = self.snapshots().await?;
        let providers = &snapshots.newest().snapshot.providers;
        let named = providers.iter().find(|one| Some(one.id) == provider);
        let provider = named.map(|provider| provider.name.clone());
        Ok(ViewResponse { number, at_ms, device, role, provider, child, what, why })
    }
}

/// Whose views an operator asks for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum ViewsAsked {
    /// Who saw this child.
    Child(ChildId),
    /// What this device saw.
    Device(DeviceId),
}

/// Gives an operator who saw which child, after a number, at most `limit`: pseudonyms, no names. That the
/// operator looked is kept too. The server may be running.
///
/// # Errors
/// [`StartError`] if the directory cannot be opened, or storage fails.
pub async fn views(
    data_dir: &Path,
    clock: ServerClock,
    asked: ViewsAsked,
    after: u64,
    limit: u32,
) -> Result<Vec<StoredView>, StartError> {
    let server = Server::open(data_dir, clock).await?;
    let of = match asked {
        ViewsAsked::Child(child) => ViewsOf::Children(vec![child]),
        ViewsAsked::Device(device) => ViewsOf::Device(device),
    };
    let found = server.store.views(of, after, limit).await.map_err(ServerError::from)?;
    let named: BTreeSet<ChildId> = found.iter().filter_map(|view| view.child).collect();
    if !named.is_empty() {
        let action = Action::FollowChild;
        let views = NewViews {
            at_ms: server.clock.now_ms(),
            device: None,
            account: None,
            role: "operator",
            children: Some(named.into_iter().collect()),
            what: "views",
            why: why(action, Duty::Operator.scope(action)),
            request: String::new(),
        };
        server.store.put_views(views).await.map_err(ServerError::from)?;
    }
    Ok(found)
}

fn why(action: Action, scope: Scope) -> String {
    format!("{}: {}", action.name(), scope.name())
}

fn role_name(role: Role) -> &'static str {
    match role {
        Role::Teacher => "teacher",
        Role::Parent => "parent",
        Role::Coordinator => "coordinator",
        Role::ProviderAdmin => "provider_admin",
        Role::Delegate => "delegate",
        Role::Issuer => "issuer_head",
    }
}
