#!/bin/bash
# Ten thousand messages over 50 sessions through smtpd, queue, verdict, rule and
# archive: what was acknowledged is archived, exactly once. Then again while
# every process is killed with -9 at random moments and started again.
# shellcheck source-path=SCRIPTDIR source=../lib/tap.sh
. "$(dirname "$0")/../lib/tap.sh"
need mm-smtpd mm-policy mm-queue mm-verdict mm-rule mm-archive mm-search smtp-source

messages=${MESSAGES:-10000}
export MM_SITE=$T/site MM_ZONE=$T/zone MM_ARCHIVE_ROOT=$T/archives MM_LOG=warn
mkdir -p "$T"/site/{ingress-points,traffic-policies,rule-sets,archives}
cat >"$MM_ZONE" <<'X'
$TTL 60
.            SOA ns.example. h.example. 1 3600 600 86400 60
.            NS  ns.example.
sender.test. TXT "v=spf1 ip4:127.0.0.1 -all"
X
cat >"$T/site/ingress-points/load.json" <<'X'
{"IngressPointName": "load", "Type": "OPEN", "TlsPolicy": "OPTIONAL",
 "TrafficPolicyId": "load", "RuleSetId": "load"}
X
cat >"$T/site/traffic-policies/load.json" <<'X'
{"TrafficPolicyName": "load", "DefaultAction": "ALLOW", "PolicyStatements": []}
X
cat >"$T/site/rule-sets/load.json" <<'X'
{"RuleSetName": "load", "Rules": [{"Name": "keep",
 "Conditions": [{"VerdictExpression": {"Evaluate": {"Attribute": "SPF"},
                 "Operator": "EQUALS", "Values": ["PASS"]}}],
 "Actions": [{"Archive": {"TargetArchive": "load"}}]}]}
X
mm-archive create load --retention PERMANENT >/dev/null || exit 1
port=$(free_port)

supervise() { # supervise NAME COMMAND...: starts it again whenever it ends
	start "$1" bash -c 'while :; do "$@"; sleep 0.02; done' - "${@:2}"
}
start_gateway() {
	supervise smtpd mm-smtpd -i load -l "127.0.0.1:$port" --max-connections 200 -- \
		mm-queue add "$T/spool"
	supervise queue mm-queue run --retry-min 1s --retry-max 2s "$T/spool" -- \
		sh -c 'mm-verdict | mm-rule load'
	wait_for "the gateway answers" port_open "$port"
}
push() { # push N: so many messages; ids of the acknowledged go to $T/acknowledged
	smtp-source -v -s 50 -m "$1" -l 4096 -f a@sender.test -t b@rcpt.test \
		"127.0.0.1:$port" 2>&1 |
		grep -ao 'queued as [0-9A-Za-z._-]*' | cut -c 11- >>"$T/acknowledged"
}
acknowledged() {
	wc -l <"$T/acknowledged"
}
waiting() {
	mm-queue list "$T/spool" --json | wc -l
}
shorter_than() {
	[ "$(waiting)" -lt "$1" ]
}
wait_drained() { # being slow is no failure as long as the queue gets shorter
	local left
	while left=$(waiting) && [ "$left" -gt 0 ]; do
		wait_for "the queue gets shorter than $left" shorter_than "$left" || return 1
	done
}
archived() { # the ids in the index
	mm-search -a load --ids | sort
}
# A crash between the sync of a tar file and the commit of the index may leave
# octets of a message that another writer then archived, mm-archive(5): under
# kill -9 the index says what is archived, and the tar files must have all of it.
compare() { # compare NAME SORT-OF-THE-TAR-LISTING
	archived >"$T/archived"
	sort "$T/acknowledged" >"$T/wanted"
	is "$1: no acknowledged message is missing" "$(comm -23 "$T/wanted" "$T/archived" | head)" ''
	is "$1: no message is there twice" "$(uniq -d "$T/archived" | head)" ''
	find "$T/archives/load" -name '*.tar.zst' -exec tar --zstd -tf {} \; 2>"$T/tar.err" |
		sed -n 's|.*/||; s|\.eml$||p' | $2 >"$T/in-tar"
	is "$1: the tar files have the same messages" \
		"$(diff "$T/archived" "$T/in-tar" | head)" ''
	is "$1: and tar reads them without complaint" "$(cat "$T/tar.err")" ''
}

# What the gateway runs, for choosing a victim.
victims() {
	pgrep -s "$(cat "$T/smtpd.pid"),$(cat "$T/queue.pid")" '^mm-'
}
kill_at_random() { # until $T/enough is there
	local -a pids
	: >"$T/kills"
	while [ ! -e "$T/enough" ]; do
		mapfile -t pids < <(victims)
		if [ ${#pids[@]} -gt 0 ]; then
			pid=${pids[RANDOM % ${#pids[@]}]}
			cat "/proc/$pid/comm" >>"$T/kills" 2>/dev/null
			kill -KILL "$pid" 2>/dev/null
		fi
		sleep "0.$((RANDOM % 5 + 1))"
	done
}

: >"$T/acknowledged"
start_gateway
push "$messages"
is "$messages messages are acknowledged" "$(acknowledged)" "$messages"
wait_drained
compare "undisturbed" sort

kill_at_random &
killer=$!
rounds=0
while [ "$(acknowledged)" -lt $((messages * 2)) ] && [ $((rounds += 1)) -lt 1000 ]; do
	wait_for "the gateway answers" port_open "$port"
	push $((messages * 2 - $(acknowledged)))
done
touch "$T/enough"
wait "$killer"
ok "under kill -9, as many are acknowledged again" \
	test "$(acknowledged)" -ge $((messages * 2))
wait_drained
compare "under kill -9" "sort -u"
diag "killed: $(sort "$T/kills" | uniq -c | awk '{printf "%s%s %d", sep, $2, $1; sep=", "}'); rounds of the client: $rounds"
done_testing
