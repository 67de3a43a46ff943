#!/usr/bin/env python3
"""release/sbom.py FILE BINARY EPOCH: the SBOM that cargo-cyclonedx wrote, for that binary: with its hash,
and without what is of one run alone (clock, chance, the path of the checkout).
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
    of = bom["metadata"]["component"]
    own, named = of["bom-ref"], f"{of['name']}@{of['version']}"
    bom = json.loads(json.dumps(bom).replace(own, named))
    at = datetime.datetime.fromtimestamp(int(epoch), datetime.UTC)
    bom["metadata"]["timestamp"] = at.strftime("%Y-%m-%dT%H:%M:%SZ")
    bom["serialNumber"] = uuid.uuid5(uuid.NAMESPACE_URL, f"sha256:{sha256}").urn
    of = bom["metadata"]["component"]
    of["hashes"] = [{"alg": "SHA-256", "content": sha256}]
    of["purl"] = f"pkg:cargo/{named}"
    json.dump(bom, sys.stdout, indent=2)
    print()


if __name__ == "__main__":
    main()
