#!/usr/bin/env bash
# The number of ranks is a performance knob, never a scientific parameter.
# shellcheck source=tests/regression/assertions.sh
source "$(dirname "${BASH_SOURCE[0]}")/assertions.sh"

# A user who sets nothing must get the same numbers too.
unset OMP_NUM_THREADS

# same_statistics FILE FILE: to 1e-12 of what is measured; what is left of large numbers that nearly cancel, to 1e-12 of
# those, or of the scatter between seeds
same_statistics() {
  expect_same_numbers "$1" "$2" 1e-12 power/k power/p power/mean power/std power/ratio power/linear power/bound_cube \
    power/bound_slice bispectrum/k1 bispectrum/k2 bispectrum/k3 bispectrum/tree_level bispectrum/p
  expect_same_numbers_in power/mean "$1" "$2" 1e-12 power/difference power/difference_error
  expect_same_numbers_in bispectrum/std "$1" "$2" 1e-12 bispectrum/b bispectrum/mean bispectrum/difference
  expect_same_numbers_in bispectrum/q_std "$1" "$2" 1e-12 bispectrum/q bispectrum/q_mean bispectrum/q_difference
  expect_same_numbers "$1" "$2" 1e-8 power/cumulative_signal_to_noise bispectrum/cumulative_signal_to_noise
  local dataset
  for dataset in catalogue/seed catalogue/gravity power/modes bispectrum/triangles bispectrum/shape; do
    expect_equal "$("$PHISCOPE_PROBE" values "$2" $dataset)" "$("$PHISCOPE_PROBE" values "$1" $dataset)" "$dataset"
  done
}

say "1, 2, 3 and 4 ranks: the same spectra, the same network, the same scores"
for ranks in 1 2 3 4; do
  quietly "log$ranks" on_ranks "$ranks" run "$tiny" --output "ranks$ranks"
done
for ranks in 2 3 4; do
  expect_same_bytes ranks1 "ranks$ranks" model.safetensors evaluation.json
  same_statistics ranks1/statistics.h5 "ranks$ranks/statistics.h5"
  expect_same_numbers ranks1/statistics.h5 "ranks$ranks/statistics.h5" 1e-12 catalogue/redshift catalogue/real_redshift
  expect_same_numbers ranks1/evaluation.h5 "ranks$ranks/evaluation.h5" 0 test/slice/logit validation/cube/logit
  expect_same_numbers ranks1/explanation.h5 "ranks$ranks/explanation.h5" 0 gradient/5/gr gradient_absolute/5/newton
done

say "more ranks than lanes: the same network"
for ranks in 1 3; do
  quietly "log_lanes$ranks" on_ranks "$ranks" train "$tiny" --output "lanes$ranks" --set training.lanes=2
done
expect_same_bytes lanes1 lanes3 model.safetensors

say "a cube on 1, 2 and 4 ranks: the same spectra"
for ranks in 2 4; do
  quietly "log_team$ranks" on_ranks "$ranks" measure "$tiny" --output "team$ranks" --set "measure.ranks_per_cube=$ranks"
  same_statistics ranks1/statistics.h5 "team$ranks/statistics.h5"
done
quietly log_teams on_ranks 4 measure "$tiny" --output teams --set measure.ranks_per_cube=2
same_statistics ranks1/statistics.h5 teams/statistics.h5

say "single precision: the same spectra to 1e-6"
for ranks in 1 2 4; do
  quietly "log_single$ranks" on_ranks "$ranks" measure "$tiny" --output "single$ranks" \
    --set measure.precision=single --set "measure.ranks_per_cube=$ranks"
done
for ranks in 2 4; do
  expect_same_numbers single1/statistics.h5 "single$ranks/statistics.h5" 1e-6 power/p
  expect_same_numbers_in bispectrum/std single1/statistics.h5 "single$ranks/statistics.h5" 1e-6 bispectrum/b
done
