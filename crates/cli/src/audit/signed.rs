//! The month's tranche as the log signed it, kept as a digest a line, and compared with lines that come in
//! any order.

use std::collections::BTreeMap;

use attendance::{TrustList, VoucherId};
use ledger::signing::Withheld;
use ledger::{
    DayCode, Month, RegistryDigest, RegistryError, RegistryWriter, Snapshot, Tranche, TrancheLine,
    UnpaidDay, head_difference, line_difference, sums_difference,
};
use seal::{Hash, Sign1View};
use sync_api::TRANCHE_DOMAIN;

use super::AuditFinding;
use super::source::{Held, Stop};
use crate::receipt::checkpoint::log_keys;

/// A signed tranche whose signature holds, and which is in order and in balance.
pub(super) struct SignedTranche {
    pub(super) leaf: u64,
    held: Held,
    pub(super) hash: Hash,
    /// All but its lines.
    pub(super) head: Tranche,
    pub(super) unpaid: Unpaid,
    /// Of each line, in order of the digests, and whether it was computed.
    lines: Vec<(LineDigest, bool)>,
    /// What was computed and is not among them: the first one, by its key.
    stranger: Option<Box<TrancheLine>>,
}

/// The lessons that are not paid.
#[derive(Debug, Default)]
pub(crate) struct Unpaid {
    pub(crate) by_code: BTreeMap<DayCode, usize>,
    /// Each of them, in the tranche's order, if they are asked for.
    pub(crate) days: Vec<(VoucherId, UnpaidDay)>,
}

type LineDigest = [u8; 16];

impl SignedTranche {
    /// Verifies the tranches of a log, in its order, and finds the month's. `lists` asks for unpaid days.
    pub(super) fn find(
        all: Vec<(u64, Held)>,
        (trust, origin, month): (&TrustList, &str, Month),
        lists: bool,
    ) -> Result<Option<Self>, Stop> {
        let mut found = None;
        for (leaf, held) in all {
            let bytes = held.read()?;
            let refused = |why| AuditFinding::Tranche { index: leaf, why };
            let payload = open(&bytes, trust, origin).map_err(refused)?;
            let nothing = |_: TrancheLine, _: &[u8]| {};
            let head = Tranche::read(payload, nothing).map_err(|why| refused(why.to_string()))?;
            if head.month != month {
                continue;
            }
            if found.is_some() {
                return Err(AuditFinding::SecondTranche { month, index: leaf }.into());
            }
            let mut signed = Self {
                leaf,
                hash: seal::sha256(payload),
                head,
                unpaid: Unpaid::default(),
                lines: Vec::new(),
                stranger: None,
                held: Held::Here(Vec::new()),
            };
            let take = |line: TrancheLine, bytes: &[u8]| signed.take(&line, bytes, lists);
            Tranche::read(payload, take).map_err(|why| refused(why.to_string()))?;
            signed.lines.sort_unstable();
            drop(bytes);
            signed.held = held;
            found = Some(signed);
        }
        Ok(found)
    }

    fn take(&mut self, line: &TrancheLine, bytes: &[u8], lists: bool) {
        self.lines.push((digest(bytes), false));
        for day in &line.unpaid {
            *self.unpaid.by_code.entry(day.code).or_default() += 1;
        }
        if lists {
            self.unpaid.days.extend(line.unpaid.iter().map(|day| (line.voucher, *day)));
        }
    }

    /// Looks for a line that was computed.
    pub(super) fn look_for(&mut self, line: TrancheLine) {
        let wanted = digest(&seal::to_canonical(&line));
        match self.lines.binary_search_by_key(&wanted, |(digest, _)| *digest) {
            Ok(at) => self.lines[at].1 = true,
            Err(_) => {
                let first = self.stranger.as_ref().is_none_or(|known| line.key() < known.key());
                if first {
                    self.stranger = Some(Box::new(line));
                }
            }
        }
    }

