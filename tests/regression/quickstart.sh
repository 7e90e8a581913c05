#!/usr/bin/env bash
# The quickstart study as the README tells to run it, on two ranks and from the repository's root: every result file is
# there, of the promised shape, and says something.
# shellcheck source=tests/regression/assertions.sh
source "$(dirname "${BASH_SOURCE[0]}")/assertions.sh"

run=$PHISCOPE_WORK/run
cd "$source_root"
quietly "$PHISCOPE_WORK/log" on_ranks 2 run config/quickstart.yaml --output "$run" \
  --set training.epochs=8 --set explanation.pairs=1
cd "$PHISCOPE_WORK"

say "all files of a run directory"
expect_file "$run"/{study.yaml,provenance.json,log.txt,statistics.h5,model.safetensors,metrics.jsonl} \
  "$run"/{evaluation.h5,evaluation.json,explanation.h5,report.html,checkpoints/last.ckpt,checkpoints/best.ckpt}
[[ $(find "$run/units" -name '*.h5' | wc -l) -ge 20 ]] || fail "units/ does not hold one file per seed"
[[ -n $(find "$run/figures" -type f) ]] || fail "figures/ is empty"
expect_no_temporaries "$run"

say "statistics.h5: 20 seeds, 2 gravities, 2 redshifts"
statistics=$run/statistics.h5
bins=$("$PHISCOPE_PROBE" shape "$statistics" power/k)
((bins >= 8)) || fail "there are only $bins bins of k"
expect_shape "$statistics" catalogue/seed 20
expect_shape "$statistics" catalogue/redshift 2
expect_equal "$("$PHISCOPE_PROBE" values "$statistics" catalogue/gravity | paste -sd ' ')" "gr newton" "the gravities"
expect_shape "$statistics" power/modes "$bins"
expect_shape "$statistics" power/p "20x2x2x$bins"
expect_shape "$statistics" power/mean "2x2x$bins"
expect_shape "$statistics" power/std "2x2x$bins"
expect_shape "$statistics" power/ratio "2x$bins"
expect_shape "$statistics" power/ratio_error "2x$bins"
n=$("$PHISCOPE_PROBE" shape "$statistics" bispectrum/k1)
((n >= 20)) || fail "there are only $n triangles"
for dataset in k2 k3 triangles; do expect_shape "$statistics" "bispectrum/$dataset" "$n"; done
for dataset in b q; do expect_shape "$statistics" "bispectrum/$dataset" "20x2x2x$n"; done
expect_shape "$statistics" bispectrum/tree_level "2x$n"
expect_shape "$statistics" power/linear "2x$bins"
expect_shape "$statistics" power/gevolution "20x2x2x$bins"
expect_shape "$statistics" power/covariance "2x2x${bins}x$bins"
# At tree level B of Φ is negative: Φ is negative in overdensities, and the density is skewed to them.
"$PHISCOPE_PROBE" values "$statistics" bispectrum/tree_level | awk '!($1 < 0) { exit 1 }' ||
  fail "the tree-level bispectrum of Φ is not negative"
# General relativity has more power on the largest scales: 5 to 8 % in the first bin of these boxes.
"$PHISCOPE_PROBE" values "$statistics" power/ratio | awk 'NR == 1 && ($1 < 1.0 || $1 > 1.2) { exit 1 }' ||
  fail "P_gr/P_newton of the first bin is not a few per cent above one"
if "$PHISCOPE_PROBE" values "$statistics" power/p | awk '!($1 > 0) { bad = 1 } END { exit !bad }'; then
  fail "a power is not positive"
fi

say "evaluation: shapes, and numbers in their ranges"
expect_shape "$run/evaluation.h5" test/slice/logit $((5 * 2 * 3 * 32))
expect_shape "$run/evaluation.h5" test/cube/logit 10
expect_shape "$run/evaluation.h5" validation/slice/logit $((3 * 2 * 3 * 32))
for dataset in seed gravity axis index; do
  expect_shape "$run/evaluation.h5" "test/slice/$dataset" $((5 * 2 * 3 * 32))
done
for part in test validation; do
  for level in slice cube; do
    for quantity in accuracy auc precision recall f1; do
      value=$(json "$run/evaluation.json" "/$part/$level/$quantity")
      expect_that "$value >= 0 && $value <= 1" "$part $level $quantity"
    done
    expect_that "$(json "$run/evaluation.json" "/$part/$level/loss") > 0" "$part $level loss"
    expect_that "$(json "$run/evaluation.json" "/$part/$level/accuracy_error") >= 0" "$part $level accuracy_error"
  done
