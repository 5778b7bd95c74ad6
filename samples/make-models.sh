#!/bin/sh
# Trains the networks of this folder again, from scratch, on the whole of MNIST.
#
#   samples/make-models.sh DIR [OUT]
#
# DIR is made by fetch-data.sh mnist; the networks go to OUT, here if it is not given. The same seed
# gives the same bytes on the same kind of machine. LeNet-5 is stored in floats of 16 bits, which
# halves its file and changes no answer that counts.
set -eu
[ $# -ge 1 ] || { sed -n '2,8s/^# \{0,1\}//p' "$0" >&2; exit 2; }
data=$1
here=$(cd "$(dirname "$0")" && pwd)
out=${2:-$here}
compress=$here/../compress
common="--validation 5000 --seed 1 --batch 128 --optimizer adam --rate-schedule cosine --force"
augment="--augment shift=2,rotate=10,scale=0.1"

# shellcheck disable=SC2086
"$compress" train --network lenet-300-100 --data "$data" $common $augment \
  --learning-rate 0.0015 --epochs 40 -o "$out/lenet-300-100.onnx"

temporary=$(mktemp -d)
trap 'rm -rf "$temporary"' EXIT
# shellcheck disable=SC2086
"$compress" train --network lenet-5 --data "$data" $common $augment \
  --learning-rate 0.001 --epochs 12 -o "$temporary/lenet-5.onnx"
"$compress" quantize "$temporary/lenet-5.onnx" --scheme fp16 --force -o "$out/lenet-5.onnx"
