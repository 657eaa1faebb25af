//! Questions to a store: every outcome, each exactly once, to the shard that asked.

use std::sync::{Arc, Mutex};

use machines::store::{Answer, Ask, Outcome, Store, StoreId};

use super::*;

/// Says that a record of each number is gone, but not of number 13; falls over number 2000.
#[derive(Debug, Default)]
struct Pretence {
    batches: Mutex<Vec<usize>>,
}

impl Store for Pretence {
    fn carry_out(&self, asks: &[Ask]) -> Vec<Outcome> {
        self.batches.lock().unwrap().push(asks.len());
        let number = |ask: &Ask| match ask {
            Ask::Remove { number, .. } => *number,
            other => panic!("{other:?}"),
        };
        asks.iter()
            .map(|ask| match number(ask) {
                13 => Err("full".to_owned()),
                2000 => panic!("a fault of the store"),
                _ => Ok(Answer::Removed(true)),
            })
            .collect()
    }
}

async fn ask(store: Option<Arc<Pretence>>, numbers: impl Iterator<Item = u64>) -> Bench {
    let asks = numbers.map(|number| Output::Store {
        id: StoreId(number),
        ask: Ask::Remove {
            folder: "f".into(),
            number,
        },
    });
    let options = Options {
        store: store.map(|store| store as Arc<dyn Store>),
        ..Options::default()
    };
    let bench = Bench::with(options, asks.collect()).await;
    let mut stream = bench.msrp().await;
    stream.write_all(&send_frame("a1b2c3d4", 1)).await.unwrap();
    bench
}

async fn outcome(bench: &Bench) -> (u64, Outcome) {
    let pick = |input| match input {
        Input::Stored { id, outcome } => Some((id.0, outcome)),
        _ => None,
    };
    bench.saw(pick).await
}

#[tokio::test]
async fn outcomes_come_in_order_and_share_the_disk() {
    let store = Arc::new(Pretence::default());
    let bench = ask(Some(Arc::clone(&store)), 0..1000).await;
    for number in 0..1000 {
        let expected = match number {
            13 => Err("full".to_owned()),
            _ => Ok(Answer::Removed(true)),
        };
        assert_eq!(outcome(&bench).await, (number, expected));
    }
    let batches = store.batches.lock().unwrap().len();
    assert!(batches < 1000, "{batches} batches");
}

#[tokio::test]
async fn a_store_that_breaks_has_an_outcome_too() {
    let bench = ask(Some(Arc::default()), 2000..2001).await;
    let (id, said) = outcome(&bench).await;
    assert_eq!(id, 2000);
    assert!(said.unwrap_err().contains("ended"));
}

#[tokio::test]
async fn without_a_store_and_with_too_many_questions_the_outcome_is_an_error() {
    let bench = ask(None, 0..1).await;
    let (_, said) = outcome(&bench).await;
    assert!(said.unwrap_err().contains("no store"));

    let bench = ask(Some(Arc::default()), 3000..13_000).await;
    let mut refused = 0;
    for _ in 0..10_000 {
        let (_, said) = outcome(&bench).await;
        refused += usize::from(said.is_err());
    }
    assert!((1..10_000).contains(&refused), "{refused} refused");
}
