//! Who saw which child.

use attendance::{ChildId, DeviceId};

use super::{DEVICE, OTHER};
use crate::retention::RetentionCut;
use crate::store::Store;
use crate::view::{NewViews, ViewsOf};

const DAY_MS: i64 = 86_400_000;

fn child(number: u16) -> ChildId {
    let mut id = [0xc0; 12];
    id[..2].copy_from_slice(&number.to_be_bytes());
    ChildId(id)
}

fn views(at_ms: i64, device: DeviceId, children: Option<Vec<ChildId>>) -> NewViews {
    NewViews {
        at_ms,
        device: Some(device),
        account: None,
        role: "teacher",
        children,
        what: "roster",
        why: "read_plan: own_groups".to_owned(),
        request: "00000000000000ff".to_owned(),
    }
}

pub(crate) async fn keeps_who_saw_which_child(store: &Store) {
    let group: Vec<ChildId> = (0..200).map(child).collect();
    store.put_views(views(5, DEVICE, Some(group.clone()))).await.unwrap();
    store.put_views(views(6, OTHER, Some(vec![child(3)]))).await.unwrap();
    store.put_views(views(7, OTHER, None)).await.unwrap();
    store.put_views(NewViews { device: None, ..views(8, OTHER, Some(vec![])) }).await.unwrap();

    let of = async |of, after, limit| store.views(of, after, limit).await.unwrap();
    let third = of(ViewsOf::Children(vec![child(3)]), 0, 100).await;
    let seen: Vec<_> = third.iter().map(|view| (view.at_ms, view.device, view.child)).collect();
    let expected = [
        (5, Some(DEVICE), Some(child(3))),
        (6, Some(OTHER), Some(child(3))),
        (7, Some(OTHER), None),
    ];
    assert_eq!(seen, expected);
    assert_eq!((third[0].role.as_str(), third[0].what.as_str()), ("teacher", "roster"));
    assert_eq!((third[0].why.as_str(), third[0].request.len()), ("read_plan: own_groups", 16));
    let page = of(ViewsOf::Children(group), 0, 50).await;
    assert_eq!((page.len(), page[49].number - page[0].number), (50, 49));
    let rest = of(ViewsOf::Device(DEVICE), page[49].number, 1_000).await;
    assert_eq!(rest.len(), 150);
    assert!(of(ViewsOf::Children(vec![child(999)]), third[2].number, 9).await.is_empty());
}

pub(crate) async fn drops_views_after_five_years_and_not_before(store: &Store) {
    let years = 1_826 * DAY_MS;
    for at_ms in [0, 1, years, years + 1] {
        store.put_views(views(at_ms, DEVICE, Some(vec![child(1)]))).await.unwrap();
    }
    // However much is asked for: the newest view is the clock.
    for dropped in [2, 0] {
        let cut = RetentionCut {
            unused_tickets_ms: 0,
            used_tickets_ms: 0,
            batches_before: 0,
            children: vec![],
            views_ms: i64::MAX,
        };
        assert_eq!(store.drop_rows(cut, false).await.unwrap().views, dropped);
    }
    let left = store.views(ViewsOf::Device(DEVICE), 0, 9).await.unwrap();
    assert_eq!(left.iter().map(|view| view.at_ms).collect::<Vec<_>>(), [years, years + 1]);
}
