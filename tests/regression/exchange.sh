#!/usr/bin/env bash
# exchange.sh torch|onnx|tensorboard: other programs read what we write. Skipped where Python packages are missing.
# PHISCOPE_EXCHANGE_PYTHON names an interpreter that has them.
# shellcheck source=tests/regression/assertions.sh
source "$(dirname "${BASH_SOURCE[0]}")/assertions.sh"
: "${PHISCOPE_NETWORK_PROBE:?the program network_probe}"

declare -A packages=(
  [torch]="numpy, yaml, safetensors, torch"
  [onnx]="numpy, yaml, safetensors, onnx, onnxruntime"
  [tensorboard]="tensorboard"
)
peer=$1
export PYTHONDONTWRITEBYTECODE=1 OMP_NUM_THREADS=1

# The first interpreter that can import what the peer needs.
find_interpreter() {
  local candidate
  for candidate in "${PHISCOPE_EXCHANGE_PYTHON:-}" "$source_root/.venv/bin/python" python3 /usr/bin/python3; do
    if [[ -n $candidate ]] && "$candidate" -c "import ${packages[$peer]}" 2>/dev/null; then
      printf '%s\n' "$candidate"
      return
    fi
  done
}
python=$(find_interpreter)
if [[ -z $python ]]; then
  printf 'skipped: no Python here has %s\n' "${packages[$peer]}"
  exit 77
fi

say "a trained network"
quietly log on_ranks 1 train "$tiny" --output run
model=run/model.safetensors
expect_file "$model"

say "$peer"
case $peer in
  torch)
    "$python" "$tests/exchange_network_files.py"
    "$python" "$tests/exchange_torch.py" "$PHISCOPE_NETWORK_PROBE" "$model"
    quietly log_export "$python" "$source_root/tools/to_torch.py" "$model"
    expect_in log_export '(convolution_0)' '(batch_normalisation_1)'
    # Debian's PyTorch is 1.13: it takes the module, and says what the exported program lacks.
    if "$python" -c 'import torch.export' 2>/dev/null; then
      quietly log_export "$python" "$source_root/tools/to_torch.py" "$model" -o model.pt2
      expect_file model.pt2
    else
      expect_code 1 log_export "$python" "$source_root/tools/to_torch.py" "$model" -o model.pt2
      expect_in log_export 'to_torch.py: model.pt2: ' 'expected version 2.1 or newer'
    fi
    say "what is no model is named"
    expect_code 1 log_bad "$python" "$source_root/tools/to_torch.py" "$tiny"
    expect_in log_bad "to_torch.py: $tiny: "
    ;;
  onnx)
    "$python" "$tests/exchange_onnx.py" "$PHISCOPE_NETWORK_PROBE" "$model"
    quietly log_export "$python" "$source_root/tools/to_onnx.py" "$model"
    expect_file run/model.onnx
    expect_code 1 log_bad "$python" "$source_root/tools/to_onnx.py" "$tiny"
    expect_in log_bad "to_onnx.py: $tiny: "
    ;;
  tensorboard)
    # Twice: an export that is repeated replaces the first.
    for _ in 1 2; do quietly log_export "$python" "$source_root/tools/tensorboard_export.py" run; done
    "$python" "$tests/exchange_tensorboard.py" run
    expect_code 1 log_bad "$python" "$source_root/tools/tensorboard_export.py" .
    expect_in log_bad 'metrics.jsonl'
    ;;
  *) fail "unknown: $peer" ;;
esac
