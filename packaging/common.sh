# Sourced by packaging/*/: what all packages have in common.

version=$(sed -n '/^\[workspace.package\]/,/^\[/s/^version = "\(.*\)"/\1/p' Cargo.toml)
# When it was made is when it was written: the same sources give the same bytes.
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct)}
export SOURCE_DATE_EPOCH TZ=UTC LC_ALL=C.UTF-8
day=$(date -u -d "@$SOURCE_DATE_EPOCH" +%Y-%m-%d)

target=${CARGO_TARGET_DIR:-$PWD/target}
mkdir -p "$target/packages"
target=$(cd "$target" && pwd)
packages=$target/packages

# Nothing of this machine's folders stays in a program; panic = "abort" needs no tables to unwind by.
same_paths="--remap-path-prefix=$PWD=/grend --remap-path-prefix=${CARGO_HOME:-$HOME/.cargo}=/cargo"

# fill FILE: a template with the version and the day filled in, to standard output.
fill() {
    sed -e "s/@VERSION@/$version/g" -e "s/@DATE@/$day/g" "$1"
}

# table FILE...: how large they are, in Markdown.
table() {
    printf '| file | bytes | sha256 |\n|---|---|---|\n'
    for file in "$@"; do
        printf '| %s | %s | %.16s |\n' "$(basename "$file")" "$(stat -c %s "$file")" "$(sha256sum "$file")"
    done
}
