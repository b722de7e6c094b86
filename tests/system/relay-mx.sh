#!/bin/bash
# mm-relay --mx: mail exchangers from a zone file, on addresses of the loopback net
# that share one port.
. "$(dirname "$0")/../lib/tap.sh"
. "$(dirname "$0")/../lib/smtp.sh"
need mm-relay python3

export MM_SITE=$T/site MM_ZONE=$T/zone
mkdir -p "$MM_SITE"
echo '{"Hostname": "gw.example.org"}' >"$MM_SITE/site.json"
cat >"$MM_ZONE" <<'Z'
. 3600 IN SOA a. b. 1 3600 600 86400 60
two.example. IN MX 20 b.two.example.
two.example. IN MX 10 a.two.example.
a.two.example. IN A 127.0.0.2
b.two.example. IN A 127.0.0.3
dead.example. IN MX 10 none.two.example.
dead.example. IN MX 15 c.two.example.
dead.example. IN MX 20 b.two.example.
none.two.example. IN A 127.0.0.9
c.two.example. IN A 127.0.0.8
null.example. IN MX 0 .
implicit.example. IN A 127.0.0.2
nowhere.example. IN MX 10 gone.two.example.
nothing.example. IN TXT "no mail here"
self.example. IN MX 10 gw.example.org.
backup.example. IN MX 10 a.two.example.
backup.example. IN MX 20 GW.example.org.
backup.example. IN MX 30 b.two.example.
xn--mnchen-3ya.example. IN MX 10 b.two.example.
gw.example.org. IN A 127.0.0.9
far.example. IN A 192.0.2.7
better.example. IN MX 5 far.example.
better.example. IN MX 10 a.two.example.
better.example. IN MX 10 far.example.
Z
p=$(free_port)
# A server that is full, one that works, one that has a bad day.
smtp_sink a --listen "127.0.0.2:$p" --reply 'RCPT TO:<later=450 4.2.0 greylisted' \
	--reply 'RCPT TO:<no=550 5.1.1 no'
smtp_sink b --listen "127.0.0.3:$p"
smtp_sink c --listen "127.0.0.8:$p" --reply 'greeting=554 5.3.2 closed'
printf 'From: a@example.org\r\nTo: b@example.net\r\n\r\nhello\r\n' >"$T/msg"

try() { # NAME CODE EXPECTED RCPT...
	local name=$1 code=$2 expected=$3 r args=()
	shift 3
	for r; do args+=(--rcpt-to "$r"); done
	exit_is "$name" "$code" mm-relay --mx --port "$p" --mail-from a@example.org "${args[@]}" "$T/msg"
	is "$name: the result" "$(fields 'result|relayed' "$T/.out" | sed 's/ stored as.*//')" "$expected"
}

try "the best exchanger" 0 'result: <x@two.example> ok 250 2.0.0
relayed: <x@two.example> relay=mx host=a.two.example ip=127.0.0.2 tls=none' x@two.example
try "dead, then refusing, then working" 0 'result: <x@dead.example> ok 250 2.0.0
relayed: <x@dead.example> relay=mx host=b.two.example ip=127.0.0.3 tls=none' x@dead.example
try "a recipient for later goes to the next; one refused does not" 69 \
	'result: <ok@two.example> ok 250 2.0.0
result: <later@two.example> ok 250 2.0.0
result: <no@two.example> permfail 550 5.1.1 no
relayed: <ok@two.example> relay=mx host=a.two.example ip=127.0.0.2 tls=none
relayed: <later@two.example> relay=mx host=b.two.example ip=127.0.0.3 tls=none' \
	ok@two.example later@two.example no@two.example
try "null MX" 69 'result: <x@null.example> permfail 556 5.1.10 the domain null.example accepts no mail (null MX)' x@null.example
try "no MX: the domain's address" 0 'result: <x@implicit.example> ok 250 2.0.0
relayed: <x@implicit.example> relay=mx host=implicit.example ip=127.0.0.2 tls=none' x@implicit.example
try "no such domain" 69 'result: <x@absent.example> permfail 550 5.1.2 the domain absent.example does not exist' x@absent.example
try "neither MX nor address" 69 'result: <x@nothing.example> permfail 550 5.1.2 the domain nothing.example has neither MX nor address' x@nothing.example
try "exchangers without address" 69 'result: <x@nowhere.example> permfail 550 5.4.4 no mail exchanger of nowhere.example has an address' x@nowhere.example
try "a loop" 69 'result: <x@self.example> permfail 554 5.4.6 the best mail exchanger of self.example is this host itself' x@self.example
try "an address literal" 0 'result: <x@[127.0.0.3]> ok 250 2.0.0
relayed: <x@[127.0.0.3]> relay=mx host=[127.0.0.3] ip=127.0.0.3 tls=none' 'x@[127.0.0.3]'
try "several domains at once" 69 'result: <x@TWO.example> ok 250 2.0.0
result: <y@two.example> ok 250 2.0.0
result: <z@null.example> permfail 556 5.1.10 the domain null.example accepts no mail (null MX)
result: <w@implicit.example> ok 250 2.0.0
relayed: <x@TWO.example> relay=mx host=a.two.example ip=127.0.0.2 tls=none
relayed: <y@two.example> relay=mx host=a.two.example ip=127.0.0.2 tls=none
relayed: <w@implicit.example> relay=mx host=implicit.example ip=127.0.0.2 tls=none' \
	x@TWO.example y@two.example z@null.example w@implicit.example
