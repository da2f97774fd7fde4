//! Published vectors both ways, and properties of what was made here.

use jiff::Timestamp;
use proptest::prelude::*;
use ring::{rand::SystemRandom, signature::Ed25519KeyPair};

use super::*;

/// The leaves and roots that implementations of RFC 6962 are tested with (certificate-transparency, `merkle_tree_test`).
const LEAVES: [&[u8]; 8] = [
    b"",
    b"\x00",
    b"\x10",
    b"\x20\x21",
    b"\x30\x31",
    b"\x40\x41\x42\x43",
    b"\x50\x51\x52\x53\x54\x55\x56\x57",
    b"\x60\x61\x62\x63\x64\x65\x66\x67\x68\x69\x6a\x6b\x6c\x6d\x6e\x6f",
];
const ROOTS: [&str; 9] = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
];

/// A key, a text and a signature of the tests of Go's `sumdb/note`.
const NEUMANN: &str = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";

fn tree(records: impl IntoIterator<Item = Vec<u8>>) -> Tree {
    let mut tree = Tree::default();
    records.into_iter().for_each(|record| tree.push(TreeHash::of_record(&record)));
    tree
}

fn numbered(many: u64) -> Tree {
    tree((0..many).map(|number| number.to_be_bytes().to_vec()))
}

fn key(name: &str, kind: Kind) -> SigningKey {
    let pkcs8 = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).unwrap();
    SigningKey::from_pkcs8(name, kind, pkcs8.as_ref()).unwrap()
}

fn hex(hash: TreeHash) -> String {
    data_encoding::HEXLOWER.encode(hash.as_bytes())
}

#[test]
fn roots_are_those_of_rfc_6962() {
    let tree = tree(LEAVES.map(<[u8]>::to_vec));
    for (size, root) in (0..).zip(ROOTS) {
        assert_eq!(hex(tree.root(size).unwrap()), root, "{size}");
    }
    assert_eq!(tree.root(9), Err(TreeError::Size));
}

