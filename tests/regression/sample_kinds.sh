#!/usr/bin/env bash
# Every kind of sample trains, is scored and explained, to the same bits on one rank and on two.
# shellcheck source=tests/regression/assertions.sh
source "$(dirname "${BASH_SOURCE[0]}")/assertions.sh"

study=("$tiny" --set training.epochs=2 --set training.batch=4 --set training.lanes=2)
cat >vector_network.yaml <<'YAML'
name: vectors
layers:
  - dense: {values: 8}
  - leaky_relu: {slope: 0.2}
  - dense: {values: 1}
YAML

for kind in cube subcube spectra; do
  say "$kind"
  of_kind=("${study[@]}" --set "dataset.sample=$kind")
  [[ $kind != subcube ]] || of_kind+=(--set dataset.subcube.size=16 --set dataset.subcube.per_cube=4)
  [[ $kind != spectra ]] ||
    of_kind+=(--set network.file="$PWD/vector_network.yaml" --set 'dataset.redshifts=[10, 1]' \
      --set dataset.spectra.bispectrum=true)
  for ranks in 1 2; do
    quietly "log_$kind.$ranks" on_ranks "$ranks" run "${of_kind[@]}" --output "$kind.$ranks"
  done
  expect_same_bytes "$kind.1" "$kind.2" model.safetensors evaluation.json
  expect_file "$kind.1"/{evaluation.h5,explanation.h5}
  # One test seed, gr and newton.
  expect_shape "$kind.1/evaluation.h5" test/cube/logit 2
done
expect_shape subcube.1/evaluation.h5 test/subcube/logit 16
expect_shape cube.1/explanation.h5 gradient/5/gr 32x32x32
expect_shape subcube.1/explanation.h5 gradient/5/gr 32x32x32
expect_in log_cube.1 'MiB of transformed cubes'

say "a split that does not fill the lanes is said"
quietly log_left on_ranks 1 train "${study[@]}" --set dataset.sample=cube --set dataset.split.train=0-2 --output left
expect_in log_left 'leaves out 2 of 6 samples'

say "spectra are of statistics.h5, and trained ones belong to its settings"
expect_code 1 log_missing on_ranks 2 train "${study[@]}" --set dataset.sample=spectra --output missing
expect_in log_missing 'there are no spectra for dataset.sample spectra yet'
expect_code 1 log_other on_ranks 2 run "${of_kind[@]}" --output spectra.1 --set dataset.spectra.bispectrum=false
expect_in log_other 'dataset.spectra.bispectrum'

say "sub-cubes that do not tile the cubes are refused before anything is done"
expect_code 1 log_size on_ranks 2 run "${study[@]}" --set dataset.sample=subcube --set dataset.subcube.size=5 --output size
expect_in log_size 'dataset.subcube.size is 5' 'a divisor of'
[[ ! -e size/statistics.h5 ]] || fail "spectra were measured first"
