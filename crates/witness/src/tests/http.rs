//! The protocol over real HTTP, status by status.

use std::sync::Arc;
use std::time::Duration;

use seal::{Hash, SoftwareKey};
use tempfile::TempDir;
use tlog::add_checkpoint::{ADD_CHECKPOINT_BYTES_MAX, AnswerRejection};
use tlog::witness::Witness;
use tlog::{Checkpoint, WitnessAnswer, WitnessKey, sign_note};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use super::{NAME, TestLog, log_key, run, witness_key};
use crate::client::{SubmitError, WitnessClient};
use crate::http::serve;

struct Server {
    _dir: TempDir,
    address: String,
}

async fn start() -> Server {
    let dir = tempfile::tempdir().unwrap();
    let witness = Arc::new(run(dir.path()).unwrap());
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(serve(listener, witness, std::future::pending()));
    Server { _dir: dir, address }
}

/// Gives status, media type and body.
async fn post(server: &Server, body: impl Into<reqwest::Body>) -> (u16, String, String) {
    let url = format!("{}/add-checkpoint", server.address);
    let response = crate::tls::client().build().unwrap().post(url).body(body).send().await.unwrap();
    let media_type = response.headers()["content-type"].to_str().unwrap().to_owned();
    (response.status().as_u16(), media_type, response.text().await.unwrap())
}

const PLAIN: &str = "text/plain; charset=utf-8";

#[tokio::test]
async fn answers_each_status_of_the_standard() {
    let (server, log, forged) = (start().await, TestLog::of(1, 40), TestLog::of(9, 40));
    let (status, media_type, lines) = post(&server, log.request(0, 8).to_string()).await;
    assert_eq!((status, media_type.as_str()), (200, PLAIN));
    assert!(lines.starts_with(&format!("— {NAME} ")) && lines.ends_with('\n'), "{lines}");

    let conflict = post(&server, log.request(0, 20).to_string()).await;
    assert_eq!(conflict, (409, "text/x.tlog.size".into(), "8\n".into()));
    let (status, media_type, _) = post(&server, forged.request(8, 8).to_string()).await;
    assert_eq!((status, media_type.as_str()), (409, PLAIN), "another root has no size to say");

    assert_eq!(post(&server, forged.request(8, 20).to_string()).await.0, 422);
    let mut without = log.request(8, 20);
    without.path.clear();
    assert_eq!(post(&server, without.to_string()).await.0, 422);

    let checkpoint = Checkpoint { origin: "log.example/2025".into(), size: 3, root: Hash([7; 32]) };
    let other = sign_note(&checkpoint, &SoftwareKey::from_seed(&[1; 32])).unwrap();
    assert_eq!(post(&server, format!("old 0\n\n{other}")).await.0, 404);
    let checkpoint = Checkpoint { origin: log_key().name, size: 3, root: Hash([7; 32]) };
    let stranger = sign_note(&checkpoint, &SoftwareKey::from_seed(&[9; 32])).unwrap();
    assert_eq!(post(&server, format!("old 0\n\n{stranger}")).await.0, 403);
    let mut shrunk = log.request(8, 8);
    shrunk.old_size = 9;
    assert_eq!(post(&server, shrunk.to_string()).await.0, 400);

    assert_eq!(post(&server, log.request(8, 20).to_string()).await.0, 200, "it goes on after all");
    assert_eq!(post(&server, log.request(20, 20).to_string()).await.0, 200, "and again");
}

#[tokio::test]
async fn bad_input_is_400_and_never_more() {
    let (server, log) = (start().await, TestLog::of(1, 20));
    let good = log.request(0, 8).to_string();
    for bad in [
        Vec::new(),
        b"old 0".to_vec(),
        b"\xff\xfe\n\n\n".to_vec(),
        good.replace("old 0", "old -1").into_bytes(),
        good.replace("old 0", "old 00").into_bytes(),
        good.replace("old 0", "old 99999999999999999999").into_bytes(),
        good.trim_end().as_bytes().to_vec(),
        [good.as_bytes(), b"\n"].concat(),
        vec![b'a'; ADD_CHECKPOINT_BYTES_MAX + 1],
        vec![b'a'; 4 << 20],
    ] {
        let (status, media_type, detail) = post(&server, bad.clone()).await;
        assert_eq!((status, media_type.as_str()), (400, PLAIN), "{}", bad.len());
        assert!(detail.len() > 10 && detail.ends_with('\n'), "{detail}");
    }
    assert_eq!(post(&server, good).await.0, 200);
    let client = crate::tls::client().build().unwrap();
    let get = client.get(format!("{}/add-checkpoint", server.address)).send().await.unwrap();
    assert_eq!(get.status().as_u16(), 405);
    let elsewhere = client.get(format!("{}/evidence", server.address)).send().await.unwrap();
    assert_eq!(elsewhere.status().as_u16(), 404);
}

