#!/usr/bin/env bash
# `phiscope search`: the same table on any number of ranks and teams and after any interruption; test seeds are never
# opened; what a trial cannot do is a row, and what no trial can do is an error before anything is trained.
# shellcheck source=tests/regression/assertions.sh
source "$(dirname "${BASH_SOURCE[0]}")/assertions.sh"

study=$tests/tiny_search.yaml

# Validation and training seeds alone: a search that opened a test seed would fail.
copy_pairs "$PHISCOPE_WORK/no_test" 0 1 2 3 4
sed "s|tests/data/pairs32|$PHISCOPE_WORK/no_test|" "$study" >study.yaml
cp -r "$tests/tiny_network.yaml" .
sed -i "s|tests/regression/tiny_network.yaml|$PWD/tiny_network.yaml|" study.yaml

# search RANKS FOLDER [OPTION…]
search() {
  local ranks=$1 folder=$2
  shift 2
  on_ranks "$ranks" search study.yaml --output "$folder" "$@"
}
table() { printf '%s/search/search.csv' "$1"; }
same_results() { # same_results FOLDER: as those of the search that was left alone
  cmp "$(table whole)" "$(table "$1")" || fail "search.csv differs between whole and $1"
  # but for the run directory
  diff <(sed 's/directory: whole/directory:/' whole/search/best.yaml) \
    <(sed "s/directory: $1/directory:/" "$1/search/best.yaml") || fail "best.yaml differs between whole and $1"
  expect_no_temporaries "$1"
}
# column NAME FOLDER: of every row
column() {
  grep -v '^#' "$(table "$2")" | awk -F, -v name="$1" 'NR == 1 { for (i = 1; i <= NF; ++i) if ($i == name) c = i } NR > 1 { print $c }'
}

say "test seeds are not opened, and the others are"
quietly log_whole search 1 whole
expect_code 1 log_run on_ranks 1 train study.yaml --output never
expect_in log_run 'seed0005'
mv no_test/seed0004 aside
expect_code 1 log_no_validation search 1 never
expect_in log_no_validation 'seed0004'
mv aside no_test/seed0004
[[ ! -e never/search/trial_0000 ]] || fail "a trial was begun although a validation seed is missing"

say "the table: every trial once, best first, with the reasons of those that failed"
expect_equal "$(column trial whole | sort -n | tr '\n' ' ')" '0 1 2 3 4 5 6 7 ' "the trials"
expect_in "$(table whole)" ',complete,' ',dropped,' 'diverged: the training loss is not finite in epoch' \
  'refused: training.batch is 12, expected a multiple of 8'
column validation_loss whole | grep . >losses
sort -g losses | diff losses - || fail "the rows are not sorted by loss"
expect_equal "$(column status whole | head -1)" complete "the best trial's status"
expect_in log_whole 'search: round 1 of 3' 'search: round 3 of 3' 'rank  trial  epochs'

say "a damaged score is made anew"
cp -r whole score
mapfile -t scores < <(find score/search -name 'score_epoch*.json' | sort)
sed -i 's/"score": "/&0/' "${scores[0]}"
echo garbage >"${scores[1]}"
quietly log_score search 1 score
expect_in log_score "${scores[0]}: damaged" "${scores[1]}: damaged"
same_results score

say "1, 2 and 4 ranks, alone and in teams: the same bytes"
quietly log_two search 2 two
same_results two
quietly log_four search 4 four
same_results four
quietly log_teams search 4 teams --set search.ranks_per_trial=2
same_results teams

