//! Results are made once, plans say why, permits are bounded, and a stop is kept to.

use super::*;
use crate::event::Stage;
use crate::store::FolderStore;

const BUCKET: Bucket = Bucket::new("note", 1, "json");

fn machine(mode: Mode, store: &Arc<dyn Store>) -> Machine {
    Machine::new(Arc::clone(store), Events::silent(), Cancel::new(), 2, mode)
}

fn work() -> Work {
    Work { episode: "ep".into(), stage: Stage::Mix, language: None }
}

async fn one(machine: &Machine, value: &'static str) -> Result<(Stored, StageTime), Stop> {
    let manifest = Manifest::new(BUCKET, "ep").input("value", value);
    machine
        .stage(work(), |tracker| async move {
            machine.step(&tracker, manifest, Need::ONE, move || Ok(Made::plain(value.into()).by("fake"))).await
        })
        .await
}

#[tokio::test]
async fn a_result_is_made_once_and_found_afterwards() {
    let store: Arc<dyn Store> = Arc::new(FolderStore::temporary().unwrap());
    let (stored, time) = one(&machine(Mode::Make, &store), "a").await.unwrap();
    assert_eq!((stored.bytes.as_slice(), time.computed, time.reused), (b"a".as_slice(), 1, 0));
    let (stored, time) = one(&machine(Mode::Make, &store), "a").await.unwrap();
    assert_eq!((stored.bytes.as_slice(), time.computed, time.reused), (b"a".as_slice(), 0, 1));
    assert_eq!(time.engines, ["fake"]);
}

#[tokio::test]
async fn a_plan_makes_nothing_and_says_why() {
    let store: Arc<dyn Store> = Arc::new(FolderStore::temporary().unwrap());
    let planner = machine(Mode::Plan, &store);
    assert!(matches!(one(&planner, "a").await, Err(Stop::Planned)));
    assert_eq!(planner.plan()[0].why, ["it was never made"]);
    one(&machine(Mode::Make, &store), "a").await.unwrap();
    let planner = machine(Mode::Plan, &store);
    assert!(matches!(one(&planner, "b").await, Err(Stop::Planned)));
    assert_eq!(planner.plan()[0].why, ["value: a → b"]);
    assert!(store.list(BUCKET).unwrap().len() == 1);
}

#[tokio::test]
async fn after_a_stop_was_asked_for_nothing_new_begins() {
    let store: Arc<dyn Store> = Arc::new(FolderStore::temporary().unwrap());
    let machine = machine(Mode::Make, &store);
    one(&machine, "a").await.unwrap();
    machine.cancel.request();
    assert!(one(&machine, "a").await.is_ok(), "what is there may still be used");
    let Err(Stop::Failed(error)) = one(&machine, "b").await else { panic!("it ran") };
    assert_eq!(error.kind(), crate::error::Kind::Interrupted);
}
