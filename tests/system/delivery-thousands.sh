#!/bin/bash
# Thousands of messages to a healthy destination, a dead one, a slow one and one that
# greylists, by mm-queue run and mm-relay --mx: the healthy one waits for none of
# them; all mail arrives, or its sender hears why when its lifetime ends; and so it is
# when queue and relay are killed again and again.  MESSAGES: how many, 2000.
. "$(dirname "$0")/../lib/tap.sh"
. "$(dirname "$0")/../lib/verdict.sh"
need mm-queue mm-relay pgrep
need_python dns

export MM_SITE=$T/site
mkdir -p "$MM_SITE"
echo '{"Hostname": "gw.example"}' >"$MM_SITE/site.json"
cat >"$T/zone" <<'Z'
. 3600 IN SOA a. b. 1 3600 600 86400 60
good.example. IN MX 10 mx.good.example.
home.example. IN MX 10 mx.good.example.
slow.example. IN MX 10 mx.slow.example.
grey.example. IN MX 10 mx.grey.example.
dead.example. IN MX 10 refuses.dead.example.
dead.example. IN MX 20 silent.dead.example.
mx.good.example. IN A 127.0.0.2
mx.slow.example. IN A 127.0.0.3
mx.grey.example. IN A 127.0.0.4
refuses.dead.example. IN A 127.0.0.5
silent.dead.example. IN A 127.0.0.6
Z
start dns "$python" "$top/tests/tools/zone-dns.py" "$T/zone"
wait_for "the DNS server's port" test -s "$T/dns.log"
MM_RESOLVER=127.0.0.1@$(head -n 1 "$T/dns.log")
export MM_RESOLVER

# One message in fifty is for all four.
messages=${MESSAGES:-2000}
many=$((messages / 50))
singles=$(((messages - many) / 4))
count=$((singles + many)) # for each destination

# Five days become seconds.
lifetime=$((10 + messages / 250))
scale=$((5 * 86400 / lifetime))
stamp() {
	date +%s.%N
}

records() { # SINGLES MANY DOMAIN...
	python3 - "$@" <<'PY'
import random, sys
out = sys.stdout.buffer
def record(ident, domains):
    body = b"X-Id: %s\r\nFrom: a@home.example\r\n\r\n" % ident.encode() + b"hello\r\n" * random.randrange(1, 1000)
    out.write(b"mail 1 %d\nid: %s\nmail-from: <a@home.example>\n" % (len(body), ident.encode())
              + b"".join(b"rcpt-to: <%s@%s.example>\n" % (ident.encode(), d.encode()) for d in domains)
              + b"\n" + body)
singles, many, domains = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3:]
for i in range(many):
    record("m%d" % i, domains)
for d in domains:
    for i in range(singles):
        record("%s%d" % (d, i), [d])
PY
}

destinations() { # NAME [GATE]: in $T/NAME, on $port
	mkdir "$T/$1"
	start "to-$1" env SLOW_MS=30 GREY_MS=200 GATE="${2-}" \
		python3 "$top/tests/tools/smtp-destinations.py" "$T/$1" "$count"
	wait_for "the destinations" test -s "$T/$1/port"
	port=$(cat "$T/$1/port")
}

run() { # NAME
	start run mm-queue run --hostname gw.example --time-scale "$scale" --poison 1000 "$T/$1/q" -- \
		sh -c 'exec mm-relay --hello "$$.gw.example" "$@"' sh \
		--mx --port "$port" --connect-timeout 500ms --no-mta-sts --no-dane
}

is_empty() {
	[ "$(mm-queue stat "$T/$1/q" | head -n 1)" = 'messages: 0' ]
}

until_empty() { # NAME
	local end=$((SECONDS + 60 + messages / 50))
	until is_empty "$1" || [ $SECONDS -gt $end ]; do
		sleep 0.05
	done
	ok "$1: the queue is empty" is_empty "$1" ||
		tap_comment "$(mm-queue list "$T/$1/q" | head; mm-queue stat --by rcpt "$T/$1/q")"
	stop run || tap_comments <"$T/run.log"
}

check() { # NAME [KILLS]: undisturbed, nobody but the dead one has a bounce
	local others='
bounced of the others 0'
	[ $# -eq 1 ] || others=
	is "$1: each has what is due to it" \
		"$(python3 "$top/tests/tools/delivery-check.py" "$T/$1/log" $singles $many $lifetime \
			"$queued" "${@:2}" 2>"$T/figures")" \
		"neither arrived nor bounced 0
not queued 0
arrived of dead 0
bounced before the lifetime's end 0
told the same twice 0
again without a reason 0$others
good waited for slow: no"
	tap_comments <"$T/figures"
}

destinations alone
records "$count" 0 good | mm-queue add "$T/alone/q" >/dev/null
from=$(stamp)
run alone
until_empty alone
diag "the healthy one alone: $(tail -n 1 "$T/alone/log" | awk -v f="$from" '{ printf "%.2f s", $1 - f }')"

# The healthy one's mail comes last, and the slow one stops until it is delivered.
destinations calm gate
queued=$(stamp)
records $singles $many good slow grey dead >"$T/in"
mm-queue add "$T/calm/q" <"$T/in" >"$T/added"
is "all are queued" "$(grep -c '^status: ok' "$T/added")" $((4 * singles + many))
run calm
until_empty calm
check calm

# How many lines the log must have before the next kill: at random over all of it.
kills=${KILLS:-12}
moments() {
	shuf -i "1-$((3 * count))" -n $((2 * kills)) | sort -n
}

events() {
	wc -l <"$T/killed/log"
}

kill_one() { # mm-queue|mm-relay
	local main worker
	main=$(cat "$T/run.pid")
	[ "$1" = mm-queue ] || wait_for "a worker" pgrep -P "$main" -x mm-relay
	worker=$(pgrep -P "$main" -x mm-relay)
	echo "$(stamp) $1 ${worker:-none}" >>"$T/kills"
	if [ "$1" = mm-queue ]; then
		disown "$main" # without a word from the shell
		kill -9 "$main"
		wait_for "its end" sh -c "! kill -0 $main"
		run killed
	else
		kill -9 "$worker"
	fi
}

destinations killed
queued=$(stamp)
mm-queue add "$T/killed/q" <"$T/in" >/dev/null
: >"$T/killed/log"
run killed
mapfile -t victims < <(yes "$(printf 'mm-queue\nmm-relay')" | head -n $((2 * kills)) | shuf)
for moment in $(moments); do
	end=$((SECONDS + 60))
	until [ "$(events)" -ge "$moment" ] || [ $SECONDS -gt $end ]; do
		sleep 0.002
	done
	kill_one "${victims[n++]}"
done
for program in mm-queue mm-relay; do
	is "$program was killed" "$(grep -c " $program " "$T/kills")" "$kills"
done
until_empty killed
check killed "$T/kills"
done_testing
