#!/bin/bash
# mm-queue: durable adds a second in batches of 64 and one by one, 4 KiB each, beside
# a bare append and fdatasync of the same octets; and what run takes out again.
. "$(dirname "$0")/../lib/bench.sh"
for p in mm-queue "$B/tools/answer" "$B/tools/queue-adds"; do
	command -v "$p" >/dev/null || skip_bench "$p is not there"
done

row 'queue, 4 KiB' 'durable adds/s' 'append+fdatasync/s' 'of that' 'run, done/s'
for batch in 64 1; do
	add=() bare=() drain=()
	for ((i = 0; i < ${ROUNDS:-3}; i++)); do
		mkdir "$T/$batch.$i"
		n=$((batch > 1 ? 20000 : 1000))
		read -r a b < <("$B/tools/queue-adds" $n $batch "$T/$batch.$i")
		c=$(python3 "$top/tests/tools/queue-bench.py" $n "$T/$batch.$i" "$B/tools/answer")
		add+=("$a") bare+=("$b") drain+=("$c")
		rm -r "${T:?}/$batch.$i"
	done
	a=$(median "${add[@]}") b=$(median "${bare[@]}")
	row "batches of $batch" "$a" "$b" "$((a * 100 / b)) %" "$(median "${drain[@]}")"
done
