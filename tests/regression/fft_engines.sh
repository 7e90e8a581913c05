#!/usr/bin/env bash
# FFTW-MPI in place of our own Fourier transform: the same tables and spectra to rounding, and no mixture of both.
# shellcheck source=tests/regression/assertions.sh
source "$(dirname "${BASH_SOURCE[0]}")/assertions.sh"

cube=$source_root/tests/data/reference/cube128.h5
expect_file "$cube"

rows() { grep -v -e '^#' -e '^k' "$1"; }

# same_p0 FILE FILE LIMIT [FLOOR]: k and P0 to LIMIT, P0 also to LIMIT × FLOOR; the modes exactly
same_p0() {
  paste -d, <(rows "$1" | cut -d, -f1-3) <(rows "$2" | cut -d, -f1-3) | awk -F, -v limit="$3" -v floor="${4:-0}" '
    function differ(a, b, more) { return (a - b)^2 > (limit * (b + more))^2 || a == "" }
    NF != 6 || differ($4, $1, 0) || $5 != $2 || differ($6, $3, floor) { print "row " NR ": " $0; bad = 1 }
    END { exit bad || NR < 4 }' >&2 || fail "$1 and $2 differ by more than $3"
}

# same_bispectrum FILE FILE LIMIT: P to LIMIT, Q to LIMIT of itself or of 1 (it runs through 0), the triangles exactly
same_bispectrum() {
  expect_equal "$(grep '^k1' "$2")" "k1,k2,k3,triangles,b,q,p1,p2,p3,shape" "the header of $2"
  paste -d, <(rows "$1") <(rows "$2") | awk -F, -v limit="$3" '
    function differ(a, b, more) { return (a - b)^2 > (limit * (b^2 + more)^0.5)^2 || a == "" }
    NF != 20 || $14 != $4 || differ($16, $6, 1) { bad = 1 }
    { for (i = 7; i <= 9; i++) if (differ($(i + 10), $i, 0)) bad = 1 }
    bad { print "row " NR ": " $0; exit }
    END { exit bad || NR < 4 }' >&2 || fail "$1 and $2 differ by more than $3"
}

say "power: the same table on 1 and 3 ranks"
quietly log on_ranks 1 power "$cube" --box 1000 --multipoles 2 -o own.csv
quietly log on_ranks 1 power "$cube" --box 1000 --multipoles 2 --precision single -o own_single.csv
expect_not_in own.csv ', fft '
for ranks in 1 3; do
  quietly log on_ranks "$ranks" power "$cube" --box 1000 --multipoles 2 --fft fftw_mpi -o "fftw$ranks.csv"
  expect_in "fftw$ranks.csv" ', fft fftw_mpi'
  same_p0 own.csv "fftw$ranks.csv" 1e-12
  quietly log on_ranks "$ranks" power "$cube" --box 1000 --multipoles 2 --precision single --fft fftw_mpi -o single.csv
  same_p0 own_single.csv single.csv 1e-6
done

say "what was measured for FFTW-MPI's plans is kept, and gives the same bytes again"
(($(find "$PHISCOPE_CACHE" -name '*-mpi-*.wisdom' | wc -l) == 2)) || fail "the plans of two precisions are not kept"
quietly log on_ranks 3 power "$cube" --box 1000 --multipoles 2 --fft fftw_mpi -o again.csv
cmp fftw3.csv again.csv || fail "the table differs from run to run"

say "particles, painted twice"
"$PHISCOPE_PROBE" particles particles.h5 32 100 1 3
paint=(power particles.h5 --particles pos --grid 15 --box 100 --window pcs --interlaced)
quietly log on_ranks 1 "${paint[@]}" -o particles_own.csv
quietly log on_ranks 4 "${paint[@]}" --fft fftw_mpi -o particles_fftw.csv
# One bin holds the wave, the others what rounding leaves of it.
same_p0 particles_own.csv particles_fftw.csv 1e-12 "$(rows particles_own.csv | cut -d, -f3 | sort -g | tail -1)"

say "bispectrum: the same table on 1 and 3 ranks"
shapes=(bispectrum "$cube" --box 1000 --shapes 'equilateral,squeezed' --ksteps 8)
quietly log on_ranks 1 "${shapes[@]}" -o b_own.csv
for ranks in 1 3; do
  quietly log on_ranks "$ranks" "${shapes[@]}" --fft fftw_mpi -o b_fftw.csv
  same_bispectrum b_own.csv b_fftw.csv 1e-12
done

say "a study: the same spectra with one and with three ranks for a cube; the same bytes each time"
quietly log_own on_ranks 1 measure "$tiny" --output own
for ranks in 1 3; do
  fftw=(measure "$tiny" --set parallel.fft=fftw_mpi --set "measure.ranks_per_cube=$ranks")
  for run in first second; do quietly log on_ranks 3 "${fftw[@]}" --output "$run$ranks"; done
  expect_same_bytes "first$ranks" "second$ranks" statistics.h5
  expect_same_numbers own/statistics.h5 "first$ranks/statistics.h5" 1e-12 power/k power/p power/mean power/std \
    power/ratio power/bound_slice bispectrum/p
  expect_same_numbers_in bispectrum/std own/statistics.h5 "first$ranks/statistics.h5" 1e-12 bispectrum/b
done
expect_in first1/study.yaml 'fft: fftw_mpi'
cmp -s own/statistics.h5 first1/statistics.h5 && fail "the study with FFTW-MPI did not use it"

say "whatever FFTW planned before, here to count triangles"
for run in counting counted; do
  OMP_NUM_THREADS=2 PHISCOPE_CACHE=$PHISCOPE_WORK/counts quietly log on_ranks 1 measure "$tiny" --output "$run" \
    --set parallel.fft=fftw_mpi
done
expect_same_numbers counting/statistics.h5 counted/statistics.h5 0 power/p bispectrum/p

say "a study is measured by one of them"
for ranks in 1 3; do
  expect_code 1 log on_ranks "$ranks" measure "$tiny" --output own --set parallel.fft=fftw_mpi
  expect_in log 'error: own' 'parallel.fft: own' 'parallel.fft: fftw_mpi' 'other settings'
  expect_code 1 log on_ranks "$ranks" measure "$tiny" --output first1 --set measure.ranks_per_cube=1
  expect_in log 'parallel.fft: own' 'parallel.fft: fftw_mpi' 'other settings'
done

say "no other one"
for ranks in 1 3; do
  expect_code 1 log on_ranks "$ranks" measure "$tiny" --output other --set parallel.fft=fftw-mpi
  expect_in log 'error:' parallel.fft "'fftw-mpi'" 'own, fftw_mpi' "did you mean 'fftw_mpi'"
  expect_code 2 log on_ranks "$ranks" power "$cube" --box 1000 --fft fftw
  expect_in log --fft "'fftw'" fftw_mpi
  expect_code 2 log on_ranks "$ranks" "${shapes[@]}" --fft owns
  expect_in log --fft "'owns'" "did you mean 'own'"
done
