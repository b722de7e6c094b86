#!/bin/bash
# mm-policy --postfix: the policy delegation protocol.
. "$(dirname "$0")/../lib/tap.sh"
need mm-policy python3
export MM_SITE=$T/site
mkdir -p "$T/site/traffic-policies"
cat >"$T/site/traffic-policies/inbound.json" <<'END'
{
  "TrafficPolicyName": "inbound",
  "DefaultAction": "DENY",
  "MaxMessageSizeBytes": 1000,
  "PolicyStatements": [
    { "Action": "ALLOW", "Conditions": [
      { "TlsExpression": { "Evaluate": { "Attribute": "TLS_PROTOCOL" },
        "Operator": "MINIMUM_TLS_VERSION", "Value": "TLS1_3" } } ] },
    { "Action": "ALLOW", "Conditions": [
      { "IpExpression": { "Evaluate": { "Attribute": "SENDER_IP" },
        "Operator": "CIDR_MATCHES", "Values": [ "192.0.2.0/24" ] } } ] },
    { "Action": "DENY", "Conditions": [
      { "StringExpression": { "Evaluate": { "Attribute": "RECIPIENT" },
        "Operator": "STARTS_WITH", "Values": [ "eve@" ] } } ] } ]
}
END

# request ATTRIBUTE...: one of Postfix's
request() {
	printf '%s\n' request=smtpd_access_policy protocol_state=RCPT sender=a@b.example \
		instance=7.1 "$@" ''
}
# ask ATTRIBUTE...: the answer's first line; the last, empty one is there too
ask() {
	request "$@" | mm-policy --postfix inbound | sed -n '1{h;n;/^$/!q1;g;p}'
}
no='action=550 5.7.1 refused by policy'
is 'denied by default' "$(ask recipient=bob@x.example client_address=198.51.100.1)" "$no"
is 'TLS 1.3' "$(ask recipient=bob@x.example encryption_protocol=TLSv1.3)" action=DUNNO
is 'TLS 1.2' "$(ask recipient=bob@x.example encryption_protocol=TLSv1.2)" "$no"
is 'an address' "$(ask recipient=bob@x.example client_address=192.0.2.9)" action=DUNNO
is 'DENY comes first' "$(ask recipient=eve@x.example client_address=192.0.2.9)" "$no"
is 'the size at the limit' "$(ask recipient=b@x client_address=192.0.2.9 size=1000)" action=DUNNO
large='action=552 5.3.4 larger than the 1000 octets that the policy allows'
is 'and above it' "$(ask recipient=b@x client_address=192.0.2.9 size=1001)" "$large"
is 'no recipient: the size alone' "$(ask protocol_state=END-OF-MESSAGE recipient= size=1001)
$(ask protocol_state=CONNECT)" "$large
action=DUNNO"
is 'dry run' "$(request recipient=bob@x.example | mm-policy -n --postfix inbound)" action=DUNNO
echo '{"DenyReply":"554 5.7.1 go away"}' >"$T/site/site.json"
is 'a reply of the settings' "$(ask recipient=bob@x.example)" 'action=554 5.7.1 go away'
rm "$T/site/site.json"
like 'debug logs' "$(request recipient=bob@x.example helo_name=mx |
	mm-policy --log-json --postfix inbound 2>&1 >/dev/null)" \
	'"ingress_point_session_id":"7.1".*"traffic_policy_verdict":"REJECT","smtp_mail_from":"a@b.example","smtp_helo":"mx","recipient":"bob@x.example"}$'

