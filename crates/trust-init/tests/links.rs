//! Every relative link in every page leads to a file and, with a `#`, to one of its headings.

#![allow(missing_docs, clippy::unwrap_used)]

use std::fs;
use std::path::{Path, PathBuf};

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");

/// The Markdown files in these folders, which hold no build output.
fn pages() -> Vec<PathBuf> {
    let mut folders: Vec<PathBuf> = ["docs", "charts", "examples", "benches", "simulations"]
        .map(|folder| Path::new(ROOT).join(folder))
        .into();
    folders.push(Path::new(ROOT).join("tests/vectors"));
    let mut pages = markdown(Path::new(ROOT));
    while let Some(folder) = folders.pop() {
        pages.extend(markdown(&folder));
        let entries = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap());
        folders.extend(
            entries
                .filter(|entry| entry.file_type().unwrap().is_dir())
                .map(|entry| entry.path()),
        );
    }
    pages
}

fn markdown(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap();
    let paths = entries.map(|entry| entry.unwrap().path());
    paths
        .filter(|path| path.extension().is_some_and(|extension| extension == "md"))
        .collect()
}

/// The page without its code blocks.
fn prose(page: &Path) -> String {
    let text = fs::read_to_string(page).unwrap();
    let mut is_code = false;
    let lines = text.lines().filter(|line| {
        let is_fence = line.trim_start().starts_with("```");
        is_code ^= is_fence;
        !is_code && !is_fence
    });
    lines.collect::<Vec<_>>().join("\n")
}

fn links(page: &Path) -> Vec<String> {
    let prose = prose(page);
    let ends = prose.split("](").skip(1);
    ends.filter_map(|rest| Some(rest.split_once(')')?.0.to_owned()))
        .filter(|link| !link.contains("://"))
        .collect()
}

/// The anchors that GitHub gives to the headings of a page.
fn anchors(page: &Path) -> Vec<String> {
    let headings = prose(page);
    headings
        .lines()
        .filter(|line| line.starts_with('#'))
        .map(|line| {
            line.trim_start_matches('#')
                .trim()
                .to_lowercase()
                .chars()
                .filter(|c| c.is_alphanumeric() || matches!(c, '-' | '_' | ' '))
                .map(|c| if c == ' ' { '-' } else { c })
                .collect()
        })
        .collect()
}

#[test]
fn every_link_leads_somewhere() {
    let mut seen = 0;
    for page in pages() {
        for link in links(&page) {
            let (path, anchor) = link.split_once('#').unwrap_or((&link, ""));
            let target = match path {
                "" => page.clone(),
                path => page.parent().unwrap().join(path),
            };
            let place = page.display();
            assert!(target.exists(), "{place}: {link}: no such file");
            if !anchor.is_empty() {
                let known = anchors(&target);
                assert!(
                    known.iter().any(|heading| heading == anchor),
                    "{place}: {link}: no such heading"
                );
            }
            seen += 1;
        }
    }
    assert!(seen > 150, "{seen}");
}

#[test]
fn the_index_lists_every_page() {
    let docs = Path::new(ROOT).join("docs");
    let listed = links(&docs.join("README.md"));
    for page in markdown(&docs) {
        let name = page.file_name().unwrap().to_str().unwrap();
        assert!(
            name == "README.md" || listed.iter().any(|link| link == name),
            "docs/README.md does not link {name}"
        );
    }
}