/// The paths of the same tests: a record, the size, and the hashes from the record up.
#[test]
fn paths_are_those_of_rfc_6962() {
    let tree = tree(LEAVES.map(<[u8]>::to_vec));
    let path = |of: Inclusion| of.path.into_iter().map(hex).collect::<Vec<_>>();
    assert_eq!(path(tree.inclusion(0, 1).unwrap()), Vec::<String>::new());
    let of_first = [
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ];
    assert_eq!(path(tree.inclusion(0, 8).unwrap()), of_first);
    let of_third = [ROOTS[2]];
    assert_eq!(path(tree.inclusion(2, 3).unwrap()), of_third);
    let between = tree.consistency(6, 8).unwrap().0.into_iter().map(hex).collect::<Vec<_>>();
    let known = [
        "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ];
    assert_eq!(between, known);
}

#[test]
fn a_key_reads_as_it_is_written_and_no_part_of_it_can_be_another() {
    let neumann: LogKey = NEUMANN.parse().unwrap();
    assert_eq!((neumann.name(), neumann.kind(), neumann.to_string()), ("PeterNeumann", Kind::Log, NEUMANN.to_owned()));
    for (wrong, error) in [
        ("", LogKeyError::Format),
        ("PeterNeumann+c74f20a3", LogKeyError::Format),
        ("PeterNeuman+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW", LogKeyError::Id),
        ("PeterNeumann+c74f20a4+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW", LogKeyError::Id),
        ("PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TA", LogKeyError::Id),
        ("PeterNeumann+c74f20a3+Ahpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW", LogKeyError::Format),
        ("Peter Neumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW", LogKeyError::Name),
        ("+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW", LogKeyError::Name),
    ] {
        assert_eq!(wrong.parse::<LogKey>(), Err(error), "{wrong}");
    }
    let witness = key("witness.example/w1", Kind::Witness);
    let read: LogKey = witness.public().to_string().parse().unwrap();
    assert_eq!(&read, witness.public());
    assert_ne!(key("a", Kind::Log).public(), key("a", Kind::Log).public());
}

/// The signature of Go's test is over another text than a checkpoint: it holds, and the text is none.
#[test]
fn a_note_that_is_no_checkpoint_is_none_however_well_it_is_signed() {
    let note = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n\n\
                \u{2014} PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";
    let neumann: LogKey = NEUMANN.parse().unwrap();
    assert_eq!(SignedCheckpoint::open(note, &neumann), Err(CheckpointError::Malformed));
    let changed = note.replacen("cryptography", "Cryptography", 1);
    assert_eq!(SignedCheckpoint::open(&changed, &neumann), Err(CheckpointError::Signature));
}

#[test]
fn a_checkpoint_is_believed_of_its_log_only() {
    let (log, other) = (key("log.example/a", Kind::Log), key("log.example/a", Kind::Log));
    let root = numbered(5).root(5).unwrap();
    let signed = SignedCheckpoint::sign(5, root, &log).unwrap();
    let text = signed.to_string();
    assert!(text.starts_with(&format!("log.example/a\n5\n{root}\n\n\u{2014} log.example/a ")), "{text}");
    assert_eq!(SignedCheckpoint::open(&text, log.public()).unwrap(), signed);
    assert_eq!(SignedCheckpoint::open(&text, other.public()), Err(CheckpointError::Unsigned));
    let named = key("log.example/b", Kind::Log);
    assert_eq!(SignedCheckpoint::open(&text, named.public()), Err(CheckpointError::Unsigned));
    assert_eq!(SignedCheckpoint::open("", log.public()), Err(CheckpointError::Malformed));
    // A log that signs a checkpoint under the name of another.
    let stolen = text.replacen("log.example/a\n5", "log.example/b\n5", 1);
    assert_eq!(SignedCheckpoint::open(&stolen, log.public()), Err(CheckpointError::Signature));
}

#[test]
fn witnesses_are_known_by_their_keys_and_say_when() {
    let log = key("log.example/a", Kind::Log);
    let [one, two] = ["w.example/1", "w.example/2"].map(|name| key(name, Kind::Witness));
    let at = |second| Timestamp::from_second(second).unwrap();
    let signed = || SignedCheckpoint::sign(5, numbered(5).root(5).unwrap(), &log).unwrap();
    let seen = |witness: &SigningKey, time| {
        let offer = Offer { old: 0, proof: Consistency(Vec::new()), checkpoint: signed() };
        offer.consider(None).unwrap().cosign(witness, time)
    };
    let mut found = seen(&one, at(1_700_000_000)).unwrap();
    let copy = seen(&two, at(1_700_000_060)).unwrap();
    found.join(&copy, &[one.public()]).unwrap();
    assert_eq!(found.witnesses(&[one.public(), two.public()]).unwrap().len(), 1, "of others nothing is taken");
    found.join(&copy, &[two.public()]).unwrap();
    found.join(&copy, &[two.public()]).unwrap();
    let signed = found;
    let read = SignedCheckpoint::open(&signed.to_string(), log.public()).unwrap();
    let keys = [one.public(), two.public(), log.public()];
    let told: Vec<_> = read.witnesses(&keys).unwrap().into_iter().collect();
    assert_eq!(told, [("w.example/1".to_owned(), at(1_700_000_000)), ("w.example/2".to_owned(), at(1_700_000_060))]);
    assert!(read.witnesses(&[log.public()]).unwrap().is_empty(), "a log is no witness");
    let stranger = key("w.example/1", Kind::Witness);
    assert!(read.witnesses(&[stranger.public()]).unwrap().is_empty());
    let other = SignedCheckpoint::sign(6, numbered(6).root(6).unwrap(), &log).unwrap();
    let mut signed = signed;
    assert_eq!(signed.join(&other, &[]), Err(CheckpointError::Origin));
    assert_eq!(seen(&one, at(-1)), Err(CheckpointError::Malformed));
    assert_eq!(seen(&log, at(1)), Err(CheckpointError::Unsigned), "a log is no witness");
    assert_eq!(SignedCheckpoint::sign(0, TreeHash::of_nothing(), &one), Err(CheckpointError::Unsigned));
}

/// What a witness signed at one time is not what it signed at another.
#[test]
fn the_time_of_a_witness_is_signed() {
    let (log, witness) = (key("log.example/a", Kind::Log), key("w.example/1", Kind::Witness));
    let checkpoint = SignedCheckpoint::sign(1, numbered(1).root(1).unwrap(), &log).unwrap();
    let offer = Offer { old: 0, proof: Consistency(Vec::new()), checkpoint };
    let at = Timestamp::from_second(1_700_000_000).unwrap();
    let signed = offer.consider(None).unwrap().cosign(&witness, at).unwrap();
    let text = signed.to_string();
    let line = text.lines().last().unwrap();
    let mut bytes = data_encoding::BASE64.decode(line.rsplit(' ').next().unwrap().as_bytes()).unwrap();
    bytes[11] ^= 1;
    let forged = line.replacen(line.rsplit(' ').next().unwrap(), &data_encoding::BASE64.encode(&bytes), 1);
    let forged = SignedCheckpoint::open(&text.replacen(line, &forged, 1), log.public()).unwrap();
    assert_eq!(forged.witnesses(&[witness.public()]), Err(CheckpointError::Signature));
}

#[test]
fn a_seal_is_of_one_thing_under_one_label_and_key() {
    let (own, other) = (key("drempel/GM0014", Kind::Log), key("drempel/GM0014", Kind::Log));
    let seal = own.seal("standing", &[7; 32]);
    assert!(own.public().sealed("standing", &[7; 32], &seal));
    assert!(!own.public().sealed("stand", &[7; 32], &seal));
    assert!(!own.public().sealed("standing", &[8; 32], &seal));
    assert!(!own.public().sealed("standing", &[7; 32], &seal[..63]));
    assert!(!other.public().sealed("standing", &[7; 32], &seal));
}

#[test]
fn a_proof_is_of_one_record_in_one_log() {
    let log = key("log.example/a", Kind::Log);
    let tree = numbered(100);
    let record = |number: u64| number.to_be_bytes();
    let checkpoint = |size| SignedCheckpoint::sign(size, tree.root(size).unwrap(), &log).unwrap();
    let proof = LogProof { inclusion: tree.inclusion(41, 99).unwrap(), checkpoint: checkpoint(99) };
    let text = proof.to_string();
    assert!(text.starts_with("c2sp.org/tlog-proof@v1\nindex 41\n"), "{text}");
    assert_eq!(LogProof::open(&text, &record(41), log.public()).unwrap(), proof);
    // What an application adds is not looked at.
    let with_more = text.replacen("index", "extra eA==\nindex", 1);
    assert_eq!(LogProof::open(&with_more, &record(41), log.public()).unwrap(), proof);
    assert!(matches!(LogProof::open(&text, &record(42), log.public()), Err(LogProofError::Tree(_))));
    let other = key("log.example/a", Kind::Log);
    assert!(matches!(LogProof::open(&text, &record(41), other.public()), Err(LogProofError::Checkpoint(_))));
    for (from, to) in [("index 41", "index 041"), ("index 41", "index -1"), ("@v1", "@v2"), ("\n\n", "\n")] {
        let wrong = text.replacen(from, to, 1);
        assert_eq!(LogProof::open(&wrong, &record(41), log.public()), Err(LogProofError::Malformed), "{to}");
    }
    let twice = text.replacen("index", "extra eA==\nextra eA==\nindex", 1);
    assert_eq!(LogProof::open(&twice, &record(41), log.public()), Err(LogProofError::Malformed));
    assert_eq!(
        LogProof::open(&text.replacen("index", "extra !\nindex", 1), &record(41), log.public()),
        Err(LogProofError::Malformed)
    );
    // One bit changed, anywhere, is another proof.
    for place in 0..text.len() {
        let mut bytes = text.clone().into_bytes();
        bytes[place] ^= 1;
        let Ok(wrong) = String::from_utf8(bytes) else { continue };
        let opened = LogProof::open(&wrong, &record(41), log.public());
        assert!(opened.is_err(), "{place}: {wrong}");
    }
}

#[test]
fn an_offer_brings_no_signature_but_that_of_its_log() {
    let log = key("log.example/a", Kind::Log);
    let checkpoint = || SignedCheckpoint::sign(1, numbered(1).root(1).unwrap(), &log).unwrap();
    let offer = || Offer { old: 0, proof: Consistency(Vec::new()), checkpoint: checkpoint() };
    let cosigned = offer().consider(None).unwrap().cosign(&key("w.example/1", Kind::Witness), Timestamp::UNIX_EPOCH);
    let more = Offer { checkpoint: cosigned.unwrap(), ..offer() };
    assert_ne!(more, offer());
    assert_eq!(Offer::open(&more.to_string(), log.public()).unwrap(), offer());
}

#[test]
fn a_witness_cosigns_one_history_only() {
    let log = key("log.example/a", Kind::Log);
    let tree = numbered(20);
    let mut forked = numbered(9);
    (9..20).for_each(|_| forked.push(TreeHash::of_record(b"another")));
    let offer = |of: &Tree, old, size| Offer {
        old,
        proof: of.consistency(old, size).unwrap(),
        checkpoint: SignedCheckpoint::sign(size, of.root(size).unwrap(), &log).unwrap(),
    };
    let first = offer(&tree, 0, 10);
    let read = Offer::open(&first.to_string(), log.public()).unwrap();
    assert_eq!(read, first);
    let seen = read.consider(None).unwrap().seen();
    assert_eq!(seen, LogHead { size: 10, root: tree.root(10).unwrap() });
    let consider = |offer: Offer, seen| offer.consider(Some(seen)).map(|witnessed| witnessed.seen());
    assert_eq!(consider(offer(&tree, 10, 10), seen), Ok(seen), "the same again");
    let next = consider(offer(&tree, 10, 20), seen).unwrap();
    assert_eq!(next.size, 20);
    assert_eq!(consider(offer(&tree, 10, 20), next), Err(Unwitnessed::Other(20)));
    assert_eq!(consider(offer(&tree, 0, 20), seen), Err(Unwitnessed::Other(10)));
    assert_eq!(consider(offer(&forked, 10, 10), seen), Err(Unwitnessed::Forked(10)));
    assert_eq!(consider(offer(&forked, 10, 20), seen), Err(Unwitnessed::Unproved));
    let back = Offer { old: 10, ..offer(&tree, 0, 9) };
    assert_eq!(consider(back, seen), Err(Unwitnessed::Smaller));
    // What the witness did not see is nothing that the log fell short of.
    let pretended = Offer { old: 99, ..offer(&tree, 0, 9) };
    assert_eq!(consider(pretended, seen), Err(Unwitnessed::Other(10)));
    // Nothing has one root only.
    let empty = SignedCheckpoint::sign(0, tree.root(5).unwrap(), &log).unwrap().to_string();
    assert_eq!(SignedCheckpoint::open(&empty, log.public()), Err(CheckpointError::Malformed));
    let nothing = (0, tree.root(5).unwrap());
    assert!(Consistency(Vec::new()).verify(nothing, (5, tree.root(5).unwrap())).is_err());
    let unproved = Offer { proof: Consistency(Vec::new()), ..offer(&tree, 10, 20) };
    assert_eq!(consider(unproved, seen), Err(Unwitnessed::Unproved));
    for wrong in ["", "old 1\n", "old x\n\n", "new 1\n\n", "old 01\n\nx"] {
        assert!(Offer::open(wrong, log.public()).is_err(), "{wrong}");
    }
}

/// Whatever is offered as a proof, of whatever size, is only refused.
#[test]
fn no_proof_is_too_long_or_too_large_to_be_refused() {
    let root = numbered(3).root(3).unwrap();
    for length in [0, 1, 2, 63, 64, 65, 1000] {
        let path = vec![root; length];
        for size in [0, 1, 2, 3, 1 << 62, 1 << 63, u64::MAX - 1, u64::MAX] {
            for place in [0, 1, 2, size / 2, size.saturating_sub(1), size] {
                let inclusion = Inclusion { index: place, path: path.clone() };
                assert!(inclusion.verify(TreeHash::of_record(b"x"), size, root).is_err());
                let same = place == size && length == 0;
                let proof = Consistency(path.clone()).verify((place, root), (size, root));
                assert_eq!(proof.is_ok(), same && size > 0, "{place} of {size}, {length}");
                assert!(Tree::default().inclusion(place, size).is_err());
            }
            assert_eq!(numbered(3).record(size).is_some(), size < 3);
            assert_eq!(Tree::restore(size, &[0; 64]).is_some(), size <= 1);
        }
    }
}

proptest! {
    #[test]
    fn every_record_is_proved_in_every_tree_and_nothing_else_is(many in 1u64..70, other in 0u64..70) {
        let tree = numbered(many);
        let root = tree.root(many).unwrap();
        for index in 0..many {
            let proof = tree.inclusion(index, many).unwrap();
            let record = tree.record(index).unwrap();
            prop_assert_eq!(proof.verify(record, many, root), Ok(()));
            if other != index {
                let elsewhere = Inclusion { index: other, ..proof.clone() };
                prop_assert!(elsewhere.verify(record, many, root).is_err());
                let record = TreeHash::of_record(&other.to_be_bytes());
                prop_assert!(proof.verify(record, many, root).is_err());
            }
            for place in 0..proof.path.len() {
                let mut short = proof.clone();
                short.path.remove(place);
                prop_assert!(short.verify(record, many, root).is_err());
            }
        }
        prop_assert_eq!(tree.inclusion(many, many), Err(TreeError::Size));
    }

    #[test]
    fn a_tree_begins_with_each_earlier_one_and_with_no_other(many in 1u64..70, changed in 0u64..70) {
        let tree = numbered(many);
        let mut other = Tree::default();
        for number in 0..many {
            let record = if number == changed { u64::MAX } else { number };
            other.push(TreeHash::of_record(&record.to_be_bytes()));
        }
        let later = (many, tree.root(many).unwrap());
        for size in 0..=many {
            let proof = tree.consistency(size, many).unwrap();
            prop_assert_eq!(proof.verify((size, tree.root(size).unwrap()), later), Ok(()));
            let is_same = size <= changed;
            prop_assert_eq!(proof.verify((size, other.root(size).unwrap()), later).is_ok(), is_same);
        }
    }

    #[test]
    fn a_tree_is_what_was_kept_of_it(first in 0u64..70, more in 0u64..70) {
        let mut tree = numbered(first);
        let mut kept = tree.since(0);
        for number in first..first + more {
            tree.push(TreeHash::of_record(&number.to_be_bytes()));
        }
        kept.extend(tree.since(first));
        prop_assert_eq!([tree.between(0, first), tree.between(first, first + more)].concat(), tree.since(0));
        prop_assert_eq!(tree.between(0, first), numbered(first).since(0));
        prop_assert_eq!(Tree::restore(first + more, &kept).unwrap(), tree);
        prop_assert_eq!(Tree::restore(first, &kept).unwrap(), numbered(first));
        prop_assert!(Tree::restore(first + more + 1, &kept).is_none());
    }
}
