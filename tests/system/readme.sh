#!/bin/bash
# The first pipeline of README.md, typed as it stands there (but for the port).
. "$(dirname "$0")/../lib/tap.sh"
need mm-smtpd mm-archive mm-search swaks

port=$(free_port)
mkdir "$T/work"
cd "$T/work" || exit 1
# A person waits until it listens, and ends it with a signal.
sed -n '/^## A first pipeline/,/^With a queue/s/^    //p' "$top/README.md" |
	sed -E "s/2525/$port/; s#\\\$PWD/build#$B#; s#\\\$PWD#$T/work#g
		s#^(mm-smtpd.*) &\$#start smtpd \\1; wait_for mm-smtpd port_open $port#" >"$T/script"
like "README.md has a pipeline" "$(cat "$T/script")" 'start smtpd mm-smtpd .* -- mm-archive add'
# shellcheck source=/dev/null
. "$T/script" >"$T/out" 2>"$T/err"
ok "every command succeeds and is quiet" test ! -s "$T/err"
like "the message was accepted" "$(cat "$T/out")" '250 2\.0\.0 archived in mail'
like "and found" "$(cat "$T/out")" 'alice@example\.org +first light'
like "and shown as a stream" "$(cat "$T/out")" $'\nmail 1 [0-9]+\nid: '
like "and is in a plain tar" "$(tail -n 1 "$T/out")" '\.eml$'
stop smtpd
is "the listener ends on SIGTERM with success" "$?" 0
done_testing
