#!/bin/sh
# Compresses a model by a recipe in continuous integration, and fails if the result is not good
# enough, or worse than the last one. Runs wherever there is a shell and a JDK:
#
#   COMPRESS  the launcher; default: compress, on the PATH
#   RECIPE    what to do; default: recipe.yaml
#   DATA      data set in place of the recipe's; default: the recipe's
#   BASELINE  the report of the last good run, to compare with; default: none
#   OUT       folder for what is made; default: build
#
# Exit codes are those of compress: 3 says that a bound was missed, and a line on stderr which.
set -eu

compress=${COMPRESS:-compress}
recipe=${RECIPE:-recipe.yaml}
out=${OUT:-build}
mkdir -p "$out"

# A minute's training saved if the recipe is wrong: this checks all of it and writes nothing.
"$compress" run "$recipe" ${DATA:+--data "$DATA"} -o "$out/model.cmpr" --dry-run --force

"$compress" run "$recipe" ${DATA:+--data "$DATA"} -o "$out/model.cmpr" --force

# What must hold whatever was before: half a point of accuracy, a tenth of the bytes.
"$compress" gate "$out/model.report.json" \
  --max-drop "${MAX_DROP:-0.5%}" --min-ratio "${MIN_RATIO:-10}"

# What must hold against the last good run: a little noise is allowed, a step back is not.
if [ -n "${BASELINE:-}" ] && [ -f "$BASELINE" ]; then
  "$compress" diff-report "$BASELINE" "$out/model.report.json" --max-drop 0.3% --min-ratio 0.98
fi
