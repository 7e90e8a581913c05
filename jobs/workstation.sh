#!/usr/bin/env bash
# A study on a workstation: one rank per core, and again from the last checkpoint whenever it stops with more to do.
#
#   jobs/workstation.sh config/quickstart.yaml [OPTION of `phiscope run`…]
#
# Environment, all optional:
#   PHISCOPE          the program             (default: build/release/bin/phiscope of this checkout)
#   PHISCOPE_RANKS    number of MPI ranks     (default: physical cores / threads)
#   PHISCOPE_THREADS  threads of each rank    (default 1)
# Ctrl-C, or TERM, asks for a checkpoint and ends with 85; the same command then goes on from there.
set -uo pipefail
(($#)) || { sed -n '2,/^set/s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" >&2; exit 2; }

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# shellcheck source=tools/setup.sh
source "$root/tools/setup.sh"
program=${PHISCOPE:-$root/build/release/bin/phiscope}
[[ -x $program ]] || die "there is no program at $program; run tools/quickstart or set PHISCOPE"

physical_cores() {
  local allowed physical
  allowed=$(nproc)
  physical=$(lscpu -p=CORE,SOCKET 2>/dev/null | grep -v '^#' | sort -u | wc -l)
  echo $((physical > 0 && physical < allowed ? physical : allowed))
}

physical=$(physical_cores)
threads=${PHISCOPE_THREADS:-1}
ranks=${PHISCOPE_RANKS:-$((physical > threads ? physical / threads : 1))}
export OMP_NUM_THREADS=$threads
# Each rank gets cores of its own while they last; beyond that, idle ranks must give way instead of spinning.
launcher=(mpirun -n "$ranks")
if ((ranks * threads <= physical && physical == $(nproc))); then
  launcher+=(--map-by "slot:PE=$threads" --bind-to core)
else
  export OMPI_MCA_hwloc_base_binding_policy=none
fi
mpi_environment

stop=0
interrupted=0
# shellcheck disable=SC2317 # the trap calls it
pass_on() {
  stop=1
  interrupted=1
  kill -USR1 "$job" 2>/dev/null
}
trap pass_on INT TERM USR1

code=85
while ((code == 85 && !stop)); do
  # In a process group of its own, so that Ctrl-C reaches this script alone and mpirun gets USR1 instead.
  set -m
  "${launcher[@]}" "$program" run "$@" </dev/null &
  job=$!
  set +m
  while :; do
    interrupted=0
    wait "$job"
    code=$?
    ((interrupted)) || break
  done
  # 138: our USR1 came before the program could catch it; there is more to do.
  ((code == 138 && stop)) && code=85
done
exit "$code"
