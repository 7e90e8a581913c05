#!/usr/bin/env bash
# Settings and networks that ask for what no machine has, or for nothing: hostile_settings.sh RANKS. Each is refused in
# seconds with one line that names it, on any number of ranks; a network that has learnt nothing says so in every stage.
# shellcheck source=tests/regression/assertions.sh
source "$(dirname "${BASH_SOURCE[0]}")/assertions.sh"

ranks=$1
base=$PHISCOPE_WORK/base.yaml
tiny_study "$pairs" >"$base"

# What no machine has is refused at once.
# shellcheck disable=SC2034 # for rejected
patience=10

repeated() { # repeated TEXT TIMES
  head -c $((${#1} * $2)) < <(yes "$1" | tr -d '\n')
}

# --- YAML that no stack, or no patience, bears

repeated '[' 5000000 >deep.yaml
rejected "five million brackets" "deep.yaml" "4.8 MiB of text" -- run deep.yaml
repeated '[' 1000000 >deep.yaml
rejected "a million brackets" "deep.yaml:1: nested deeper than 64" -- run deep.yaml
{ cat "$base"; printf -- '---\ntraining: {epochs: 9}\n'; } >two.yaml
rejected "a second document" "two.yaml:$(($(wc -l <"$base") + 2)): a second document" -- run two.yaml
rejected "a million seeds" "more than 100000 seeds" -- run "$base" --set simulations.seeds=0-999999
echo "  seeds: [$(seq -s, 0 2 400000)]" >seeds_line
sed -e '/^  seeds:/d' -e '/^simulations:/r seeds_line' "$base" >many.yaml
rejected "200 000 listed seeds" "many.yaml:" "more than 100000 seeds" -- run many.yaml
sed 's/  lanes: 4/  lanes: 4\n  clip_norm: &a [1, *a]/' "$base" >alias.yaml
rejected "an alias inside of itself" "alias.yaml:" "alias" -- run alias.yaml
sed 's/evaluation:/evaluation: {bootstrap: 2000000000}\nexplanation:/; s/  bootstrap: 20/  pairs: 1/' "$base" >bootstrap.yaml
rejected "two thousand million resamples" "bootstrap.yaml:" "evaluation.bootstrap: found 2000000000" "1000000" -- \
  run bootstrap.yaml

say "True is true"
quietly log_true on_ranks "$ranks" measure "$base" --set dataset.remove_mean=True --output said_true

# --- networks

# network NAME TEXT… with the layers on standard input
network() {
  local name=$1
  shift
  cat >network.yaml
  rejected "$name" "$@" -- run "$base" --set network.file="$PWD/network.yaml" --output never
}
network "a repetition of NaN" network.yaml:3 "nan" <<'YAML'
name: x
layers:
  - repeat: 1e308*10 - 1e308*10
    layers: [relu]
  - flatten:
  - dense: {values: 1}
YAML
network "a repetition for ever" network.yaml:2 "at most 10000" <<'YAML'
layers:
  - repeat: 1000000000000000000
    layers:
    - repeat: 0
      layers: [relu]
  - flatten:
  - dense: {values: 1}
YAML
network "weights beyond 64 bits" network.yaml:4 "layer 2 (dense)" "2e+18 weights" <<'YAML'
layers:
  - flatten:
  - dense: {values: 1000000000}
  - dense: {values: 2000000000}
  - dense: {values: 2000000000}
  - dense: {values: 1}
YAML
network "layers inside of themselves" network.yaml:2 "alias" <<'YAML'
layers: &a
  - repeat: 2
    layers: *a
YAML
printf "parameters: {a: '%s'}\nlayers:\n  - flatten:\n  - dense: {values: 1}\n" "$(repeated '(' 500000)" >network.yaml
rejected "half a million brackets in an expression" network.yaml:1 "inside of one another" -- \
  run "$base" --set network.file="$PWD/network.yaml" --output never
printf 'layers:\n  - flatten:\n  - dense: {values: 400000000}\n  - dense: {values: 1}\n' >network.yaml
rejected "a network that no machine holds" "network.yaml" "out of memory" "TiB" "smaller" -- \
  run "$base" --set network.file="$PWD/network.yaml" --output never
quietly log_table on_ranks "$ranks" network network.yaml --input 1x32x32
expect_in log_table "It does not fit here"

# --- threads and memory

rejected "a million threads" "parallel.threads_per_rank: found 1000000" "cores" -- \
  run "$base" --set parallel.threads_per_rank=1000000 --output never
OMP_NUM_THREADS=1000000 rejected "a million threads of the environment" "OMP_NUM_THREADS: found 1000000" -- run "$base" \
  --output never
OMP_NUM_THREADS=many rejected "threads that are no number" "OMP_NUM_THREADS: found 'many'" -- run "$base" --output never
[[ ! -e never/model.safetensors ]] || fail "something was trained"
expect_no_temporaries .

# --- a network that has learnt nothing

say "weights that decay to nothing: said in training, and the maps fail by name"
quietly log_dead on_ranks "$ranks" run "$base" --output dead --set training.optimizer.name=sgd \
  --set training.optimizer.momentum=0 --set training.optimizer.learning_rate=1 \
  --set training.optimizer.schedule=constant --set training.optimizer.weight_decay=1
expect_in log_dead 'gives every validation sample the same output' 'evaluate: the network gives every test sample' \
  'explain: FAILED: seed 5, gr: the network gives every sample the same output'
expect_equal "$("$PHISCOPE_PROBE" values dead/explanation.h5 sanity/gradient/passed | tr '\n' ' ')" '0 0 ' "maps passed"
"$PHISCOPE_PROBE" values dead/explanation.h5 sanity/gradient/failure >failures
expect_in failures 'seed 5, newton: the network' 'seed 5, gr: the network'

say "a network that has learnt: nothing of the kind is said"
quietly log_alive on_ranks "$ranks" run "$base" --output alive
expect_not_in log_alive 'the same output' 'FAILED'
expect_equal "$("$PHISCOPE_PROBE" values alive/explanation.h5 sanity/gradient/passed | tr '\n' ' ')" '1 1 ' "maps passed"

for stage in evaluate explain; do
  cp -r alive "spoilt_$stage"
  rm -f "spoilt_$stage"/{evaluation.h5,evaluation.json,explanation.h5}
  "$PHISCOPE_PROBE" nan_model "spoilt_$stage/model.safetensors"
  rejected "a weight that is not a number, in $stage" "model.safetensors: the tensor" "nan" -- \
    "$stage" "$base" --output "spoilt_$stage"
  [[ ! -e spoilt_$stage/evaluation.json && ! -e spoilt_$stage/explanation.h5 ]] || fail "NaN was computed on"
done
expect_no_temporaries .
