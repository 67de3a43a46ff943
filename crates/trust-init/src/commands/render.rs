//! `render`: sources in, the stores as Kubernetes objects out; the line without its last write.

use super::pipeline::input::{JudgedInputs, read_and_judge};
use super::pipeline::output::{java_password, warn_about_placeholder, wiring};
use crate::args::{ObjectsPlan, Print, RenderPlan};
use crate::error::{Code, Error, Errors, ExitCode};
use crate::kubernetes::{self, Bundles, MAX_CLIENT_SIDE_JSON, MAX_DATA, Metadata, Object};
use crate::report;
use crate::report::log::Log;
use crate::report::manifest::trust_anchors_hash;
use trust_stores::Timestamp;

pub(super) fn run(plan: &RenderPlan, now: Timestamp, log: &mut Log) -> Result<ExitCode, Errors> {
    let RenderPlan {
        content,
        objects: wanted,
    } = plan;
    let stores_plan = &content.stores;
    let password = java_password(stores_plan)?;
    // Without the Java store that build adds to os/: only what is asked for becomes an object.
    let judged = read_and_judge(content, stores_plan.selected, now, log)?;
    judged.accept(log)?;
    warn_about_placeholder(stores_plan, &password, None, log);
    let filled = judged.judgement.non_empty_stores();
    let wiring = wiring(stores_plan, &stores_plan.mounted_at, filled, &password);
    // This depends on the option, not on what the image has, so that the keys stay the same.
    let bundles = if content.sources.image.is_some() {
        Bundles::Separate
    } else {
        Bundles::Shared
    };
    let metadata = metadata(wanted, &judged);
    let stores = judged.judgement.stores();
    let objects: Vec<Object<'_>> = kubernetes::contents(
        &stores,
        stores_plan.forms(&password),
        bundles,
        wiring.dotenv(),
    )?
    .into_iter()
    .map(|content| Object::new(content, &metadata))
    .collect();
    let faults = objects
        .iter()
        .filter_map(|object| too_large(object, wanted));
    Errors::check(faults.collect())?;
    for object in &objects {
        report_object(object, log);
    }
    log.total(&judged.judgement, judged.inputs.ca_bundle_hash());
    let pod = kubernetes::pod_snippet(&objects, &stores_plan.mounted_at, &wiring);
    report::print(&match wanted.print {
        Print::Objects => kubernetes::stream(&objects, &pod),
        Print::Pod => pod,
    })?;
    if wanted.print == Print::Objects {
        log.how_to_apply();
    }
    Ok(ExitCode::Done)
}

fn metadata(wanted: &ObjectsPlan, judged: &JudgedInputs) -> Metadata {
    let anchors = judged.judgement.trust_anchors();
    let hashes = [
        ("caBundleHash", judged.inputs.ca_bundle_hash()),
        ("trustAnchorsHash", trust_anchors_hash(&anchors)),
    ];
    let annotations = hashes
        .into_iter()
        .filter_map(|(name, hash)| Some((name, hash?.to_string())));
    Metadata {
        kind: wanted.kind,
        name: wanted.name.clone(),
        namespace: wanted.namespace.clone(),
        is_immutable: wanted.immutable,
        has_hash_suffix: wanted.hash_suffix,
        annotations: annotations.collect(),
    }
}

/// Why `object` cannot be applied, if it cannot.
fn too_large(object: &Object<'_>, wanted: &ObjectsPlan) -> Option<Error> {
    let fault = |message: String| {
        let entries = object.entries().iter().map(|entry| entry.key);
        let hint = format!(
            "it contains {}: leave out stores with --only, or use a smaller --base",
            entries.collect::<Vec<_>>().join(", ")
        );
        Error::new(Code::ObjectSize, message)
            .at(object.title())
            .hint(hint)
            .hint("build, in an init container, has no such limit")
    };
    let size = object.data_size();
    if size > MAX_DATA {
        return Some(fault(format!(
            "{size} bytes of data, but Kubernetes accepts at most {MAX_DATA}"
        )));
    }
    let size = object.json_size();
    if size <= MAX_CLIENT_SIDE_JSON || wanted.server_side_apply {
        return None;
    }
    let mut fault = fault(format!(
        "{size} bytes as JSON, but kubectl apply and Argo CD keep it in an annotation of at most \
         {MAX_CLIENT_SIDE_JSON}"
    ));
    let remedy = "with --server-side-apply, render it for kubectl apply --server-side or Argo CD's \
                  ServerSideApply=true";
    fault.hints.insert(0, String::from(remedy));
    Some(fault)
}

fn report_object(object: &Object<'_>, log: &mut Log) {
    let size = object.json_size();
    let title = object.title();
    if size > MAX_CLIENT_SIDE_JSON {
        let message = format!("{size} bytes as JSON: needs a server-side apply");
        log.warning(
            &Error::new(Code::ServerSideApply, message)
                .at(&*title)
                .hint("use kubectl apply --server-side, or Argo CD with ServerSideApply=true"),
        );
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