    /// Says where it first differs from what was computed: `head` is that without its lines, all `computed`
    /// of which were looked for.
    pub(super) fn difference(&self, head: &Tranche, computed: u64) -> Result<Option<String>, Stop> {
        if let Some(first) = head_difference(head, &self.head) {
            return Ok(Some(first));
        }
        let missing = if self.lines.iter().all(|(_, computed)| *computed) {
            None
        } else {
            self.first_not_computed()?
        };
        let line = match (&self.stranger, missing) {
            (None, None) => None,
            (Some(computed), Some(signed)) if computed.key() == signed.key() => {
                line_difference(computed, &signed)
            }
            (Some(computed), signed)
                if signed.as_ref().is_none_or(|one| computed.key() < one.key()) =>
            {
                let voucher = computed.voucher;
                Some(format!("voucher {voucher}: its line was computed, and is not signed"))
            }
            (_, signed) => signed.map(|one| {
                let voucher = one.voucher;
                format!("voucher {voucher}: its line is signed, and was not computed")
            }),
        };
        // A line that was computed twice is found both times.
        let signed = self.lines.len() as u64;
        let count = || {
            (computed != signed)
                .then(|| format!("{computed} lines were computed, {signed} are signed"))
        };
        let other = || (*head != self.head).then(|| "its bytes".to_owned());
        let sums = || sums_difference(head, &self.head);
        Ok(line.or_else(count).or_else(sums).or_else(other))
    }

    fn first_not_computed(&self) -> Result<Option<TrancheLine>, Stop> {
        let mut first = None;
        self.read(|line, bytes| {
            let digest = digest(bytes);
            let at = self.lines.binary_search_by_key(&digest, |(digest, _)| *digest);
            if first.is_none() && at.is_ok_and(|at| !self.lines[at].1) {
                first = Some(line);
            }
        })?;
        Ok(first)
    }

    /// Names the registry's lines: how many there are, and [`ledger::Registry::lines_hash`].
    pub(super) fn registry(
        &self,
        snapshot: &Snapshot,
        withheld: &Withheld,
    ) -> Result<(u64, Hash), Stop> {
        let mut writer = RegistryWriter::of(snapshot, self.head.month, withheld);
        let mut digest = RegistryDigest::of(self.head.month, self.hash);
        let (mut count, mut refused) = (0, None);
        let mut take = |line: Result<_, RegistryError>| match line {
            Ok(None) => {}
            Ok(Some(line)) => {
                digest.take(&line);
                count += 1;
            }
            Err(why) => refused = refused.or(Some(why)),
        };
        self.read(|line, _| take(writer.line(&line)))?;
        for one in self.head.corrections.iter().flatten() {
            take(writer.correction(one));
        }
        match refused {
            Some(why) => Err(AuditFinding::from(why).into()),
            None => Ok((count, digest.finish())),
        }
    }

    /// Reads the whole tranche into memory.
    pub(super) fn whole(&self) -> Result<Tranche, Stop> {
        let mut lines = Vec::with_capacity(self.lines.len());
        self.read(|line, _| lines.push(line))?;
        Ok(Tranche { lines, ..self.head.clone() })
    }

    /// Goes through its lines once more. That it holds is known.
    fn read(&self, take: impl FnMut(TrancheLine, &[u8])) -> Result<(), Stop> {
        let index = self.leaf;
        let bytes = self.held.read()?;
        let refused = |why: String| AuditFinding::Tranche { index, why };
        let sealed = Sign1View::parse(&bytes).map_err(|why| refused(why.to_string()))?;
        let payload = sealed.unverified_payload();
        if seal::sha256(payload) != self.hash {
            return Err(refused("the file changed while it was read".to_owned()).into());
        }
        Tranche::read(payload, take).map_err(|why| refused(why.to_string()))?;
        Ok(())
    }
}

fn open<'b>(bytes: &'b [u8], trust: &TrustList, origin: &str) -> Result<&'b [u8], String> {
    let sealed = Sign1View::parse(bytes).map_err(|error| error.to_string())?;
    log_keys(trust, origin)
        .find_map(|key| sealed.verify(&key, TRANCHE_DOMAIN).ok())
        .ok_or_else(|| "the log did not sign it".to_owned())
}

/// Half of a line's hash: two lines that agree in it are one.
fn digest(line: &[u8]) -> LineDigest {
    let mut half = [0; 16];
    half.copy_from_slice(&seal::sha256(line).0[..16]);
    half
}
