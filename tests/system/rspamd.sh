#!/bin/bash
# A real rspamd, with a rule of our own and a list of domains of its own.
. "$(dirname "$0")/../lib/tap.sh"
need mm-scan rspamd
printf 'com\norg\nexample\n' >"$T/tld"
cat >"$T/own.lua" <<'END'
rspamd_config:register_symbol({name = 'OWN_LOTTERY', score = 7.5, callback = function(task)
	return (task:get_subject() or ''):find('lottery') ~= nil, 1.0
end})
rspamd_config:register_symbol({name = 'OWN_ENVELOPE', score = 0.5, callback = function(task)
	local from, rcpt = task:get_from('smtp'), task:get_recipients('smtp')
	return tostring(task:get_from_ip()) == '192.0.2.7' and task:get_helo() == 'mx.example.org' and
		from[1].addr == 'a@example.org' and #rcpt == 2 and rcpt[2].addr == 'c@example.net' and
		task:get_user() == 'bob', 1.0
end})
END
cat >"$T/rspamd.conf" <<END
options {
	pidfile = "$T/pid"; tempdir = "$T"; cache_file = "$T/cache"; url_tld = "$T/tld"; filters = "";
	control_socket = "$T/control.sock mode=0600";
	dns { nameserver = ["127.0.0.1:1"]; timeout = 0.1s; retransmits = 1; }
}
logging { type = "console"; level = "notice"; }
worker "normal" {
	bind_socket = "127.0.0.1:$(free_port)"; bind_socket = "$T/rspamd.sock"; count = 1; mime = true;
}
actions { reject = 15; add_header = 6; greylist = 4; }
lua = "$T/own.lua";
END
as=(--insecure)
[ "$(id -u)" -ne 0 ] || as+=(-u root -g root)
start rspamd rspamd -f "${as[@]}" -c "$T/rspamd.conf"
wait_for "rspamd's socket" test -S "$T/rspamd.sock" || {
	diag "$(cat "$T/rspamd.log")"
	done_testing
}
url=http://127.0.0.1:$(sed -n 's/.*127.0.0.1:\([0-9]*\)"; bind.*/\1/p' "$T/rspamd.conf")

message() { # SUBJECT TEXT
	printf '%s\r\n' 'From: <a@example.org>' 'Date: Sun, 22 Nov 2026 10:00:00 +0000' \
		'Message-ID: <x@example.org>' "Subject: $1" '' "$2"
}
message hello hello >"$T/clean.eml"
message 'lottery' hello >"$T/gray.eml"
# The test pattern for spam filters, in two pieces.
message hello 'XJS*C4JDBQADN1.NSBN3*2IDNEN*GTUBE-STANDARD''-ANTI-UBE-TEST-EMAIL*C.34X' >"$T/spam.eml"
scan() { mm-scan rspamd "$@" 2>"$T/err" | sed -n 's/^analysis: rspamd //p'; }
for where in "--url $url" "--socket $T/rspamd.sock"; do
	read -ra option <<<"$where"
	is "clean (${where%% *})" "$(scan "${option[@]}" "$T/clean.eml")" "score 0.00
required_score 15.00
action no action
verdict PASS
is_passed TRUE"
	is "a rule of its own (${where%% *})" "$(scan "${option[@]}" "$T/gray.eml")" "score 7.50
required_score 15.00
action add header
symbol OWN_LOTTERY 7.50
verdict GRAY
is_passed TRUE"
	is "spam (${where%% *})" "$(scan "${option[@]}" "$T/spam.eml" | grep -v required)" "score 15.00
action reject
symbol GTUBE 0.00
verdict FAIL
is_passed FALSE"
done
is "it understands the envelope" "$(scan --url "$url" --ip 192.0.2.7 --helo mx.example.org \
	--mail-from '<a@example.org>' --rcpt-to '<b@example.net>' --rcpt-to '<c@example.net>' \
	--field auth-user=bob "$T/clean.eml" | grep symbol)" "symbol OWN_ENVELOPE 0.50"
for i in {1..100}; do
	for m in clean gray spam; do
		printf 'mail 1 %d\nid: %s-%d\n\n' "$(stat -c %s "$T/$m.eml")" $m "$i"
		cat "$T/$m.eml"
	done
done >"$T/stream"
is "a stream: each has its own verdict" "$(mm-scan rspamd --url "$url" <"$T/stream" |
	awk '/^id: /{id=$2; sub("-.*", "", id)} / verdict /{print id, $4}' | sort | uniq -c |
	sed 's/^ *//')" \
	"100 clean PASS
100 gray GRAY
100 spam FAIL"
stop rspamd
is "a daemon that is down loses nothing" "$(mm-scan rspamd --url "$url" <"$T/stream" 2>/dev/null |
	grep -c '^analysis: rspamd verdict PROCESSING_FAILED')" 300
done_testing
