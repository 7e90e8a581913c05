#!/usr/bin/env bash
# on_bad_cube: skip leaves out each pair with a bad cube, whole, and says so everywhere: in the log, in statistics.h5, in
# provenance.json and in the report. The rest is what a study of the good pairs alone gives.
# shellcheck source=tests/regression/assertions.sh
source "$(dirname "${BASH_SOURCE[0]}")/assertions.sh"

copy_pairs sims 0 1 2 3 4 5 6 7 8
rm sims/seed0001/gr/gr_snap001_phi.h5
truncate -s 70000 sims/seed0002/newton/newton_snap000_phi.h5
spoil sims/seed0003/newton/newton_snap001_phi.h5 '\000\000\300\177'
study=("$tiny" --set "simulations.root=$PHISCOPE_WORK/sims" --set "dataset.split.train=0-6"
  --set dataset.split.validation=7 --set dataset.split.test=8 --set simulations.seeds=0-8
  --set "stages=measure,train,evaluate,explain,report")

say "stop is the default"
expect_code 1 log_stop on_ranks 2 run "${study[@]}" --output stop
expect_in log_stop 'error:' 'seed0001/gr/gr_snap001_phi.h5: missing'

for ranks in 1 2; do
  say "skip, on $ranks ranks"
  run=skip$ranks
  quietly "log$ranks" on_ranks "$ranks" run "${study[@]}" --set simulations.on_bad_cube=skip --output "$run"
  for log in "log$ranks" "$run/log.txt"; do
    expect_in "$log" 'seed 1 is left out' 'seed 2 is left out' 'seed 3 is left out' \
      'gr_snap001_phi.h5: missing' 'newton_snap000_phi.h5' 'not finite'
  done
  expect_equal "$("$PHISCOPE_PROBE" values "$run/statistics.h5" catalogue/dropped_seed | paste -sd ' ')" "1 2 3" \
    "the seeds that statistics.h5 calls dropped"
  expect_equal "$("$PHISCOPE_PROBE" values "$run/statistics.h5" catalogue/seed | paste -sd ' ')" "0 4 5 6 7 8" \
    "the seeds of statistics.h5"
  "$PHISCOPE_PROBE" values "$run/statistics.h5" catalogue/dropped_reason >reasons
  expect_in reasons 'seed0001/gr/gr_snap001_phi.h5' 'seed0002/newton/newton_snap000_phi.h5' 'seed0003/newton/newton_snap001_phi.h5'
  for i in 0 1 2; do
    expect_equal "$(json "$run/provenance.json" "/dropped/$i/seed")" $((i + 1)) "a dropped seed in provenance.json"
  done
  expect_in "$run/report.html" 'Dropped pairs: 3' 'gr_snap001_phi.h5' 'newton_snap000_phi.h5' 'newton_snap001_phi.h5'
done
expect_same_bytes skip1 skip2 model.safetensors evaluation.json

say "the same pairs are left out by teams of ranks that hold a cube together, also one that is exchanged"
copy_pairs swapped 0 1 2 4
mv swapped/seed0000/gr/gr_snap000_phi.h5 later.h5
mv swapped/seed0000/gr/gr_snap001_phi.h5 swapped/seed0000/gr/gr_snap000_phi.h5
mv later.h5 swapped/seed0000/gr/gr_snap001_phi.h5
spoil swapped/seed0002/newton/newton_snap001_phi.h5 '\000\000\300\177'
for ranks_per_cube in 1 2; do
  quietly log_teams on_ranks 2 measure "$tiny" --set "simulations.root=$PHISCOPE_WORK/swapped" \
    --set simulations.seeds=0-2,4 --set simulations.on_bad_cube=skip --set measure.ranks_per_cube=$ranks_per_cube \
    --set dataset.split.train= --set dataset.split.validation= --set dataset.split.test= \
    --set stages=measure --set network.file= --output "teams$ranks_per_cube"
  expect_in log_teams 'seed 0 is left out' 'seed0000/gr/gr_snap000_phi.h5: k³P' 'seed 2 is left out' 'not finite'
done
expect_same_numbers teams1/statistics.h5 teams2/statistics.h5 1e-12 power/p

say "a table that cannot be read is named whichever rank meets it"
copy_pairs tables 0 1 2 4
for seed in 1 2; do printf '# redshift z=1\n1 2 3\n' >"tables/seed000$seed/gr/gr_pk001_phi.dat"; done
for ranks in 1 2; do
  quietly log_tables on_ranks $ranks measure "$tiny" --set "simulations.root=$PHISCOPE_WORK/tables" \
    --set simulations.seeds=0-2,4 --set dataset.split.train= --set dataset.split.validation= \
    --set dataset.split.test= --set stages=measure --set network.file= --output "tables$ranks"
  for seed in 1 2; do
    expect_equal "$(grep -c "seed000$seed/gr/gr_pk001_phi.dat" log_tables)" 1 "the warnings of seed $seed on $ranks ranks"
  done
done

say "what is left is the study of the good pairs"
quietly log_good on_ranks 2 run "${study[@]}" --set simulations.seeds=0,4-8 --set dataset.split.train=0,4-6 --output good
expect_same_bytes skip2 good model.safetensors evaluation.json
expect_same_numbers skip2/statistics.h5 good/statistics.h5 0 power/p power/ratio

say "going on with a skipping study finds it done"
quietly log_again on_ranks 1 run "${study[@]}" --set simulations.on_bad_cube=skip --output skip1
expect_in log_again 'measure: done before' 'train: done before' 'evaluate: done before' 'explain: done before'

say "a part of the split without a good pair is an error"
expect_code 1 log_empty on_ranks 2 run "${study[@]}" --set simulations.on_bad_cube=skip --output empty \
  --set dataset.split.train=0,4-6 --set dataset.split.validation=7 --set dataset.split.test=1-3 --set simulations.seeds=0-7
expect_in log_empty 'error:' 'dataset.split.test'
