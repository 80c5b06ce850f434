# A bare Debian 12 in a folder, for scripts that try something where nothing is installed. Sourced, not run.

# make_bare FOLDER PACKAGES: debootstrap with PACKAGES ("git,python3"), or the one that an earlier run made. Needs root.
make_bare() {
  local folder=$1 packages=$2 me mirror
  me=$(basename "$0")
  [ "$(id -u)" -eq 0 ] || { echo "$me: needs root, for debootstrap and chroot" >&2; return 1; }
  command -v debootstrap >/dev/null || { echo "$me: install debootstrap first" >&2; return 1; }
  case $folder in /|"$PWD"|"$PWD"/*) echo "$me: not into $folder" >&2; return 2 ;; esac
  [ ! -e "$folder/.bare-complete" ] || return 0
  if [ -d "$folder" ] && [ -n "$(ls -A "$folder")" ]; then
    echo "$me: $folder is not empty and not one of mine" >&2
    return 2
  fi
  # The mirror that this machine's own apt uses.
  mirror=$(apt-get indextargets --format '$(SITE)' 'Created-By: Packages' 'Codename: bookworm' | head -n 1)
  [ -n "$mirror" ] || { echo "$me: apt knows no mirror of bookworm" >&2; return 1; }
  echo "== a bare Debian 12 in $folder"
  debootstrap --variant=minbase --include="$packages" bookworm "$folder" "$mirror"
  touch "$folder/.bare-complete"
}
