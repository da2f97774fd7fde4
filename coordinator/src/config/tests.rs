use drempel_protocols::log::{Kind, SigningKey};
use ring::{rand::SystemRandom, signature::Ed25519KeyPair};

use super::*;

#[test]
fn the_example_is_valid_and_says_what_the_defaults_are() {
    let config: Config = toml::from_str(EXAMPLE).unwrap();
    assert!(config.problems().is_empty(), "{:?}", config.problems());
    let defaults = LimitsConfig::default();
    assert_eq!(toml::to_string(&config.limits).unwrap(), toml::to_string(&defaults).unwrap());
    let again: Config = toml::from_str(&toml::to_string(&config).unwrap()).unwrap();
    assert_eq!(toml::to_string(&again).unwrap(), toml::to_string(&config).unwrap());
}

#[test]
fn an_unknown_key_is_an_error_with_its_place() {
    let error = toml::from_str::<Config>(&EXAMPLE.replacen("node_seconds", "node_secs", 1)).unwrap_err().to_string();
    assert!(error.contains("node_secs") && error.contains("line"), "{error}");
}

#[test]
fn every_problem_is_reported_with_its_place() {
    let mut config: Config = toml::from_str(EXAMPLE).unwrap();
    config.limits.node_seconds = 0;
    config.analysts.push(config.analysts[0].clone());
    config.analysts[0].oin = None;
    config.analysts[0].token_sha256 = None;
    config.nodes.push(config.nodes[0].clone());
    config.nodes[0].url = "http://node.example".to_owned();
    let pkcs8 = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).unwrap();
    let key = SigningKey::from_pkcs8("drempel/GM0034", Kind::Log, pkcs8.as_ref()).unwrap();
    config.nodes[0].logsleutel = Some(key.public().clone());
    config.nodes[1].logsleutel = Some(key.public().clone());
    config.getuige.seconden = 900;
    let problems = config.problems().join("\n");
    for place in [
        "limits.node_seconds",
        "getuige.seconden",
        "analyst[0]: give",
        "].name: also in analyst[0]",
        "node[0].url",
        "node[0].logsleutel: is not",
        "node[1].logsleutel: also in node[0]",
        "].gemeente",
    ] {
        assert!(problems.contains(place), "{place} not in {problems}");
    }
    config.catalogue.folder = PathBuf::from("does-not-exist");
    let error = config.open().unwrap_err().to_string();
    assert!(error.contains("catalogue: ") && error.contains("node[0].url"), "{error}");
}

#[test]
fn paths_are_relative_to_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("coordinator.toml");
    fs::write(&path, EXAMPLE.replace("/etc/drempel/", "")).unwrap();
    let config = Config::read(&path).unwrap();
    assert_eq!(config.signing_key, folder.path().join("ondertekening.pem"));
}
