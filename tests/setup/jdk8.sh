#!/usr/bin/env bash
# jdk8.sh CACERTS DIR: a JDK 8 in DIR that runs beside this machine's programs. $FINAL is
# where DIR will be in the end.
#
# Debian has JDK 8 in its unstable suite only, and its newest build needs a newer C library
# than a stable machine has. So both are unpacked together and java is made to load that C
# library. Rejected: a chroot, which needs root, a mounted /proc, and every store copied in.
# The suite moves on, so this one JDK has no pinned version: `java -version` names it.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/setup/lib.sh
. "$here/lib.sh"
cacerts=$1
into=$2
: "${FINAL:?}"

mirror=$(debian_mirror)

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
chmod 755 "$work"
mkdir -p "$work"/state/lists/partial "$work"/cache/archives/partial "$work"/debs "$work"/root
: >"$work/status"
printf 'deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg target=Packages] %s sid main\n' "$mirror" >"$work/sources.list"
# Lists and state of its own: the machine's apt is not touched, and no root is needed.
apt=(apt-get -q
    -o "Dir::State=$work/state" -o "Dir::State::status=$work/status" -o "Dir::Cache=$work/cache"
    -o "Dir::Etc::sourcelist=$work/sources.list" -o Dir::Etc::sourceparts=-
    -o Acquire::Languages=none -o APT::Architecture=amd64 -o "APT::Sandbox::User=$(id -un)")
"${apt[@]}" update >&2
(cd "$work/debs" && "${apt[@]}" download openjdk-8-jre-headless libc6 libgcc-s1 libstdc++6 zlib1g >&2)
for deb in "$work"/debs/*.deb; do
    dpkg-deb -x "$deb" "$work/root"
done

cp -a "$work/root/usr/lib/jvm/java-8-openjdk-amd64/jre/." "$into"
# Its configuration links into /etc; this image carries it along.
while read -r link; do
    target=$(readlink "$link")
    case $target in
        /etc/java-8-openjdk/*) cp --remove-destination "$work/root$target" "$link" ;;
    esac
done < <(find "$into" -type l)
# Debian's package makes its cacerts on installation, which did not happen here.
cp --remove-destination "$cacerts" "$into/lib/security/cacerts"

mkdir "$into/lib/libc"
cp -L "$work"/root/usr/lib/x86_64-linux-gnu/*.so* "$into/lib/libc/"
patchelf --set-interpreter "$FINAL/lib/libc/ld-linux-x86-64.so.2" "$into/bin/java"
mv "$into/bin/java" "$into/bin/java.elf"
cat >"$into/bin/java" <<'JAVA'
#!/bin/sh
bin=$(dirname -- "$(readlink -f -- "$0")")
LD_LIBRARY_PATH=$bin/../lib/libc exec "$bin/java.elf" "$@"
JAVA
chmod 755 "$into/bin/java" "$into/lib/libc/ld-linux-x86-64.so.2"
