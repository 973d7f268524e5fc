//! The static layout of C2SP tlog-tiles, read back by a reader that proves every file.

use system_tests::Town;
use tlog::{SignedNote, TileTree, new_bundles, tiles_of};

use super::scan;

struct File {
    status: u16,
    media_type: String,
    cache: String,
    bytes: Vec<u8>,
}

async fn get(town: &Town, path: &str) -> File {
    let request = system_tests::http_client().get(format!("{}/log/{path}", town.address()));
    let response = request.send().await.expect("the town answers");
    let header = |name: &str| {
        response.headers().get(name).map_or("", |value| value.to_str().expect("ASCII")).to_owned()
    };
    let (media_type, cache) = (header("content-type"), header("cache-control"));
    let status = response.status().as_u16();
    File {
        status,
        media_type,
        cache,
        bytes: response.bytes().await.expect("a whole answer").to_vec(),
    }
}

/// Gives the log more than one full tile.
async fn grown() -> Town {
    let mut town = Town::found().await;
    append(&town, 700).await;
    town.stop_server().await;
    town.start_server().await;
    town
}

/// Appends leaves beside the running server, and gives the size before.
async fn append(town: &Town, count: u32) -> u64 {
    let leaf = |number: u32| server_store::NewLeaf {
        kind: attendance::LeafKind::Tranche,
        salt: [7; 16],
        bytes: number.to_be_bytes().to_vec(),
        event: None,
    };
    let leaves = (0..count).map(leaf).collect();
    let batch = server_store::SequencedBatch { leaves, ..Default::default() };
    // Otherwise the server would tag its first leaves just now.
    town.server().tag_leaves().await.expect("the leaves have tags");
    let store = server_store::Store::open_sqlite(&town.server_dir().join("server.db"))
        .expect("it opens beside the server");
    let size = store.tree_size().await.expect("a size");
    store.append(size, batch).await.expect("nobody else appends");
    size
}

#[tokio::test]
async fn serves_every_tile_of_the_checkpoint_as_the_standard_says() {
    let town = grown().await;
    let note = get(&town, "checkpoint").await;
    assert_eq!((note.status, note.media_type.as_str()), (200, "text/plain; charset=utf-8"));
    assert_eq!(note.cache, "public, max-age=5");
    let note = SignedNote::parse(str::from_utf8(&note.bytes).unwrap()).unwrap();
    let checkpoint = note.verify(&town.server().log_key()).unwrap();
    assert!(checkpoint.size > 700, "{}", checkpoint.size);

    let mut tiles = Vec::new();
    for id in tiles_of(checkpoint.size) {
        let tile = get(&town, &id.to_string()).await;
        assert_eq!((tile.status, tile.media_type.as_str()), (200, "application/octet-stream"));
        assert_eq!(tile.cache.contains("immutable"), id.is_full(), "{id}: {}", tile.cache);
        assert!(tile.cache.contains("max-age"), "{id}");
        tiles.push((id, tile.bytes));
    }
    let tree = TileTree::of(&checkpoint, &tiles).unwrap();
    let mut leaves = Vec::new();
    for id in new_bundles(0, checkpoint.size) {
        let bundle = get(&town, &id.to_string()).await;
        assert_eq!((bundle.status, bundle.media_type.as_str()), (200, "application/octet-stream"));
        leaves.extend(tree.verify_bundle(id, &bundle.bytes).unwrap());
    }
    assert_eq!(leaves.len() as u64, checkpoint.size);
    assert!(leaves.iter().all(|leaf| leaf.len() == 32), "commitments, and nothing else");
}

#[tokio::test]
async fn what_the_log_does_not_have_is_a_problem_document() {
    let town = grown().await;
    for path in [
        "tile/0/003",
        "tile/0/002",
        "tile/0/002.p/255",
        "tile/0/000.p/256",
        "tile/0/000.p/0",
        "tile/0/0",
        "tile/0/x000/000",
        "tile/8/000",
        "tile/-1/000",
        "tile/1/000.p/3",
        "tile/entries/002",
        "tile/entries/900",
        "tile/0/x999/x999/x999/x999/x999/999",
        "tile/entries/x999/x999/x999/x999/x999/x999/999",
        "tile",
        "checkpoint/",
        "checkpoint%00",
        "..%2fserver.db",
        "%2e%2e/keys/log.key",
        "tile/%ff",
    ] {
        let url = format!("{}/log/{path}", town.address());
        let response = system_tests::http_client().get(&url).send().await.unwrap();
        let status = response.status().as_u16();
        assert!([400, 404].contains(&status), "{path}: {status}");
        assert_eq!(response.headers()["content-type"], "application/problem+json", "{path}");
    }
    // Any part of what is there can be had.
    for path in ["tile/0/000", "tile/0/000.p/255", "tile/0/002.p/1", "tile/entries/000.p/7"] {
        assert_eq!(get(&town, path).await.status, 200, "{path}");
    }
}

#[tokio::test]
async fn leaves_without_a_checkpoint_are_not_shown() {
    let town = Town::found().await;
    // As between the commit and the signature.
    let size = append(&town, 1).await;
    for path in [format!("tile/0/000.p/{}", size + 1), format!("tile/entries/000.p/{}", size + 1)] {
        assert_eq!(get(&town, &path).await.status, 404, "{path}");
    }
    assert_eq!(get(&town, &format!("tile/0/000.p/{size}")).await.status, 200);
    // The next commit signs for both.
    let teacher = town.teacher().await;
    scan(&town, &teacher, 1).await;
    assert_eq!(get(&town, &format!("tile/0/000.p/{}", size + 1)).await.status, 200);
}
