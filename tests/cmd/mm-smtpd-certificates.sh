#!/bin/bash
# Several certificates, chosen by the server name; sessions that are resumed.
. "$(dirname "$0")/../lib/tap.sh"
. "$top/tests/lib/smtpd.sh"
need python3 openssl

make_cert() { # CERT KEY CN [SAN...]
	local san
	san=$(printf ',DNS:%s' "${@:4}")
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 30 \
		-keyout "$2" -out "$1" -subj "/CN=$3" ${4:+-addext "subjectAltName=${san#,}"} \
		2>/dev/null
}
client() { # OPTION...: openssl's, until the server closes
	echo quit | timeout 20 openssl s_client -connect "127.0.0.1:$tls" -ign_eof "$@" 2>/dev/null
}
served() { # NAME OPTION...: whose certificate that client gets
	local name=(-noservername)
	[ -z "$1" ] || name=(-servername "$1")
	client "${name[@]}" "${@:2}" | sed -n 's/^subject=.*CN *= *//p'
}
reuse() { # FILE OPTION...: New or Reused
	client -sess_in "$1" "${@:2}" | sed -n 's/^\(New\|Reused\), .*/\1/p' | tail -n 1
}
wrapped_port() { # NAME
	sed -n '2s/.* //p' "$T/$1.port"
}
reread() { # NAME COUNT: SIGHUP, the log line for the COUNTth time
	kill -HUP "$(cat "$T/$1.pid")"
	wait_for 'the reload' eval "[ \"\$(grep -c 'read again' '$T/$1.log')\" -ge $2 ]"
}

# The site's

mkdir -p "$T/site/tls/a" "$T/site/tls/b" "$T/site/tls/empty"
make_cert "$T/site/tls/cert.pem" "$T/site/tls/key.pem" first first.test
make_cert "$T/site/tls/a/cert.pem" "$T/site/tls/a/key.pem" a a.test '*.wild.test' both.test
make_cert "$T/b.pem" "$T/b.key" b b.test both.test first.test
cat "$T/b.pem" "$T/b.key" >"$T/site/tls/b/cert.pem"
smtpd site -C "$T/site" -l tls:127.0.0.1:0 --no-policy -- "$answer"
tls=$(wrapped_port site)
is 'no name' "$(served '')" first
is 'the first' "$(served first.test)" first
is 'the second' "$(served a.test)" a
is 'in any case of letters' "$(served A.Test)" a
is 'a wildcard' "$(served mx.wild.test)" a
is 'a wildcard is one label' "$(served a.mx.wild.test)" first
is 'a key in the same file' "$(served b.test)" b
is 'two are for it: the earlier' "$(served both.test)" a
is 'nobody is for it' "$(served c.test)" first
is 'TLS 1.2' "$(served b.test -tls1_2)" b
is 'a name that is none' "$(served '..%00/')" first
is 'STARTTLS' "$(echo quit | openssl s_client -connect "127.0.0.1:$port" -starttls smtp \
	-servername b.test -ign_eof 2>/dev/null | sed -n 's/^subject=.*CN *= *//p')" b

# Sessions

for v in tls1_2 tls1_3; do
	client "-$v" -servername b.test -sess_out "$T/$v" >/dev/null
	is "a session is resumed: $v" "$(reuse "$T/$v" "-$v" -servername b.test)" Reused
	client "-$v" -noservername -sess_out "$T/$v.none" >/dev/null
	is 'without a name' "$(reuse "$T/$v.none" "-$v" -noservername)" Reused
done
reread site 1
is 'SIGHUP that changes nothing' "$(reuse "$T/tls1_3" -servername b.test)" Reused
mkdir "$T/site/tls/c"
make_cert "$T/site/tls/c/cert.pem" "$T/site/tls/c/key.pem" c c.test
make_cert "$T/site/tls/a/cert.pem" "$T/site/tls/a/key.pem" new-a a.test
reread site 2
is 'SIGHUP reads them again' "$(served a.test)" new-a
is 'also one that is new' "$(served c.test)" c
for v in tls1_2 tls1_3; do
	is "and ends sessions of before: $v" "$(reuse "$T/$v" "-$v" -servername b.test)" New
