//! What a pod needs to mount the objects as the tree that a build writes: a volume, its mount, and the
//! variables of the wiring.

use super::object::{Kind, Object};
use super::yaml::Node;
use crate::wiring::Wiring;

const VOLUME: &str = "trust";

/// `volumes` of the pod, and `volumeMounts` and `env` of each container, as YAML. All objects are projected
/// into one volume, so that the paths that the wiring names exist under `mounted_at`.
pub fn pod_snippet(objects: &[Object<'_>], mounted_at: &str, wiring: &Wiring) -> String {
    let volume = vec![
        ("name", Node::text(VOLUME)),
        (
            "projected",
            Node::Map(vec![(
                "sources",
                Node::List(objects.iter().map(source).collect()),
            )]),
        ),
    ];
    let mount = vec![
        ("name", Node::text(VOLUME)),
        ("mountPath", Node::text(mounted_at)),
        ("readOnly", Node::Bool(true)),
    ];
    let variables = wiring.all().map(|(name, value)| {
        Node::Map(vec![
            ("name", Node::text(name)),
            ("value", Node::text(value)),
        ])
    });
    Node::Map(vec![
        ("volumes", Node::List(vec![Node::Map(volume)])),
        ("volumeMounts", Node::List(vec![Node::Map(mount)])),
        ("env", Node::List(variables.collect())),
    ])
    .yaml()
}

fn source<'a>(object: &'a Object<'_>) -> Node<'a> {
    let field = match object.kind() {
        Kind::ConfigMap => "configMap",
        Kind::Secret => "secret",
    };
    // The kubelet writes a key to each of its paths.
    let items = object.entries().iter().flat_map(|entry| {
        let item = |path: &&'static str| {
            Node::Map(vec![
                ("key", Node::text(entry.key)),
                ("path", Node::text(*path)),
            ])
        };
        entry.paths.iter().map(item)
    });
    let content = vec![
        ("name", Node::text(object.name())),
        ("items", Node::List(items.collect())),
    ];
    Node::Map(vec![(field, Node::Map(content))])
}
