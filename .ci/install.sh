# install PYTHON RELEASES [EXTRA]: a fresh environment with this copy in it. Sets `work`, a folder that
# goes when the script ends, and `env`, its interpreter. RELEASES: `newest` that the bounds allow,
# `oldest`, or `tested`, those of constraints.txt.
install() {
  # A name that needs care, as the homes of many have.
  work=$(mktemp -d "${TMPDIR:-/tmp}/storyboard 日本語.XXXXXX")
  trap 'rm -rf "$work"' EXIT
  "$1" -m venv "$work/env"
  env="$work/env/bin/python"
  local what=.${3:+[$3]} pip=("$env" -m pip --quiet --disable-pip-version-check install)
  case $2 in
    newest) "${pip[@]}" "$what" ;;
    tested) "${pip[@]}" -c constraints.txt "$what" ;;
    oldest)
      "${pip[@]}" uv
      "$env" -m uv pip install --quiet --python "$env" --resolution lowest-direct "$what"
      ;;
    *) echo "which releases: newest, oldest or tested, not '$2'" >&2; return 2 ;;
  esac
}