done
echo nonsense >"$T/site/tls/c/cert.pem"
kill -HUP "$(cat "$T/site.pid")"
logged site 'stays as it was' >/dev/null
is 'what cannot be read leaves all as it was' "$(served c.test)$(served b.test)" cb
stop site
exit_is 'and does not start' 75 mm-smtpd -C "$T/site" -l 127.0.0.1:0 --no-policy -- "$answer"
like 'which is said' "$(cat "$T/.err")" 'cannot read the certificate .*tls/c/cert.pem'
exit_is 'nor pass --check' 65 mm-smtpd -C "$T/site" --no-policy --check

# Options

smtpd options -C "$T/site" -l tls:127.0.0.1:0 --no-policy --cert "$T/site/tls/a/cert.pem" \
	--key "$T/site/tls/a/key.pem" --cert "$T/site/tls/b/cert.pem" -- "$answer"
tls=$(wrapped_port options)
is "the site's are not read then" "$(served first.test)$(served '')" bnew-a
stop options
smtpd before --no-policy -l tls:127.0.0.1:0 --key "$T/b.key" --cert "$T/b.pem" -- "$answer"
tls=$(wrapped_port before)
is 'a key before its certificate' "$(served '')" b
stop before
usage() { # NAME OPTION...
	exit_is "$1" 75 mm-smtpd -l 127.0.0.1:0 --no-policy "${@:2}" -- "$answer"
	like 'which is said' "$(cat "$T/.err")" '--key .*: expected a --cert'
}
usage 'two keys for one' --cert "$T/b.pem" --key "$T/b.key" --key "$T/b.key"
usage 'a key before and one behind' --key "$T/b.key" --cert "$T/b.pem" --key "$T/b.key"
usage 'two keys for none' --key "$T/b.key" --key "$T/b.key"

# Client certificates are asked for whatever the name

mkdir -p "$T/mtls/ingress-points" "$T/mtls/traffic-policies" "$T/mtls/tls/b"
make_cert "$T/client.pem" "$T/client.key" client
make_cert "$T/mtls/tls/cert.pem" "$T/mtls/tls/key.pem" first first.test
cp "$T/site/tls/b/cert.pem" "$T/mtls/tls/b/"
python3 - "$T/client.pem" >"$T/mtls/ingress-points/inbound.json" <<'END'
import json, sys
print(json.dumps({"IngressPointName": "inbound", "Type": "MTLS", "RuleSetId": "rs",
    "TrafficPolicyId": "tp", "IngressPointConfiguration": {"TlsAuthConfiguration":
        {"TrustStore": {"CAContent": open(sys.argv[1]).read()}}}}))
END
smtpd mtls -C "$T/mtls" -i inbound -l tls:127.0.0.1:0 --no-policy -- "$answer"
tls=$(wrapped_port mtls)
speaks() { # OPTION...
	client -servername b.test "$@" | grep -cm 1 '^[25][0-9][0-9] '
}
is 'a client with its certificate' "$(speaks -cert "$T/client.pem" -key "$T/client.key")" 1
is 'a client without' "$(speaks)" 0
is 'the one of another' "$(speaks -cert "$T/b.pem" -key "$T/b.key")" 0
stop mtls

# Workers

rm -r "$T/site/tls/c"
smtpd many -w 2 -C "$T/site" -l tls:127.0.0.1:0 --no-policy -- "$answer"
tls=$(wrapped_port many)
mapfile -t pid < <(sed -n 's/.*msg=worker-started pid=//p' "$T/many.log")
across() { # NAME EXPECTED: a session of the one worker, at the other
	for v in tls1_2 tls1_3; do
		kill -STOP "${pid[0]}"
		[ "$2" = New ] || client "-$v" -servername b.test -sess_out "$T/$v" >/dev/null
		kill -CONT "${pid[0]}"
		kill -STOP "${pid[1]}"
		is "$1: $v" "$(reuse "$T/$v" "-$v" -servername b.test)" "$2"
		kill -CONT "${pid[1]}"
	done
}
across 'a session is resumed at another worker' Reused
reread many 2
across 'also after SIGHUP' Reused
make_cert "$T/site/tls/a/cert.pem" "$T/site/tls/a/key.pem" newer-a a.test
reread many 4
across 'not after another certificate' New
stop many

done_testing