is "one transaction for the recipients of one domain" \
	"$(smtp_log a | grep -c '^RCPT TO:<[xy]@\(TWO\|two\).example>')" 3
(
	unset MM_ZONE
	MM_RESOLVER=127.0.0.1@$(free_port)
	export MM_RESOLVER
	exit_is "no DNS: the mail waits" 75 mm-relay --mx --port "$p" --mail-from a@example.org --rcpt-to x@two.example "$T/msg"
	like "and says why" "$(fields reply "$T/.out")" '^reply: 451 4.4.3 DNS: MX of two.example: '
) >"$T/sub"
is "without DNS" "$(grep -c '^ok' "$T/sub")" 2 || cat "$T/sub"

exit_is "--source" 0 mm-relay --mx --port "$p" --source 127.0.0.77 --source ::1 --mail-from a@example.org --rcpt-to x@two.example "$T/msg"
is "is where we come from" "$(tail -n 1 "$T/a/peers")" 127.0.0.77
exit_is "--source that is not ours" 75 mm-relay --mx --port "$p" --source 192.0.2.1 --mail-from a@example.org --rcpt-to x@two.example "$T/msg"
like "says so" "$(fields reply "$T/.out")" 'cannot connect: Cannot assign requested address$'

# At port 25 our own addresses would be a loop.
for domain in two implicit; do
	is "$domain.example leads here" "$(mm-relay -n --mx "x@$domain.example")" \
		"<x@$domain.example> permfail 554 5.4.6 the best mail exchanger of $domain.example is this host itself"
done
is "an address literal too" "$(mm-relay -n --mx 'x@[127.0.0.3]' 'x@[IPv6:::ffff:127.0.0.1]' 'x@[0.0.0.0]' | cut -d' ' -f 2-4)" \
	"$(printf 'permfail 554 5.4.6\n%.0s' 1 2 3)"
is "a better one does not" "$(mm-relay -n --mx x@better.example)" \
	'<x@better.example> relay=mx reason=mx tls=may 5:far.example[192.0.2.7]:25'

is "dry run" "$(mm-relay -n --mx --port "$p" x@two.example y@dead.example z@null.example 'w@münchen.example' b@backup.example i@implicit.example | sort)" \
	"<b@backup.example> relay=mx reason=mx tls=may 10:a.two.example[127.0.0.2]:$p
<i@implicit.example> relay=mx reason=address-of-domain tls=may 0:implicit.example[127.0.0.2]:$p
<w@münchen.example> relay=mx reason=mx tls=may 10:b.two.example[127.0.0.3]:$p
<x@two.example> relay=mx reason=mx tls=may 10:a.two.example[127.0.0.2]:$p 20:b.two.example[127.0.0.3]:$p
<y@dead.example> relay=mx reason=mx tls=may 10:none.two.example[127.0.0.9]:$p 15:c.two.example[127.0.0.8]:$p 20:b.two.example[127.0.0.3]:$p
<z@null.example> permfail 556 5.1.10 the domain null.example accepts no mail (null MX)"
printf 'mail 1 0\nid: a\nrcpt-to: <x@null.example>\n\n' | mm-relay -n --mx >"$T/plan" 2>/dev/null
is "dry run of a stream" "$(cat "$T/plan")" \
	'mail 1 0
id: a
rcpt-to: <x@null.example>
plan: <x@null.example> permfail 556 5.1.10 the domain null.example accepts no mail (null MX)'

# 300 recipients of one domain: three transactions of a hundred.
{
	printf 'mail 1 6\nid: many\nmail-from: <a@example.org>\n'
	printf 'rcpt-to: <r%s@implicit.example>\n' $(seq 300)
	printf '\nA: b\r\n'
} | mm-relay --mx --port "$p" >"$T/many" 2>/dev/null
is "300 recipients: 300 results" "$(grep -c '^result: .* ok ' "$T/many")" 300
is "in transactions of 100" "$(smtp_log a | grep -A101 '^MAIL.*SIZE=6$' | grep -c '^DATA')" 3
done_testing
