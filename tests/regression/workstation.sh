#!/usr/bin/env bash
# jobs/workstation.sh takes a study to its end; TERM asks for a checkpoint, and the same command goes on.
# shellcheck source=tests/regression/assertions.sh
source "$(dirname "${BASH_SOURCE[0]}")/assertions.sh"

job_script=$source_root/jobs/workstation.sh
export PHISCOPE PHISCOPE_RANKS=2

say "a study to its end"
quietly log "$job_script" "$tiny" --output run
expect_file run/{statistics.h5,model.safetensors,evaluation.json,explanation.h5}
expect_in log '2 ranks × 1 thread'

say "TERM: exit status 85, then on"
study=("$tiny" --set training.epochs=20 --set stages=train)
quietly log_whole on_ranks 1 run "${study[@]}" --output whole
"$job_script" "${study[@]}" --output stopped >log_stopped 2>&1 &
job=$!
wait_for 60 grep -qE 'epoch +1 +train' stopped/log.txt
kill -TERM "$job"
code=0
wait "$job" || code=$?
expect_equal "$code" 85 "the exit status after TERM"
[[ ! -e stopped/model.safetensors ]] || fail "the training was over before the signal"
quietly log_again "$job_script" "${study[@]}" --output stopped
expect_same_bytes whole stopped model.safetensors

say "errors and wrong usage come through"
expect_code 1 log_bad "$job_script" "$tiny" --output run --set training.epoch=3
expect_in log_bad "did you mean 'training.epochs'"
expect_code 2 log_usage "$job_script"
expect_in log_usage 'jobs/workstation.sh config/quickstart.yaml'
