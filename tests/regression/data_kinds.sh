#!/usr/bin/env bash
# Every kind of data and task: simulated, trained, scored, explained and used for predictions, to the same bytes on any
# number of ranks; a training that is stopped goes on to the same bytes.
# shellcheck source=tests/regression/assertions.sh
source "$(dirname "${BASH_SOURCE[0]}")/assertions.sh"

timeless=(model.safetensors evaluation.json evaluation.h5)
config=$source_root/config

# run_on_all_ranks STUDY [--set …]…: on 1, 2 and 4 ranks, each with data of its own making
run_on_all_ranks() {
  local study=$1 ranks place
  shift
  for ranks in 1 2 4; do
    say "$study, $ranks ranks"
    place=$PWD/$study.$ranks
    quietly "log_$study.$ranks" on_ranks "$ranks" run "$config/$study.yaml" --output "$study.$ranks" \
      --set "stages=[simulate, train, evaluate, explain]" "${@//PLACE/$place/data}"
  done
  for ranks in 2 4; do
    expect_same_bytes "$study.1" "$study.$ranks" "${timeless[@]}" explanation.h5
    diff -r "$study.1/data" "$study.$ranks/data" || fail "$study: the data differs between 1 and $ranks ranks"
  done
}

# --- tables

run_on_all_ranks friedmann --set data.table=PLACE/solutions.csv --set training.epochs=2 --set training.lanes=4 \
  --set 'simulate.parameters={ln_a: [-3, 0, 8], Omega_m0: [0.1, 0.5, 8], H0: [66, 80, 6]}'
expect_equal "$(json friedmann.1/evaluation.json /task)" '"regression"' "the task"
expect_shape friedmann.1/evaluation.h5 test/row/truth 77x4
# Today the rows say what they were asked for.
awk -F, '$1 == 0 { if ($2 != $4 || $3 != $7) exit 1; ++rows } END { exit rows != 48 }' friedmann.1/data/solutions.csv ||
  fail "the solutions today are not their initial values"
for ranks in 1 3; do
  quietly log_predict on_ranks "$ranks" predict friedmann.1 friedmann.1/data/solutions.csv -o "predicted.$ranks.csv"
done
cmp predicted.1.csv predicted.3.csv || fail "predictions differ with the number of ranks"
expect_equal "$(head -1 predicted.1.csv)" "name,Omega_m,Omega_r,Omega_Lambda,H" "the columns of predictions"
expect_equal "$(wc -l <predicted.1.csv)" 385 "lines of predictions"

cat >stars.yaml <<YAML
data: {kind: table, table: stars.csv, columns: [u, g, r], column_scaling: {r: log}}
task: {kind: classification, targets: [class]}
dataset: {split: {fractions: [0.6, 0.2, 0.2]}}
network: {file: config/networks/sigmoid_mlp.yaml, parameters: {layers: 1, width: 16}}
training: {epochs: 20, batch: 16, lanes: 4, optimizer: {name: adam, learning_rate: 1e-2}}
YAML
awk 'BEGIN { srand(3); print "u,class,g,r"; split("star galaxy quasar", name, " ");
  for (i = 0; i < 300; ++i) { c = i % 3; printf "%.4f,%s,%.4f,%.4f\n", c + rand(), name[c + 1], 2 * rand() - c, 1 + 9 * rand() } }' >stars.csv
for ranks in 1 2; do
  quietly "log_stars.$ranks" on_ranks "$ranks" run stars.yaml --output "stars.$ranks" --set network.file="$config/networks/sigmoid_mlp.yaml" \
    --set "stages=[train, evaluate, explain]"
done
expect_same_bytes stars.1 stars.2 "${timeless[@]}" explanation.h5
expect_that "$(json stars.1/evaluation.json /test/row/accuracy) > 0.9" "three classes that lie apart are told apart"
expect_shape stars.1/evaluation.h5 test/row/probability 60x3
quietly predicted.csv "$PHISCOPE" predict stars.1 stars.csv --quiet
expect_equal "$(head -1 predicted.csv)" "name,class,probability_galaxy,probability_quasar,probability_star" \
  "the columns of predicted classes"
# Columns are found by name, whatever their order; labels are not asked for.
awk -F, '{ print $4 "," $3 "," $1 }' stars.csv >unlabelled.csv
quietly again.csv "$PHISCOPE" predict stars.1 unlabelled.csv --quiet
cmp <(cut -d, -f2- predicted.csv) <(cut -d, -f2- again.csv) || fail "the order of the columns matters"
quietly log_h5 "$PHISCOPE" predict stars.1 stars.csv -o predicted.h5
expect_shape predicted.h5 class 300
expect_shape predicted.h5 probability_star 300

# --- maps: the posterior of six parameters, by simulation

run_on_all_ranks camels_mdn --set data.root=PLACE --set data.parameters=PLACE/parameters.txt --set simulate.grid_size=16 \
  --set simulate.simulations=10 --set data.per_simulation=3 --set training.epochs=2 --set training.batch=8 \
  --set training.lanes=4 --set network.parameters.hidden=4
expect_shape camels_mdn.1/evaluation.h5 test/map/prediction 6x6
expect_shape camels_mdn.1/evaluation.h5 test/simulation/prediction 2x6
expect_shape camels_mdn.1/evaluation.h5 test/map/mixture/weight 6x6x2
quietly maps.csv "$PHISCOPE" predict camels_mdn.1/model.safetensors "camels_mdn.1/data/Maps_mock_LH_z=0.00.npy" --quiet
expect_equal "$(wc -l <maps.csv)" 31 "lines of predictions of maps"
expect_in maps.csv "sigma_8,sigma_8_error"

