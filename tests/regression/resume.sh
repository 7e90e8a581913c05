#!/usr/bin/env bash
# Stop anywhere, lose nothing: what is done is skipped, signals write a checkpoint first, kills lose only the unit at
# work, and the end is the same to the byte, on any number of ranks.
# shellcheck source=tests/regression/assertions.sh
source "$(dirname "${BASH_SOURCE[0]}")/assertions.sh"

# Enough epochs that a signal finds the training at work, with checkpoints inside an epoch too.
study=("$tiny" --set training.epochs=6 --set training.batch=8 --set training.checkpoint_minutes=0.0001)

quietly log_whole on_ranks 1 run "${study[@]}" --output whole
expect_no_temporaries whole

say "a second run skips what is done and touches nothing"
stat -c '%n %i %Y' whole/{statistics.h5,model.safetensors,evaluation.h5,evaluation.json,explanation.h5,metrics.jsonl} \
  whole/units/* whole/checkpoints/* >before
checksums whole | grep -v provenance.json >sums_before
quietly log_second on_ranks 1 run "${study[@]}" --output whole
expect_in log_second 'measure: done before' 'train: done before' 'evaluate: done before' 'explain: done before'
stat -c '%n %i %Y' whole/{statistics.h5,model.safetensors,evaluation.h5,evaluation.json,explanation.h5,metrics.jsonl} \
  whole/units/* whole/checkpoints/* >after
checksums whole | grep -v provenance.json >sums_after
diff before after || fail "the second run wrote results anew"
diff sums_before sums_after || fail "the second run changed results"

say "only what is missing is made again"
cp -r whole part
rm part/explanation.h5 part/evaluation.json part/statistics.h5 part/units/power_seed0002.h5
quietly log_part on_ranks 1 run "${study[@]}" --output part
expect_in log_part 'train: done before'
expect_same_bytes whole part "${timeless[@]}"
"$PHISCOPE_PROBE" shape part/units/power_seed0002.h5 bispectrum/b >/dev/null || fail "the unit holds no bispectrum"

# start_and_wait RANKS FOLDER TEXT: starts the study in the background as $job, until its log says TEXT
start_and_wait() {
  "${PHISCOPE_MPIRUN:-mpirun}" -n "$1" "$PHISCOPE" run "${study[@]}" --output "$2" >"log_$2" 2>&1 &
  job=$!
  wait_for 60 grep -qE "$3" "$2/log.txt"
}

# expect_stopped FOLDER: $job ends with 85 and leaves a checkpoint, but no model
expect_stopped() {
  local code=0
  wait "$job" || code=$?
  ((code == 85)) || { cat "log_$1" >&2; fail "exit status $code after the signal, expected 85"; }
  expect_in "log_$1" 'stopped on request'
  expect_file "$1/checkpoints/last.ckpt"
  [[ ! -e $1/model.safetensors ]] || fail "the training was over before the signal"
}

# go_on RANKS FOLDER: the same command finishes the study, to the same bytes
go_on() {
  quietly "log_$2.again" on_ranks "$1" run "${study[@]}" --output "$2"
  expect_in "log_$2.again" 'going on from epoch'
  expect_same_bytes whole "$2" model.safetensors evaluation.json
  expect_same_numbers whole/statistics.h5 "$2/statistics.h5" 1e-12 power/p
  expect_no_temporaries "$2"
  expect_equal "$(wc -l <"$2/metrics.jsonl")" 12 "the lines of metrics.jsonl after resuming"
}

say "USR1 to mpirun, as a batch script sends it: exit status 85, then on with two ranks"
start_and_wait 2 usr1 'epoch +1 +train'
kill -USR1 "$job"
expect_stopped usr1
go_on 2 usr1

say "the same, then on with another number of ranks"
start_and_wait 2 usr1_other 'epoch +1 +validation'
kill -USR1 "$job"
expect_stopped usr1_other
go_on 3 usr1_other

say "TERM to one rank: all ranks stop together"
start_and_wait 2 term 'epoch +1 +train'
kill -TERM "$(pgrep -P "$job" -x phiscope | tail -1)"
expect_stopped term
go_on 1 term

say "TERM to a program without mpirun"
"$PHISCOPE" run "${study[@]}" --output alone >log_alone 2>&1 &
job=$!
wait_for 60 grep -qE 'epoch +1 +train' alone/log.txt
kill -TERM "$job"
expect_stopped alone
go_on 2 alone

say "KILL to one of two ranks, early, in training and again: nothing is lost"
killed=0
for text in 'team' 'epoch +1 +train' 'epoch +3 +train'; do
  "${PHISCOPE_MPIRUN:-mpirun}" -n 2 "$PHISCOPE" run "${study[@]}" --output killed >"log_killed$killed" 2>&1 &
  job=$!
  if [[ $text == team ]]; then
    wait_for 60 grep -qE "$text" "log_killed$killed"
  else
    wait_for 60 grep -qE "$text" killed/log.txt
  fi
  kill -KILL "$(pgrep -P "$job" -x phiscope | head -1)"
  code=0
  wait "$job" || code=$?
  ((code != 0)) || fail "mpirun ended with status 0 although a rank was killed"
  killed=$((killed + 1))
done
quietly log_killed on_ranks 2 run "${study[@]}" --output killed
expect_same_bytes whole killed model.safetensors evaluation.json
expect_no_temporaries killed
