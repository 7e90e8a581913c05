#!/usr/bin/env bash
# The commands that only look: --version, --help, inspect, network, settings.
# shellcheck source=tests/regression/assertions.sh
source "$(dirname "${BASH_SOURCE[0]}")/assertions.sh"

quietly log on_ranks 1 run "$tiny" --output run

say "--version and --help"
[[ $("$PHISCOPE" --version) =~ ^phiscope\ [0-9]+\.[0-9]+\.[0-9]+ ]] || fail "--version says '$("$PHISCOPE" --version)'"
"$PHISCOPE" --help >help
expect_in help run measure train evaluate explain report power bispectrum inspect network settings search
"$PHISCOPE" run --help >help_run
expect_in help_run --output --set --quiet --log-level

say "inspect says what each file holds"
inspect() { "$PHISCOPE" inspect "$1" >"inspected" || fail "phiscope inspect $1"; }
inspect run/statistics.h5
expect_in inspected /power/p '6×2×2×' '(Mpc/h)^3' phiscope_version
inspect run/evaluation.h5
expect_in inspected /test/slice/logit 192
inspect run/explanation.h5
expect_in inspected /gradient/5/gr '32×32×32'
inspect run/units/power_seed0003.h5
expect_in inspected /power/p
inspect run/model.safetensors
expect_in inspected convolution_0.weight dense_ .bias 'not damaged'
inspect run/checkpoints/last.ckpt
expect_in inspected network/ moment0/
inspect run/checkpoints/best.ckpt # weights alone
expect_in inspected network/
inspect run/metrics.jsonl
expect_in inspected train validation
inspect run
expect_in inspected statistics.h5 model.safetensors evaluation.json
inspect "$pairs/seed0003"
expect_in inspected gr newton 2560
inspect "$pairs"
expect_in inspected 20 32
inspect "$pairs/seed0003/gr/gr_snap001_phi.h5"
expect_in inspected '32' float32
inspect "$pairs/seed0003/gr/gr_settings_used.ini"
expect_in inspected 2560

say "network prints its layers and parameters"
"$PHISCOPE" network "$source_root/config/networks/o3.yaml" --input 1x256x256 >layers
expect_in layers 'convolution' 'batch_normalisation' 'leaky_relu' 'dropout' 'dense' '16 channels of 256×256' total
total=$(awk '$1 == "total" {print $2}' layers)
# 15.0 million, as the thesis counts them.
((total > 14900000 && total < 15100000)) || fail "o3 has $total parameters, expected 15.0 million"
expect_in layers 'GFLOP per sample' 'micro-batches of 1'
"$PHISCOPE" network "$source_root/config/networks/mlp.yaml" --input 60 --batch 4 --set width=8 --set layers=1 >small_layers
expect_in small_layers '8 values' 'micro-batches of 4'
expect_code 1 log_parameter "$PHISCOPE" network "$source_root/config/networks/mlp.yaml" --input 60 --set widht=8
expect_in log_parameter 'error:' "'widht'" "did you mean 'width'"
expect_code 1 log_shape "$PHISCOPE" network "$source_root/config/networks/o3.yaml" --input 1xbig
expect_in log_shape 'error:' 1xbig CxHxW

say "settings lists every setting, and study.yaml holds them all, but for the search that this study has none of"
"$PHISCOPE" settings >listed
expect_in listed '| setting |' training.optimizer.learning_rate simulations.on_bad_cube measure.ranks_per_cube
sed -n 's:^| .\([a-z_.0-9]*\). |.*:\1:p' listed | tail -n +2 >names
(($(wc -l <names) >= 40)) || fail "only $(wc -l <names) settings are listed"
while read -r name; do
  grep -qE "^ *${name##*.}: " run/study.yaml || fail "study.yaml does not hold $name"
done < <(grep -v '^search\.' names)
expect_in names search.ranges
expect_not_in run/study.yaml 'search:'

say "the command line of a study: --quiet is quiet, --set and --output do what they say"
"$PHISCOPE" measure "$tiny" --quiet --output quiet --set simulations.seeds=0-5 --set measure.power.bin_width=2 >out 2>err
[[ ! -s out && ! -s err ]] || fail "--quiet printed: $(cat out err)"
expect_in quiet/study.yaml 'bin_width: 2'
