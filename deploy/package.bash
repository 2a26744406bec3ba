# What the Debian packages have in common; sourced by deploy/*/build-package. Framework-dependent, for every
# architecture; native libraries come from Debian.

repo=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.." && pwd)
readonly repo
version=${GRIDTOKENX_VERSION:-1.0.0}

die() { printf 'build-package: %s\n' "$*" >&2; exit 1; }

begin() { # NAME [OUTPUT-FOLDER]: an empty package in $root, with its program in $program
    command -v dpkg-deb >/dev/null || die "dpkg-deb is missing: install dpkg."
    [[ $version =~ ^[0-9][0-9a-zA-Z.+~-]*$ ]] || die "$version is no version."
    name=$1
    output=$(readlink -m "${2:-$repo/artifacts/packages}")
    root=$(mktemp -d)
    trap 'rm -rf "$root"' EXIT
    umask 022
    chmod 755 "$root"
    program=$root/usr/lib/$name
    install -d "$root/usr/share/doc/$name" "$root/DEBIAN"
}

publish() { # PROJECT: into $program
    dotnet publish "$repo/$1" -c Release -nologo -v quiet --tl:off --no-self-contained -p:UseAppHost=false \
        -p:SatelliteResourceLanguages=en -p:RunAnalyzers=false -p:RestoreLockedMode=true \
        "-p:InformationalVersion=$version" -p:IncludeSourceRevisionInInformationalVersion=false -p:DebugType=none \
        -p:GenerateDocumentationFile=false -o "$program" </dev/null >&2
    # The system's libraries are used; the program's own copies are for other systems.
    rm -rf "$program/runtimes" "$program"/*.pdb "$program"/*.xml
    find "$program" -type f -exec chmod 644 {} +
}

finish() { # DEBIAN-FOLDER CONFFILE...; on stdin the control file from Depends on. Prints the package's path
    local scripts=$1
    shift
    cat "$scripts/copyright.head" "$repo/LICENSE" >"$root/usr/share/doc/$name/copyright"
    install -m 755 "$scripts/postinst" "$scripts/prerm" "$scripts/postrm" "$root/DEBIAN/"
    printf '%s\n' "$@" >"$root/DEBIAN/conffiles"
    {
        cat <<CONTROL
Package: $name
Version: $version
Architecture: all
Maintainer: GridTokenX <gridtokenx@localhost>
Section: net
Priority: optional
Installed-Size: $(du -sk --exclude=DEBIAN "$root" | cut -f 1)
CONTROL
        cat
    } >"$root/DEBIAN/control"
    mkdir -p "$output"
    dpkg-deb --root-owner-group --build "$root" "$output/${name}_${version}_all.deb" >&2
    printf '%s\n' "$output/${name}_${version}_all.deb"
}
