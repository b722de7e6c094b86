#!/bin/bash
# The policy probe, and ingress points.
. "$(dirname "$0")/../lib/tap.sh"
. "$top/tests/lib/smtpd.sh"
need python3 openssl

certificate
smtpd main --policy "exec '$answer' '$T/probes'" -- "$answer" "$T/stored"

is 'each recipient is judged, the replies keep their order' "$(talk <<'END' | tail -n 14
EHLO me.example
@raw 'MAIL FROM:<a@b.example> SIZE=2000\r\nRCPT TO:<deny@x.example>\r\nRCPT TO:<>\r\nRCPT TO:<bob@x.example>\r\nRCPT TO:<later@x.example>\r\nRCPT TO:<silentp@x.example>\r\nRCPT TO:<small@x.example>\r\nRCPT TO:<eve@x.example>\r\nNOOP\r\nDATA\r\n'
@read 10
@raw 'Subject: x\r\n\r\n.\r\n'
@read
MAIL FROM:<a@b.example>
RCPT TO:<deny@x.example>
DATA
END
)" '250 2.1.0 sender ok
550 5.7.1 denied by statement 0
501 5.1.3 expected a recipient such as <bob@example.org>
250 2.1.5 recipient ok
450 4.7.1 later
451 4.3.0 the policy gives no answer, try again later
552 5.3.4 message is bigger than the policy allows
250 2.1.5 recipient ok
250 2.0.0 ok
354 end the message with a dot on a line of its own
250 2.0.0 stored
250 2.1.0 sender ok
550 5.7.1 denied by statement 0
554 5.5.1 no valid recipients'
is 'the message goes to those who are left' "$(stored | grep -a '^rcpt-to')" \
	'rcpt-to: <bob@x.example>
rcpt-to: <eve@x.example>'
like 'refusals are logged' "$(logged main 'msg=refused .*deny@' | head -n 1)" \
	'mail-from="<a@b.example> SIZE=2000" rcpt-to=<deny@x.example> reply="550 5.7.1 denied by statement 0"'
is 'the size that the policy allows' "$(talk <<'END' | tail -n 5
EHLO me.example
MAIL FROM:<a@b.example>
RCPT TO:<bob@x.example>
RCPT TO:<small@x.example>
DATA
@times 1001 'x'
@raw '\r\n.\r\n'
@read
NOOP
END
)" '250 2.1.5 recipient ok
250 2.1.5 recipient ok
354 end the message with a dot on a line of its own
552 5.3.4 message is too big
250 2.0.0 ok'
like 'which is logged too' "$(logged main 'size=1003')" \
	'msg=refused .* rcpt-to=<bob@x.example> rcpt-to=<small@x.example> size=1003 reply="552'
like 'a policy that dies' "$(talk <<'END' | tail -n 1
EHLO me.example
MAIL FROM:<a@b.example>
RCPT TO:<diep@x.example>
END
)" '^451 4\.3\.0 policy '
is 'and is there again' "$(talk <<'END' | tail -n 1
EHLO me.example
MAIL FROM:<a@b.example>
RCPT TO:<bob@x.example>
END
)" '250 2.1.5 recipient ok'

# Ingress points

mkdir -p "$T/site"/{ingress-points,traffic-policies,secrets,tls}
ingress() { # NAME TYPE JSON
	printf '{"IngressPointName":"%s","Type":"%s","RuleSetId":"rules","TrafficPolicyId":"all"%s}\n' \
		"$1" "$2" "$3" >"$T/site/ingress-points/$1.json"
}
ingress plain OPEN ''
ingress opt OPEN ',"TlsPolicy":"OPTIONAL"'
ingress fips OPEN ',"TlsPolicy":"FIPS"'
ingress shut OPEN ',"TlsPolicy":"OPTIONAL","Status":"CLOSED"'
ingress mutual MTLS ''
ingress pass AUTH ',"IngressPointConfiguration":{"SmtpPassword":"correct-horse"}'
ingress hashed AUTH ',"IngressPointConfiguration":{"SecretArn":"arn:aws:secretsmanager:eu-west-1:123456789012:secret:users"}'
ingress json AUTH ',"IngressPointConfiguration":{"SecretArn":"arn:aws:secretsmanager:eu-west-1:123456789012:secret:one"}'
ingress none AUTH ''
ingress lost AUTH ',"IngressPointConfiguration":{"SecretArn":"nil"}'
echo '{"password":"battery-staple"}' >"$T/site/secrets/one.json"
{
	echo first | mm-smtpd passwd sales
	echo second | mm-smtpd passwd sales
} >"$T/site/secrets/users"
chmod 600 "$T/site/secrets"/*

exit_is 'TLS is required by default, and there is no certificate' 75 \
	mm-smtpd -C "$T/site" -i plain --no-policy -- "$answer"
like 'which is said' "$(cat "$T/.err")" 'expected --cert FILE or .*/site/tls/cert.pem'
cp "$T/cert.pem" "$T/key.pem" "$T/site/tls/"
exit_is 'a closed ingress point' 75 mm-smtpd -C "$T/site" -i shut --no-policy -- "$answer"
exit_is 'an MTLS ingress point without trust store' 75 mm-smtpd -C "$T/site" -i mutual --no-policy -- "$answer"
exit_is 'an ingress point that is not there' 75 mm-smtpd -C "$T/site" -i nil --no-policy -- "$answer"
exit_is 'AUTH without credentials' 75 mm-smtpd -C "$T/site" -i none --no-policy -- "$answer"

