# shellcheck shell=bash
# Sourced by tools/quickstart and tools/test: packages, build, and the environment that mpirun needs.

build_packages=(build-essential cmake ninja-build pkg-config git ca-certificates libopenmpi-dev openmpi-bin
  libhdf5-openmpi-dev libfftw3-dev libfftw3-mpi-dev libeigen3-dev libyaml-cpp-dev libgtest-dev libdnnl-dev libcli11-dev
  libspdlog-dev libfmt-dev librandom123-dev nlohmann-json3-dev zlib1g-dev python3-numpy python3-h5py python3-matplotlib ccache)

# What the same things are called in Spack, for machines without apt.
spack_specs=(gcc cmake ninja pkgconf openmpi hdf5+mpi "fftw+mpi+openmp precision=float,double" eigen yaml-cpp googletest
  onednn cli11 spdlog fmt random123 nlohmann-json zlib)

# The compiler cache: what another clone compiled counts here, and precompiled headers are no hindrance.
export CCACHE_BASEDIR=$PWD CCACHE_NOHASHDIR=1
export CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime

say() { printf '\n== %s\n' "$*"; }
die() { printf 'phiscope: %s\n' "$*" >&2; exit 1; }

missing_packages() {
  local package
  for package in "$@"; do
    [[ $(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null) == installed ]] || printf '%s\n' "$package"
  done
}

# apt-get as root: directly, or through sudo.
as_root() {
  local sudo=()
  [[ $(id -u) == 0 ]] || sudo=(sudo)
  "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive NEEDRESTART_MODE=a "$@"
}

# apt's own lock timeout does not cover `update`, hence the loop.
update_package_lists() {
  local attempt
  for attempt in 1 2 3 4 5 6; do
    as_root apt-get update -qq && return
    printf 'apt-get update failed (attempt %s of 6); another one may be running\n' "$attempt" >&2
    sleep 10
  done
  die "the package lists could not be fetched: is the network up?"
}

# install_packages PACKAGE…: what is missing, through apt; touches nothing when all is there.
install_packages() {
  if ! command -v apt-get >/dev/null || ! command -v dpkg-query >/dev/null; then
    check_tools
    return
  fi
  local missing
  mapfile -t missing < <(missing_packages "$@")
  ((${#missing[@]})) || return 0
  if [[ $(id -u) != 0 ]] && ! { command -v sudo >/dev/null && { sudo -n true 2>/dev/null || [[ -t 0 ]]; }; }; then
    die "these packages are missing, and installing them takes root. Ask an administrator to run:
  apt-get install -y --no-install-recommends ${missing[*]}"
  fi
  say "Installing ${#missing[@]} packages: ${missing[*]}"
  local install=(apt-get install -y -qq --no-install-recommends -o DPkg::Lock::Timeout=600 "${missing[@]}")
  [[ -n $(find /var/lib/apt/lists -maxdepth 1 -name '*_Packages*' -print -quit 2>/dev/null) ]] || update_package_lists
  # Lists that are days old name versions that the mirror no longer holds: fetch them and try once more.
  as_root "${install[@]}" >/dev/null || { update_package_lists && as_root "${install[@]}" >/dev/null; } || die "apt-get could not install: ${missing[*]}"
}

# Without apt: the programs by name here; CMake names each missing library itself.
check_tools() {
  local entry missing=()
  for entry in g++:g++:gcc cmake:cmake:cmake ninja:ninja-build:ninja pkg-config:pkg-config:pkgconf \
    mpirun:openmpi-bin:openmpi git:git:git python3:python3:python; do
    IFS=: read -r program debian spack <<<"$entry"
    command -v "$program" >/dev/null || missing+=("  $program (Debian: $debian, Spack: $spack)")
  done
  ((${#missing[@]} == 0)) || die "these programs are missing:
$(printf '%s\n' "${missing[@]}")"
}

cores() { nproc; }

# One compiler process of this tree needs up to 1.5 GiB.
build_jobs() {
  local available limit jobs
  available=$(awk '/^MemAvailable/ {print int($2 / 1024)}' /proc/meminfo 2>/dev/null || true)
  limit=$(cat /sys/fs/cgroup/memory.max 2>/dev/null || true)
  [[ $limit =~ ^[0-9]+$ ]] && ((limit / 1048576 < ${available:-0})) && available=$((limit / 1048576))
  jobs=$((${available:-2048} / 1536))
  ((jobs >= 1)) || jobs=1
  ((jobs <= $(cores))) || jobs=$(cores)
  printf '%s\n' "$jobs"
}

# configure PRESET FOLDER [OPTION…]: a folder that exists keeps its generator.
configure() {
  local preset=$1 folder=$2
  shift 2
  local options=("$@")
  [[ -e $folder/CMakeCache.txt ]] || options+=(-G Ninja)
  command -v ccache >/dev/null && options+=(-DCMAKE_C_COMPILER_LAUNCHER=ccache -DCMAKE_CXX_COMPILER_LAUNCHER=ccache)
  cmake --preset "$preset" -B "$folder" "${options[@]}" || die "configuring failed, see above. All that Phiscope stands on:
  Debian/Ubuntu: ${build_packages[*]}
  Spack:         ${spack_specs[*]}"
}

# An interpreter for the report with numpy, h5py and matplotlib, as PHISCOPE_PYTHON; makes .venv where none has them.
find_python() {
  local candidate
  for candidate in "${PHISCOPE_PYTHON:-}" /usr/bin/python3 python3 "$PWD/.venv/bin/python"; do
    if [[ -n $candidate ]] && "$candidate" -c 'import numpy, h5py, matplotlib' 2>/dev/null; then
      PHISCOPE_PYTHON=$(command -v "$candidate")
      export PHISCOPE_PYTHON
      return
    fi
  done
  say "No python3 here has numpy, h5py and matplotlib: making .venv"
  if python3 -m venv .venv && .venv/bin/python -m pip install --quiet -r tools/requirements.txt; then
    export PHISCOPE_PYTHON="$PWD/.venv/bin/python"
  else
    printf 'phiscope: the report cannot be drawn. Install tools/requirements.txt and name the interpreter in PHISCOPE_PYTHON.\n' >&2
  fi
}

# What mpirun needs on one machine; a value that the user has set stays.
mpi_environment() {
  if [[ $(id -u) == 0 ]]; then export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1; fi
  # Open MPI counts cores where we count hardware threads, and pins one or two ranks to one core each.
  export OMPI_MCA_rmaps_base_oversubscribe=${OMPI_MCA_rmaps_base_oversubscribe:-1}
  export OMPI_MCA_mpi_yield_when_idle=${OMPI_MCA_mpi_yield_when_idle:-1}
  export OMPI_MCA_hwloc_base_binding_policy=${OMPI_MCA_hwloc_base_binding_policy:-none}
  # Containers forbid reading another process's memory, and Open MPI then complains at every large message.
  export OMPI_MCA_btl_vader_single_copy_mechanism=${OMPI_MCA_btl_vader_single_copy_mechanism:-none}
}
