#!/bin/bash
# Messages do not wait for one another: a DNS server answers nobody until all have
# asked, twice over.  One message at a time would never get an answer.
. "$(dirname "$0")/../lib/tap.sh"
. "$(dirname "$0")/../lib/verdict.sh"
need mm-verdict
need_python socket

printf '{"Hostname": "mx.example"}\n' >"$T/site.json"
n=1000
ulimit -Sn 1024
start dns "$python" "$top/tests/tools/barrier-dns.py" $n
wait_for "the DNS server's port" test -s "$T/dns.log"
MM_RESOLVER=127.0.0.1@$(head -n 1 "$T/dns.log")
export MM_RESOLVER MM_SITE=$T

for ((i = 0; i < n; i++)); do
	printf 'mail 1 0\nid: m%d\nclient-ip: 192.0.2.1\nclient-name: x.example\n' $i
	printf 'mail-from: <a@d%d.example>\nhelo: x\n\n' $i
done >"$T/stream"
mm-verdict <"$T/stream" >"$T/out" 2>"$T/err"
is "it ends well" "$?" 0
is "all $n messages have their answers" "$(grep -c '^spf: pass' "$T/out")" "$n"
is "they asked together" "$(tail -n +2 "$T/dns.log")" \
	"phase 1: $n waited together
phase 2: $n waited together"
done_testing