say "a trial is a study: by hand it comes to the same weights and the same score"
best=whole/search/trial_$(printf '%04d' "$(column trial whole | head -1)")
expect_in "$best/study.yaml" "training:" "learning_rate: $(column training.optimizer.learning_rate whole | head -1)"
expect_not_in "$best/study.yaml" 'search:' 'ranges:'
cp -r "$pairs/seed0005" no_test/
quietly log_hand on_ranks 1 train "$best/study.yaml" --output hand
expect_same_bytes "$best" hand model.safetensors
loss=$(grep '"validation"' hand/metrics.jsonl | sed 's/.*"loss":\([^,}]*\).*/\1/' | sort -g | head -1)
expect_equal "$(column validation_loss whole | head -1)" "$loss" "the loss of the best trial"
quietly log_goes_on on_ranks 1 run "$best/study.yaml" --set stages=train,evaluate
expect_in log_goes_on 'train: done before'
quietly log_best on_ranks 2 train whole/search/best.yaml --output best
expect_same_bytes "$best" best model.safetensors
quietly log_pack on_ranks 1 pack study.yaml --output packing -o "$PWD/packed.h5"
rm -r no_test/seed0005

say "from a packed file test seeds are not opened either"
quietly log_packed search 2 from_pack --set "dataset.packed=$PWD/packed.h5" --set search.trials=2
expect_in "$(table from_pack)" ',complete,'

say "a finished search is not repeated"
find whole/search -path '*trial_*' -name '*.ckpt' -exec stat -c '%n %i %Y' {} + | sort >before
quietly log_again search 2 whole
find whole/search -path '*trial_*' -name '*.ckpt' -exec stat -c '%n %i %Y' {} + | sort >after
diff before after || fail "the second search trained again"
expect_not_in log_again 'trial   '

# start_and_wait RANKS FOLDER TEXT TRIAL [OPTION…]: the search in the background as $job, until the trial's log says TEXT
start_and_wait() {
  local ranks=$1 folder=$2 text=$3 trial=$4
  shift 4
  "${PHISCOPE_MPIRUN:-mpirun}" -n "$ranks" "$PHISCOPE" search study.yaml --output "$folder" "$@" >"log_$folder" 2>&1 &
  job=$!
  wait_for 60 grep -qsE "$text" "$folder/search/$trial/log.txt"
}
stopped() { # stopped FOLDER: $job ends with 85 and without a table
  local code=0
  wait "$job" || code=$?
  ((code == 85)) || { cat "log_$1" >&2; fail "exit status $code after the signal, expected 85"; }
  expect_in "log_$1" 'stopped on request in the search'
  [[ ! -e $(table "$1") ]] || fail "the search was over before the signal"
}

say "KILL to one of two ranks, twice: the same command goes on"
for trial in trial_0001 trial_0006; do
  start_and_wait 2 killed 'epoch +3 +train' "$trial"
  kill -KILL "$(pgrep -P "$job" -x phiscope | head -1)"
  code=0
  wait "$job" || code=$?
  ((code != 0)) || fail "mpirun ended with status 0 although a rank was killed"
done
quietly log_killed search 2 killed
same_results killed

say "USR1 to mpirun: 85 after checkpoints, then on with another number of ranks"
start_and_wait 2 usr1 'epoch +2 +train' trial_0001
kill -USR1 "$job"
stopped usr1
quietly log_usr1 search 1 usr1
same_results usr1

say "TERM to one rank: the other teams stop too"
start_and_wait 2 term 'epoch +2 +train' trial_0001
kill -TERM "$(pgrep -P "$job" -x phiscope | tail -1)"
stopped term
quietly log_term search 4 term
same_results term

say "TERM to a rank that has no trial: the one that has stops"
start_and_wait 2 idle 'epoch +2 +train' trial_0000 --set search.trials=1 --set search.method=random \
  --set training.epochs=5000 --set 'search.ranges={training.optimizer.learning_rate: {min: 1e-4, max: 1e-3, scale: log}}'
for process in $(pgrep -P "$job" -x phiscope); do
  if tr '\0' '\n' <"/proc/$process/environ" | grep -qx OMPI_COMM_WORLD_RANK=1; then kill -TERM "$process"; fi
done
stopped idle

say "more trials, and other rounds, keep what is there"
cp -r whole more
quietly log_more search 1 more --set search.trials=10
expect_equal "$(column trial more | wc -l)" 10 "the trials of the longer search"
expect_not_in log_more 'trial   0  ' 'trial   7  '
cp -r more fewer
quietly log_fewer search 1 fewer
cmp "$(table whole)" "$(table fewer)" || fail "what a longer search left changes the table of a shorter one"