# hostile input
# broken NAME WHY INPUT: exit 65, a log line, and what was asked before is answered
broken() {
	{
		request recipient=b@x client_address=192.0.2.9
		printf '%b' "$3"
	} | mm-policy --postfix inbound >"$T/.out" 2>"$T/.err"
	is "$1" "${PIPESTATUS[1]}: $(cat "$T/.out" "$T/.err")" "65: action=DUNNO

level=warn prog=mm-policy msg=\"connection closed: $2\""
}
broken 'SMTP' 'expected lines name=value' 'EHLO mx\r\n'
broken 'another request' 'expected request=smtpd_access_policy' 'request=x\n\n'
broken 'an empty request' 'expected request=smtpd_access_policy' '\n'
broken 'NUL' 'expected lines without NUL' 'request=\0x\n'
broken 'a long line' 'expected lines of 8192 octets at most' "$(printf 'x=%*s' 8191 '')"
broken 'many attributes' 'expected 100 attributes at most' "$(seq -f 'a%g=\n' -s '' 101)"
broken 'the end within a request' 'it ended within a request' 'request=smtpd_access_policy\n'
broken 'the end within a line' 'it ended within a request' 'req'

# misuse
exit_is 'no policy' 75 mm-policy --postfix
exit_is 'messages' 75 mm-policy --postfix inbound -
exit_is 'with --explain' 75 mm-policy --postfix --explain inbound
exit_is '--listen alone' 75 mm-policy --listen :0 inbound
exit_is 'no place to listen' 75 timeout 20 mm-policy --postfix --listen nowhere inbound
exit_is 'a long path' 75 mm-policy --postfix --listen "unix:$(printf '%0200d' 0)" inbound

# a server
start server mm-policy --postfix --listen "unix:$T/socket" --listen 127.0.0.1:0 inbound
wait_for 'the server listens' grep -q 'on=127.0.0.1:0 port=' "$T/server.log"
port=$(sed -n 's/.*on=127.0.0.1:0 port=//p' "$T/server.log")
cat >"$T/clients.py" <<'END'
import socket, sys
unix, port = sys.argv[1], int(sys.argv[2])

def connect(tcp):
    if tcp:
        return socket.create_connection(("127.0.0.1", port), 20)
    s = socket.socket(socket.AF_UNIX)
    s.settimeout(20)
    s.connect(unix)
    return s

def request(rcpt):
    return (f"request=smtpd_access_policy\nclient_address=192.0.2.7\nsender=a@b\n"
            f"recipient={rcpt}@x.example\n\n").encode()

def answer(s):
    got = b""
    while not got.endswith(b"\n\n"):
        more = s.recv(65536)
        if not more:
            return "closed"
        got += more
    return got.decode().strip()

half = request("bob")
clients = [connect(i % 2) for i in range(200)]
for s in clients:                       # all are in the middle of a request at once
    s.sendall(half[:40])
for s in reversed(clients):
    s.sendall(half[40:])
print("200 at once:", {answer(s) for s in clients})
clients[0].sendall(request("eve"))
print("again on the same connection:", answer(clients[0]))
clients[1].sendall(b"GET / HTTP/1.0\r\n\r\n")
print("another protocol:", answer(clients[1]))
clients[2].sendall(request("eve"))
print("the others go on:", answer(clients[2]))
big = connect(1)                        # asks much and reads late
n = 20000
import threading
t = threading.Thread(target=lambda: big.sendall(request("bob") * n))
t.start()
got = 0
while got < n * len("action=DUNNO\n\n"):
    got += len(big.recv(65536))
t.join()
print("pipelined:", got // len("action=DUNNO\n\n"))
END
is 'connections side by side' "$(python3 "$T/clients.py" "$T/socket" "$port" 2>&1)" \
	"200 at once: {'action=DUNNO'}
again on the same connection: $no
another protocol: closed
the others go on: $no
pipelined: 20000"
like 'hostile input is logged' "$(cat "$T/server.log")" 'connection closed: expected lines name=value'
stop server
is 'SIGTERM ends it well' $? 0
start again mm-policy --postfix --listen "unix:$T/socket" inbound
wait_for 'a socket left behind is replaced' grep -q "on=unix:$T/socket" "$T/again.log"
exit_is 'one in use is not' 75 timeout 20 mm-policy --postfix --listen "unix:$T/socket" inbound
like 'and said so' "$(cat "$T/.err")" "cannot listen on $T/socket: Address already in use"
done_testing
