# A clean Debian root in which a package is tried; sourced by deploy/test-services and deploy/*/test-package (root only).

export DEBIAN_FRONTEND=noninteractive LC_ALL=C
cleanup=()
finish() { local step; for step in "${cleanup[@]}"; do eval "$step" || true; done; }
trap finish EXIT
say() { printf '%s\n' "$*"; }
die() { printf '%s: %s\n' "$(basename "$0")" "$*" >&2; exit 1; }
holds() { "$@" >/dev/null 2>&1 || die "does not hold: $*"; say "ok  $*"; }
fails() { ! "$@" >/dev/null 2>&1 || die "must not hold: $*"; say "ok  not: $*"; }

make_root() { # PACKAGES [ROOT]: into $root; a ROOT that exists already is used as it is
    ((EUID == 0)) || die "only root can make a Debian root."
    root=${2:-}
    if [[ -z $root ]]; then
        root=$(mktemp -d)
        chmod 755 "$root" # the services' users must be able to look into their own root folder
        cleanup=("rm -rf '$root'" "${cleanup[@]}")
    fi
    [[ -x $root/usr/bin/dpkg ]] || debootstrap --variant=minbase --include="$1" bookworm "$root" >/dev/null
}

# The runtime comes from Microsoft's archive, which this root does not know: the machine's own as a package.
pack_runtime() { # into $root/runtime.deb
    local runtime dotnet part
    runtime=$(mktemp -d)
    cleanup=("rm -rf '$runtime'" "${cleanup[@]}")
    mkdir -p "$runtime/DEBIAN" "$runtime/usr/share/dotnet/shared" "$runtime/usr/bin"
    dotnet=$(dirname "$(readlink -f "$(command -v dotnet)")")
    cp -r "$dotnet/dotnet" "$dotnet/host" "$runtime/usr/share/dotnet/"
    for part in Microsoft.NETCore.App Microsoft.AspNetCore.App; do
        cp -r "$dotnet/shared/$part" "$runtime/usr/share/dotnet/shared/"
    done
    ln -s ../share/dotnet/dotnet "$runtime/usr/bin/dotnet"
    cat >"$runtime/DEBIAN/control" <<CONTROL
Package: aspnetcore-runtime-10.0
Version: 10.0
Architecture: all
Maintainer: test <test@localhost>
Description: runtime
CONTROL
    dpkg-deb -Znone --root-owner-group --build "$runtime" "$root/runtime.deb" >/dev/null
}