done
expect_equal "$(json "$run/evaluation.json" /test/slice/samples)" $((5 * 2 * 3 * 32)) "the scored slices"
expect_equal "$(json "$run/evaluation.json" /test/cube/samples)" 10 "the scored cubes"
expect_equal "$(json "$run/evaluation.json" /test/cube/seeds)" 5 "the scored seeds"
# The bounds follow from the spectra of the training cubes alone: 0.702 for a cube and 0.626 for a slice. A slice holds
# less than its cube.
slice_bound=$(json "$run/evaluation.json" /test/slice/bound)
cube_bound=$(json "$run/evaluation.json" /test/cube/bound)
expect_that "$cube_bound > 0.65 && $cube_bound < 0.75" "the bound for a cube"
expect_that "$slice_bound > 0.58 && $slice_bound < 0.67" "the bound for a slice"
# With eight epochs and three training seeds: AUC of the slices 0.570 to 0.574 (test) and 0.563 to 0.568 (validation),
# lowest validation loss 0.6862 to 0.6876, where ln 2 = 0.6931 is that of a network that has learnt nothing.
for part in test validation; do
  expect_that "$(json "$run/evaluation.json" "/$part/slice/auc") > 0.54" "something was learnt: $part slices"
done
best_loss=$(sed -n 's/.*"split":"validation","loss":\([^,]*\),.*/\1/p' "$run/metrics.jsonl" | sort -g | head -1)
expect_that "${best_loss:-1} < 0.691" "something was learnt: the lowest validation loss"
expect_that "($(json "$run/evaluation.json" /validation/slice/loss) - ${best_loss:-1})^2 < 1e-8" \
  "the model is that of the lowest validation loss"
expect_that "$(json "$run/evaluation.json" /test/cube/accuracy) > 0.5" "better than chance on the test cubes"
for level in slice cube; do
  total=$(json "$run/evaluation.json" "/test/$level/confusion" | tr -c '0-9\n' ' ' | awk '{ print $1 + $2 + $3 + $4 }')
  expect_equal "$total" "$(json "$run/evaluation.json" "/test/$level/samples")" "the sum of the confusion matrix"
done

say "metrics.jsonl: one line per epoch and split"
for epoch in 1 8; do
  for split in train validation; do
    expect_in "$run/metrics.jsonl" "\"stage\":\"train\",\"epoch\":$epoch,\"split\":\"$split\",\"loss\":"
  done
done
expect_equal "$(grep -c '"samples_per_second":.*"time":' "$run/metrics.jsonl")" 16 "the lines of metrics.jsonl"

say "explanation.h5: maps of the size of the cube, and their sanity check"
for gravity in gr newton; do expect_shape "$run/explanation.h5" "gradient/15/$gravity" 32x32x32; done
expect_shape "$run/explanation.h5" sanity/gradient/weight_randomisation 2

say "provenance.json"
for key in ranks threads_per_rank mpi hdf5 fftw onednn started stages/measure stages/train stages/report; do
  json "$run/provenance.json" "/$key" >/dev/null || fail "provenance.json has no $key"
done
expect_equal "$(json "$run/provenance.json" /ranks)" 2 "the number of ranks in provenance.json"

say "report.html: one file that needs no other"
expect_in "$run/report.html" '</html>' 'data:image/'
if grep -oE '(src|href)="[^"#][^"]{0,60}' "$run/report.html" | grep -vE '="(data:|#)' >&2; then
  fail "report.html refers to other files"
fi
if grep -oE '(src|href|url)[=(]["'"'"']?https?://[^"'"'"' )]*|@import[^;]*' "$run/report.html" >&2; then
  fail "report.html loads something from the network"
fi

say "study.yaml runs again, to the same numbers"
# It names this run directory as its output.
quietly log_again on_ranks 2 run "$run/study.yaml" --set stages=measure,train,evaluate,explain
expect_in log_again 'measure: done before' 'train: done before' 'evaluate: done before' 'explain: done before'
quietly log_copy on_ranks 1 measure "$run/study.yaml" --output "$PHISCOPE_WORK/copy"
expect_same_bytes "$run" copy statistics.h5
