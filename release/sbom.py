#!/usr/bin/env python3
"""release/sbom.py FILE BINARY EPOCH: prints the SBOM that cargo-cyclonedx wrote, made for that binary: with its
hash, and without what differs between runs (the clock, random numbers, the path of the checkout).
"""

import datetime
import hashlib
import json
import sys
import uuid
from pathlib import Path


def main() -> None:
    file, binary, epoch = sys.argv[1:]
    bom = json.loads(Path(file).read_text())
    content = Path(binary).read_bytes()
    sha256 = hashlib.sha256(content).hexdigest()
    # The crates of this workspace are referred to by their paths.
    for crate in [bom["metadata"]["component"], *bom["components"]]:
        if crate["bom-ref"].startswith("path+file:"):
            named = f"{crate['name']}@{crate['version']}"
            bom = json.loads(json.dumps(bom).replace(crate["bom-ref"], named))
            bom = json.loads(json.dumps(bom).replace(crate["purl"], f"pkg:cargo/{named}"))
    at = datetime.datetime.fromtimestamp(int(epoch), datetime.UTC)
    bom["metadata"]["timestamp"] = at.strftime("%Y-%m-%dT%H:%M:%SZ")
    bom["serialNumber"] = uuid.uuid5(uuid.NAMESPACE_URL, f"sha256:{sha256}").urn
    bom["metadata"]["component"]["hashes"] = [{"alg": "SHA-256", "content": sha256}]
    json.dump(bom, sys.stdout, indent=2)
    print()


if __name__ == "__main__":
    main()