exit_is 'a check without the policy and the secret' 65 mm-smtpd --check -C "$T/site" -i lost
is 'both are told' "$(sed "s|$T|T|g" "$T/.err")" \
	'level=error prog=mm-smtpd msg="ingress point lost: there is no traffic policy \"all\"; expected T/site/traffic-policies/all.json"
level=error prog=mm-smtpd msg="T/site/secrets: there is no secret \"nil\"; expected nil.json, or nil with lines of mm-smtpd passwd"'
echo '{"TrafficPolicyName":"all","DefaultAction":"ALLOW","PolicyStatements":[]}' >"$T/site/traffic-policies/all.json"
exit_is 'a check that finds nothing' 0 mm-smtpd --check -C "$T/site" -i hashed
exit_is 'a check tells everything at once' 65 mm-smtpd --check -C "$T/site" -i none --cert "$T/nil"
is 'it says' "$(sed "s|$T|T|g" "$T/.err")" \
	'level=error prog=mm-smtpd msg="AUTH is required; expected --credentials FILE, or SecretArn or SmtpPassword in the ingress point"
level=error prog=mm-smtpd msg="cannot read the certificate T/nil: No such file or directory"'

smtpd required -C "$T/site" -i plain --policy "exec '$answer' '$T/probes'" -- "$answer" "$T/stored"
is 'TlsPolicy REQUIRED' "$(talk <<'END' | tail -n 3
EHLO me.example
MAIL FROM:<a@b.example>
@starttls
END
)" '530 5.7.0 must issue a STARTTLS command first
220 2.0.0 ready to start TLS
<TLSv1.3>'
smtpd optional -C "$T/site" -i opt --policy "exec '$answer'" -- "$answer" "$T/stored"
: >"$T/stored"
is 'TlsPolicy OPTIONAL' "$(talk <<'END' | tail -n 1
EHLO me.example
MAIL FROM:<a@b.example>
RCPT TO:<c@d.example>
DATA
@send Subject: x
.
END
)" '250 2.0.0 stored'
is 'the record names the ingress point' "$(stored | grep -a '^ingress')" 'ingress: opt'
like 'and the log its rule set' "$(logged optional msg=message)" 'ingress-type=OPEN rule-set=rules'
smtpd fips -C "$T/site" -i fips --policy "exec '$answer'" -- "$answer" "$T/stored"
is 'TlsPolicy FIPS' "$(talk <<'END' | tail -n 2
EHLO me.example
MAIL FROM:<a@b.example>
@starttls 1.2
END
)" '220 2.0.0 ready to start TLS
<TLSv1.2>'
not_ok 'has no ChaCha20' eval "echo QUIT | openssl s_client -starttls smtp -connect 127.0.0.1:$port \
	-ciphersuites TLS_CHACHA20_POLY1305_SHA256 -tls1_3 -brief"

# Logging in

