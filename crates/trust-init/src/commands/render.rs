//! `render`: sources in, the stores as Kubernetes objects out; the line without its last write.

use std::io::Write;

use super::build::{password, warn_of_placeholder, wiring};
use super::judged::{Judged, judged};
use crate::args::{Print, RenderPlan};
use crate::error::{Error, Errors};
use crate::kubernetes::{
    self, CLIENT_SIDE_LIMIT, Form, KUBERNETES_LIMIT, Meta, Object, parts, pod,
};
use crate::report::log::Log;
use crate::report::manifest::trust_anchors_hash;
use trust_stores::Timestamp;

/// Judges validity at `--at`, else `now`. Gives the YAML that `plan` asks for.
pub fn run<W: Write>(
    plan: &RenderPlan,
    now: Timestamp,
    log: &mut Log<W>,
) -> Result<String, Errors> {
    let password = password(&plan.stores)?;
    // Not those that a build adds to os/: what is not asked for makes no object.
    let wanted = plan.stores.stores;
    let judged = judged(&plan.sources, &plan.policy, wanted, now, log)?;
    Errors::check(judged.refusals())?;
    log.judgement(&judged.judgement);
    let stores = judged.judgement.stores();
    let mounted_at = &plan.stores.mounted_at;
    let wiring = wiring(
        &plan.stores,
        mounted_at,
        judged.judgement.non_empty_stores(),
        &password,
    );
    warn_of_placeholder(&plan.stores, &password, None, log);
    let form = Form {
        layout: plan.stores.layout,
        java: plan.stores.java_store,
        password: &password,
        // By the option, not by what the image happens to have: the mapping stays.
        is_apart: plan.sources.image.is_some(),
    };
    let meta = meta(plan, &judged);
    let objects: Vec<Object<'_>> = parts(&stores, form, wiring.dotenv())?
        .into_iter()
        .map(|part| Object::new(part, &meta))
        .collect();
    let faults = objects.iter().filter_map(|object| too_large(object, plan));
    Errors::check(faults.collect())?;
    for object in &objects {
        tell(object, log);
    }
    log.total(&judged.judgement, judged.inputs.ca_bundle_hash());
    let pod = pod(&objects, mounted_at, &wiring);
    Ok(match plan.print {
        Print::Objects => kubernetes::stream(&objects, &pod),
        Print::Pod => pod,
    })
}

fn meta(plan: &RenderPlan, judged: &Judged) -> Meta {
    let anchors = judged.judgement.trust_anchors();
    let hashes = [
        ("caBundleHash", judged.inputs.ca_bundle_hash()),
        ("trustAnchorsHash", trust_anchors_hash(&anchors)),
    ];
    let annotations = hashes
        .into_iter()
        .filter_map(|(name, hash)| Some((name, hash?.to_string())));
    Meta {
        kind: plan.kind,
        name: plan.name.clone(),
        namespace: plan.namespace.clone(),
        is_immutable: plan.immutable,
        has_hash_suffix: plan.hash_suffix,
        annotations: annotations.collect(),
    }
}

/// Why `object` cannot be applied, if it cannot.
fn too_large(object: &Object<'_>, plan: &RenderPlan) -> Option<Error> {
    let fault = |message: String| {
        let entries = object.entries().iter().map(|entry| entry.key);
        let hint = format!(
            "it holds {}: --only narrows what is rendered, --base names other roots",
            entries.collect::<Vec<_>>().join(", ")
        );
        Error::output("object-size", message)
            .at(object.title())
            .hint(hint)
            .hint("build, in an init container, has no such limit")
    };
    let size = object.data_size();
    if size > KUBERNETES_LIMIT {
        return Some(fault(format!(
            "{size} bytes of data; Kubernetes takes {KUBERNETES_LIMIT}"
        )));
    }
    let size = object.json_size();
    if size <= CLIENT_SIDE_LIMIT || plan.server_side_apply {
        return None;
    }
    let mut fault = fault(format!(
        "{size} bytes as JSON; kubectl apply and Argo CD keep it in an annotation, which takes \
         {CLIENT_SIDE_LIMIT}"
    ));
    let remedy = "with --server-side-apply it is rendered, for kubectl apply --server-side or Argo \
                  CD's ServerSideApply=true";
    fault.hints.insert(0, String::from(remedy));
    Some(fault)
}

fn tell<W: Write>(object: &Object<'_>, log: &mut Log<W>) {
    let size = object.json_size();
    let title = object.title();
    if size > CLIENT_SIDE_LIMIT {
        let hint = "kubectl apply --server-side, or Argo CD with ServerSideApply=true";
        let message = format!("{size} bytes as JSON: needs a server-side apply");
        log.warning("server-side-apply", Some(&title), &message, &[hint.into()]);
    }
    let entries = object
        .entries()
        .iter()
        .map(|entry| match entry.certificates {
            0 => entry.key.to_owned(),
            1 => format!("{} (1 certificate)", entry.key),
            number => format!("{} ({number} certificates)", entry.key),
        });
    let entries = entries.collect::<Vec<_>>().join(", ");
    log.info(&format!(
        "rendered {title}, {size} bytes as JSON: {entries}"
    ));
}
