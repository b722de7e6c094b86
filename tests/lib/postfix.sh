# postfix.sh: a real Postfix of the test's own, on loopback, queue and all in $T.
# After tap.sh:
#
#     postfix_start PORT 'LINES OF main.cf' 'LINES OF master.cf'
#
# Both come behind what every such instance has; it needs root.

postfix_start() {
	mkdir -p "$T/etc" "$T/spool" "$T/data"
	chmod 755 "$T"
	chown postfix "$T/data"
	cat >"$T/etc/main.cf" <<END
compatibility_level = 3.6
queue_directory = $T/spool
data_directory = $T/data
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
mail_owner = postfix
setgid_group = postdrop
local_recipient_maps =
alias_maps =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
smtpd_peername_lookup = no
maillog_file = $T/postfix.maillog
maillog_file_prefixes = $T
$2
END
	cat >"$T/etc/master.cf" <<END
$3
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
pickup unix n - n 60 1 pickup
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
proxymap unix - - n - - proxymap
anvil unix - - n - 1 anvil
discard unix - - n - - discard
error unix - - n - - error
retry unix - - n - - error
smtp unix - - n - - smtp
relay unix - - n - - smtp
tlsmgr unix - - n 1000? 1 tlsmgr
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
END
	at_exit "postfix -c '$T/etc' stop" # master has a session of its own
	start postfix postfix -c "$T/etc" start-fg
	wait_for Postfix port_open "$1" ||
		tap_comment "$(cat "$T/postfix.log" "$T/postfix.maillog" 2>&1)"
}