login() { # USER PASSWORD
	talk <<END | tail -n 1
EHLO me.example
@starttls
EHLO me.example
AUTH PLAIN $(printf '\0%s\0%s' "$1" "$2" | base64)
END
}
smtpd auth -C "$T/site" -i hashed --no-policy --auth-delay 10ms -- "$answer" "$T/stored"
good='235 2.7.0 Authentication successful'
bad='535 5.7.8 Authentication failed'
is 'a password' "$(login sales first)" "$good"
is 'the second one while they change' "$(login sales second)" "$good"
is 'a wrong one' "$(login sales third)" "$bad"
is 'a wrong user' "$(login nobody first)" "$bad"
is 'an empty one' "$(login sales '')" "$bad"
is 'AUTH in clear' "$(talk <<'END' | tail -n 2
EHLO me.example
AUTH PLAIN AHNhbGVzAGZpcnN0
MAIL FROM:<a@b.example>
END
)" '538 5.7.11 encryption required, STARTTLS first
530 5.7.0 must issue a STARTTLS command first'
: >"$T/stored"
is 'a session with AUTH LOGIN' "$(talk <<'END' | sed '1,/^250 HELP/d'
EHLO me.example
@starttls
EHLO me.example
MAIL FROM:<a@b.example>
AUTH CRAM-MD5
AUTH LOGIN
*
AUTH LOGIN
c2FsZXM=
Zmlyc3Q=
AUTH LOGIN
MAIL FROM:<a@b.example> AUTH=<>
RCPT TO:<c@d.example>
DATA
@send Subject: x
.
END
)" '220 2.0.0 ready to start TLS
<TLSv1.3>
250-mx.test
250-PIPELINING
250-SIZE 41943040
250-8BITMIME
250-BINARYMIME
250-CHUNKING
250-SMTPUTF8
250-ENHANCEDSTATUSCODES
250-DSN
250-LIMITS RCPTMAX=100
250-REQUIRETLS
250-AUTH PLAIN LOGIN
250 HELP
530 5.7.0 authentication required
504 5.5.4 expected a mechanism that EHLO lists
334 VXNlcm5hbWU6
501 5.7.0 authentication cancelled
334 VXNlcm5hbWU6
334 UGFzc3dvcmQ6
235 2.7.0 Authentication successful
503 5.5.1 you are logged in already
250 2.1.0 sender ok
250 2.1.5 recipient ok
354 end the message with a dot on a line of its own
250 2.0.0 stored'
is 'its record' "$(stored | grep -aE '^(protocol|auth-|tls)')" 'protocol: ESMTPSA
tls: TLSv1.3
tls-cipher: TLS_AES_256_GCM_SHA384
auth-user: sales
auth-method: LOGIN'
unlike 'no password in the log' "$(cat "$T/auth.log")" 'first|second|third'
is 'three failures end the session' "$(talk <<'END' | tail -n 4
EHLO me.example
@starttls
EHLO me.example
AUTH PLAIN !!!!
AUTH PLAIN AHNhbGVzAHdyb25n
AUTH PLAIN AHNhbGVzAHdyb25n
@eof
END
)" '501 5.5.2 expected base64
535 5.7.8 Authentication failed
421 4.7.0 too many failed logins
<eof>'
for _ in 1 2 3 4 5 6; do
	login sales nope >/dev/null
done
is 'ten failures lock the address out' "$(login sales first)" \
	'454 4.7.0 cannot check passwords now, try again later'

smtpd either -C "$T/site" --credentials "$T/site/secrets/users" --no-policy --cert "$T/cert.pem" \
	--key "$T/key.pem" --auth-delay 0 -- "$answer" "$T/either"
is 'a failed login leaves no trace in what is sent without one' "$(talk <<'END' | tail -n 5
EHLO me.example
@starttls
EHLO me.example
AUTH PLAIN AHNhbGVzAHdyb25n
MAIL FROM:<a@b.example> AUTH=<>
RCPT TO:<c@d.example>
DATA
@send Subject: x
.
END
)" '535 5.7.8 Authentication failed
250 2.1.0 sender ok
250 2.1.5 recipient ok
354 end the message with a dot on a line of its own
250 2.0.0 stored'
is 'as its record shows' "$(stored "$T/either" | grep -aE '^(protocol|auth-|tls:)')" 'protocol: ESMTPS
tls: TLSv1.3'
smtpd pass -C "$T/site" -i pass --no-policy --auth-delay 0 -- "$answer"
is 'SmtpPassword' "$(login pass correct-horse)" "$good"
is 'not another' "$(login pass correct-horsf)" "$bad"
smtpd json -C "$T/site" -i json --no-policy --auth-delay 0 -- "$answer"
is 'SecretArn of a JSON secret' "$(login json battery-staple)" "$good"

# Reading again

smtpd auth2 -C "$T/site" -i hashed --no-policy --auth-delay 0 -- "$answer" "$T/stored"
echo third | mm-smtpd passwd sales >"$T/site/secrets/users"
is 'before SIGHUP' "$(login sales third)" "$bad"
kill -HUP "$(cat "$T/auth2.pid")"
ok 'SIGHUP' wait_for 'reload' grep -q 'read again' "$T/auth2.log"
is 'after it' "$(login sales third)" "$good"
is 'the old ones are gone' "$(login sales first)" "$bad"
echo 'sales' >"$T/site/secrets/users"
kill -HUP "$(cat "$T/auth2.pid")"
ok 'what cannot be read' wait_for 'reload' grep -q 'expected USER:HASH' "$T/auth2.log"
is 'leaves the old in force' "$(login sales third)" "$good"

like 'passwd makes a yescrypt line' "$(echo x | mm-smtpd passwd bob)" '^bob:\$y\$'
exit_is 'passwd without a password' 65 mm-smtpd passwd bob </dev/null
exit_is 'passwd with a colon' 64 mm-smtpd passwd b:c

done_testing