say "what a search of other values left is refused, and nothing is trained"
checksums whole/search >sums
for change in search.seed=4 training.seed=8 'search.ranges.training.optimizer.learning_rate={min: 1e-4, max: 1e-2}'; do
  expect_code 1 log_other search 2 whole --set "$change"
  expect_in log_other 'trial_000' 'was made with other settings' 'choose another --output'
done
checksums whole/search | grep trial_ >sums_after
grep trial_ sums | diff - sums_after || fail "a refused search changed the trials"

say "what would hit every trial ends the search at once"
refused() { # refused TEXT OPTION…
  local text=$1
  shift
  expect_code 1 log_refused search 2 refused "$@"
  expect_in log_refused "$text"
  [[ ! -e refused/search/trial_0000/checkpoints ]] || fail "trained in spite of: $text"
}
refused "unknown setting 'network.hiden'; did you mean 'network.hidden'?" --set 'search.ranges.network.hiden={min: 1, max: 2}'
refused 'search.ranks_per_trial is 3, but the program runs on 2 ranks: it must divide the number of ranks' \
  --set search.ranks_per_trial=3
refused 'no trial has settings that can be trained; trial 0: training.batch is' \
  --set 'search.ranges.training.batch={choices: [12, 20]}'
refused 'search.ranges is missing or empty' --set 'search.ranges={}'
refused 'there are no spectra for dataset.sample spectra yet' --set dataset.sample=spectra
sed 's/weight_decay: {choices/weight_decay: {choice/' study.yaml >misspelt.yaml
expect_code 1 log_misspelt on_ranks 2 search misspelt.yaml --output refused
expect_in log_misspelt "misspelt.yaml:$(grep -n 'choice:' misspelt.yaml | cut -d: -f1): search.ranges.training.optimizer.weight_decay"

say "a bad cube ends the search, not a trial"
cp -r no_test bad
spoil bad/seed0001/gr/gr_snap001_phi.h5 '\000\000\300\177'
expect_code 1 log_bad search 2 bad_cube --set "simulations.root=$PWD/bad"
expect_in log_bad 'gr_snap001_phi.h5' 'not finite'
[[ ! -e $(table bad_cube) ]] || fail "a search with a bad cube wrote a table"

say "spectra that were measured are those of the trials"
spectra=(--set dataset.sample=spectra --set "network.file=$source_root/config/networks/mlp.yaml"
  --set training.lanes=1 --set training.batch=8 --set 'search.ranges={training.optimizer.learning_rate: {min: 1e-4, max: 1e-2, scale: log}}'
  --set search.trials=3 --set search.method=random --set training.epochs=2)
cp -r "$pairs/seed0005" no_test/  # which `measure` wants
quietly log_measure on_ranks 2 measure study.yaml --output spectra "${spectra[@]}"
rm -r no_test/seed0005
for ranks in 1 2; do
  cp -r spectra "spectra$ranks"
  quietly "log_spectra$ranks" search "$ranks" "spectra$ranks" "${spectra[@]}"
done
cmp "$(table spectra1)" "$(table spectra2)" || fail "search.csv differs between the searches on spectra"
expect_equal "$(grep -c ',complete,' "$(table spectra1)")" 3 "the trials on spectra"
cp -r spectra spectra_batch
quietly log_spectra_batch search 1 spectra_batch "${spectra[@]}" --set search.trials=6 \
  --set 'search.ranges={training.batch: {choices: [8, 64]}}'
expect_in "$(table spectra_batch)" ',complete,' 'refused: training.batch is 64, more than the 8 samples'

say "trials that all diverge: the table says why, and the exit status that nothing came of it"
expect_code 1 log_diverged search 2 diverged --set search.trials=2 --set search.method=random \
  --set 'search.ranges={training.optimizer.weight_decay: {choices: [1e9]}}' --set training.optimizer.name=sgd
expect_in log_diverged 'no trial of the search ended well'
expect_equal "$(grep -c 'diverged: ' "$(table diverged)")" 2 "the trials that diverged"