#[tokio::test]
async fn body_without_an_end_is_not_waited_for() {
    let server = start().await;
    let host = server.address.trim_start_matches("http://");
    let mut stream = TcpStream::connect(host).await.unwrap();
    let head = "POST /add-checkpoint HTTP/1.1\r\nHost: w\r\nContent-Length: 10000000\r\n\r\n";
    stream.write_all(head.as_bytes()).await.unwrap();
    stream.write_all(&vec![b'a'; 2 * ADD_CHECKPOINT_BYTES_MAX]).await.unwrap();
    let mut answer = [0; 12];
    let read = tokio::time::timeout(Duration::from_secs(5), stream.read_exact(&mut answer));
    read.await.expect("it is answered before it ends").unwrap();
    assert_eq!(&answer, b"HTTP/1.1 400");
}

#[tokio::test]
async fn client_reads_what_the_witness_answers() {
    let (server, log, client) = (start().await, TestLog::of(1, 40), WitnessClient::new().unwrap());
    let ask = async |old, size| {
        let request = log.request(old, size);
        client.submit(&format!("{}/", server.address), &witness_key(), &request).await.unwrap()
    };
    assert!(matches!(ask(0, 8).await, WitnessAnswer::Cosigned(_)));
    assert_eq!(ask(0, 20).await, WitnessAnswer::HasSize(8));
    assert!(matches!(ask(8, 20).await, WitnessAnswer::Cosigned(_)));

    let another = WitnessKey { name: "witness.example/w2".into(), ..witness_key() };
    let refused = client.submit(&server.address, &another, &log.request(20, 20)).await;
    let Err(SubmitError::Answer(AnswerRejection::NotCosigned(_))) = refused else {
        panic!("{refused:?}")
    };
    let nobody = client.submit("http://127.0.0.1:9", &witness_key(), &log.request(0, 8)).await;
    assert!(matches!(nobody, Err(SubmitError::Offline(_))), "{nobody:?}");
}

#[tokio::test]
async fn client_reads_no_endless_answer_and_follows_no_redirect() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let routes = axum::Router::new()
        .route("/long/add-checkpoint", axum::routing::post(async || "x".repeat(1 << 20)))
        .route(
            "/away/add-checkpoint",
            axum::routing::post(async || axum::response::Redirect::temporary("/long")),
        );
    tokio::spawn(async move { axum::serve(listener, routes).await });
    let (log, client) = (TestLog::of(1, 8), WitnessClient::new().unwrap());
    let ask = async |at: &str| {
        client.submit(&format!("{address}/{at}"), &witness_key(), &log.request(0, 8)).await
    };
    assert!(matches!(ask("long").await, Err(SubmitError::TooLong)));
    let Err(SubmitError::Answer(AnswerRejection::Status(307))) = ask("away").await else {
        panic!()
    };
}

/// The witness of a log with two keys takes either.
#[tokio::test]
async fn witness_knows_a_log_by_each_of_its_keys() {
    let dir = tempfile::tempdir().unwrap();
    let mut second = log_key();
    second.key = seal::Signer::public_key(&SoftwareKey::from_seed(&[9; 32]));
    let logs = vec![second, log_key()];
    let witness = Witness { name: NAME.into(), logs };
    let key = SoftwareKey::from_seed(&[2; 32]);
    let witness = crate::RunningWitness::open(dir.path(), witness, key, || 1).unwrap();
    let log = TestLog::of(1, 8);
    assert!(witness.add_checkpoint(log.request(0, 8).to_string().as_bytes()).is_ok());
}
