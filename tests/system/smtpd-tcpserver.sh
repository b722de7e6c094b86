#!/bin/bash
# Under tcpserver of ucspi-tcp: a delivery over STARTTLS.
. "$(dirname "$0")/../lib/tap.sh"
. "$top/tests/lib/smtpd.sh"
need tcpserver swaks openssl python3

certificate
port=$(free_port)
start tcpserver tcpserver -v -H -R -l mx.test 127.0.0.1 "$port" mm-smtpd --no-policy \
	--hostname mx.test --cert "$T/cert.pem" --key "$T/key.pem" -- "$answer" "$T/stored"
wait_for 'tcpserver listens' port_open "$port" || done_testing

delivers_over_starttls tcpserver
like 'the log is on standard error' "$(logged tcpserver msg=message)" 'status=ok'

# What tcpserver says of the peer is believed: a relay before it may know better.
is 'the peer from the environment' "$(printf 'EHLO x\r\nMAIL FROM:<a@b.example>\r\nRCPT TO:<c@d.example>\r\nDATA\r\n.\r\n' |
	TCPREMOTEIP=::ffff:192.0.2.7 TCPREMOTEPORT=4711 TCPLOCALIP=2001:db8::1 TCPLOCALPORT=25 \
		mm-smtpd --no-policy --hostname mx.test -- "$answer" "$T/second" >/dev/null 2>&1
	stored "$T/second" | sed -n '/^client-ip/,/^helo/p; /^Received/,$p')" 'client-ip: 192.0.2.7
client-port: PORT
server-ip: 2001:db8::1
server-port: PORT
helo: x
Received: from x ([192.0.2.7])
	by mx.test (mm-smtpd) with ESMTP id ULID
	for <c@d.example>;
	DATE'

done_testing
