#!/bin/sh
# All figures of speed and memory: run.sh CACHE BENCH [WORK]
#
# CACHE is a folder of corpora, BENCH the benchmark's folder with queries.jsonl. WORK (a temporary folder unless given)
# takes copies of the corpora up to a million passages with their indexes, about 1.5 GB. CICERONE_SWIFT is another
# `swift`. What is compared with other programs is in peers.py.
set -eu
cache=$1
queries=$2/queries.jsonl
here=$(cd "$(dirname "$0")/.." && pwd)
swift=${CICERONE_SWIFT:-swift}
if [ $# -ge 3 ]; then
  work=$3
  mkdir -p "$work"
else
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
fi

(cd "$here" && $swift build -c release --product performance >&2)
(cd "$here/.." && $swift build -c release --static-swift-stdlib -Xlinker --strip-debug --product cicerone >&2)
performance=$here/.build/release/performance

echo "cores: $(nproc), load: $(cut -d' ' -f1-3 /proc/loadavg), $(grep -m1 'model name' /proc/cpuinfo)"
for _ in 1 2 3; do "$performance" index "$cache"; done
"$performance" embed "$cache"
for passages in 10000 100000 1000000; do
  "$performance" grow "$cache" $passages "$work/$passages"
  "$performance" search "$queries" "$work/$passages"
done
"$performance" reopen "$work/100000"
"$performance" reopen "$work/1000000"
python3 "$here/performance/startup.py" "$here/../.build/release/cicerone" --tree "$cache"
