"""The cases of our own, by feature."""

import itertools

import bent_certificates
import constrained
import hosts
import java_paths
import paths_built
from case import Case


def cases() -> list[Case]:
    sources = (constrained, paths_built, bent_certificates, hosts, java_paths)
    found = list(itertools.chain.from_iterable(source.cases() for source in sources))
    assert len({case.id for case in found}) == len(found), "two cases have one id"
    return found