# --- cubes, fields and classes

run_on_all_ranks cosmoflow --set data.root=PLACE --set data.parameters=PLACE/parameters.txt --set simulate.simulations=10 \
  --set training.epochs=1 --set training.batch=4 --set training.lanes=4 --set network.parameters.base=2
run_on_all_ranks ravanbakhsh --set data.root=PLACE --set data.parameters=PLACE/parameters.txt \
  --set simulate.simulations=10 --set training.epochs=1 --set training.batch=8 --set training.lanes=4 \
  --set network.parameters.base=2 --set dataset.subcube.per_cube=4
expect_shape ravanbakhsh.1/evaluation.h5 test/subcube/prediction 8x2
run_on_all_ranks displacement --set data.root=PLACE --set simulate.grid_size=8 --set simulate.simulations=10 \
  --set training.epochs=2 --set training.batch=4 --set network.parameters.width=4
expect_shape displacement.1/evaluation.h5 test/cube/correlation 4
quietly log_field on_ranks 2 predict displacement.1 displacement.1/data/inputs.npy -o fields.h5
expect_shape fields.h5 field 10x1x8x8x8
run_on_all_ranks three_gravities --set data.root=PLACE --set data.seeds=0-5 --set simulate.grid_size=16 \
  --set dataset.split.train=0-3 --set dataset.split.validation=4 --set dataset.split.test=5 --set training.epochs=1 \
  --set network.hidden=2
expect_shape three_gravities.1/evaluation.h5 test/slice/probability 144x3
expect_shape three_gravities.1/evaluation.h5 test/cube/probability 3x3
expect_shape three_gravities.1/explanation.h5 gradient/5/third 16x16x16

# --- what is there is not made again; other settings are not mixed with it

quietly log_again "$PHISCOPE" simulate "$config/displacement.yaml" --output displacement.1 \
  --set data.root="$PWD/displacement.1/data" --set simulate.grid_size=8 --set simulate.simulations=10
expect_in log_again "made before"
expect_code 1 log_other "$PHISCOPE" simulate "$config/displacement.yaml" --output displacement.1 \
  --set data.root="$PWD/displacement.1/data" --set simulate.grid_size=8 --set simulate.simulations=11
expect_one_error log_other "another number" "simulated.txt" "'simulations: 10'" "'simulations: 11'"

# --- stopped in the middle, it goes on to the same bytes

long=("$config/friedmann.yaml" --set "data.table=$PWD/friedmann.1/data/solutions.csv" --set training.lanes=4
  --set "stages=[train, evaluate]" --set training.epochs=300)
say "one go"
quietly log_go "$PHISCOPE" run "${long[@]}" --output go
say "stopped twice"
for try in 1 2; do
  "$PHISCOPE" run "${long[@]}" --output stops >log_stop 2>&1 &
  running=$!
  sleep "0.$((try * 3))"
  kill -TERM "$running" 2>/dev/null || true
  code=0
  wait "$running" || code=$?
  [[ $code == 85 || $code == 0 || $code == 143 ]] || { cat log_stop >&2; fail "a stopped training ended with $code"; }
done
quietly log_stops on_ranks 2 run "${long[@]}" --output stops
expect_same_bytes go stops "${timeless[@]}"

# --- what the spectra alone say of the cubes

for ranks in 1 2; do
  quietly "log_spectra.$ranks" on_ranks "$ranks" run "$config/cosmoflow.yaml" --output "spectra.$ranks" \
    --set data.kind=spectra --set data.root="$PWD/cosmoflow.1/data" \
    --set data.parameters="$PWD/cosmoflow.1/data/parameters.txt" --set simulate.simulations=10 \
    --set network.file="$config/networks/mlp.yaml" --set 'network.parameters={}' --set training.batch=4 \
    --set training.epochs=2 --set "stages=[simulate, train, evaluate]"
done
expect_in log_spectra.1 "made before"
expect_same_bytes spectra.1 spectra.2 "${timeless[@]}"
expect_shape spectra.1/evaluation.h5 test/spectra/truth 1x2
quietly spectra.csv "$PHISCOPE" predict spectra.1 cosmoflow.1/data/cubes.npy --quiet
expect_equal "$(wc -l <spectra.csv)" 11 "lines of predictions of spectra"

# --- again and again: folds, seeds, fewer groups

quietly log_repeat on_ranks 2 repeat stars.yaml --output stars.again --set network.file="$config/networks/sigmoid_mlp.yaml" \
  --set repeat.folds=3 --set repeat.seeds=2 --set "repeat.train_groups=[60, 180]" --set training.epochs=3
expect_equal "$(json stars.again/repeats.json /cross_validation/runs)" 3 "folds"
expect_that "$(json stars.again/repeats.json /ensemble/test/row/accuracy/scatter) >= 0" "an ensemble has a scatter"
expect_that "$(json stars.again/repeats.json /train_groups_60/test/row/log_loss/mean) > 0" "a learning curve has losses"

# --- a report of each task

for study in stars.1 camels_mdn.1 friedmann.1 displacement.1 three_gravities.1; do
  quietly "log_report.$study" python3 "$source_root/tools/report.py" "$study"
  expect_in "$study/report.html" "<h2>Scores</h2>" "<h2>Training</h2>"
  expect_not_in "$study/report.html" "could not be made" "recognises the gravity"
done
expect_in stars.1/report.html "The network tells the class of"
expect_in camels_mdn.1/report.html "The posterior of the first test map" "TARP"
expect_in displacement.1/report.html "mean squared error"
