#!/bin/bash
# mm-scan: any program as analyser, and a clamd that misbehaves.
. "$(dirname "$0")/../lib/tap.sh"
. "$(dirname "$0")/../lib/verdict.sh"
need mm-scan
need_python socket

printf '%s\r\n' 'From: <alice@example.org>' 'Subject: x' '' 'lottery' >"$T/m.eml"
scan() { mm-scan "$@" 2>"$T/err" | grep -a '^analysis: '; }

is "exit 0" "$(scan command "$T/m.eml" -- true)" \
	"analysis: command verdict PASS
analysis: command is_passed TRUE"
is "exit 1, a name, a detail" "$(scan --name luck command "$T/m.eml" -- sh -c 'cat | tail -n 1; exit 1')" \
	"analysis: luck detail lottery
analysis: luck verdict FAIL
analysis: luck is_passed FALSE"
is "any other exit" "$(scan command "$T/m.eml" -- sh -c 'exit 3')" \
	"analysis: command verdict PROCESSING_FAILED
analysis: command reason sh: exit 3"
is "killed" "$(scan command "$T/m.eml" -- sh -c 'kill -9 $$')" \
	"analysis: command verdict PROCESSING_FAILED
analysis: command reason sh: killed by signal 9"
like "logged" "$(cat "$T/err")" 'level=warn prog=mm-scan msg="not analysed" id=.* analyser=command'
is "no such program" "$(scan command "$T/m.eml" -- /nonexistent)" \
	"analysis: command verdict PROCESSING_FAILED
analysis: command reason cannot run /nonexistent: No such file or directory"
is "too slow" "$(scan --timeout 100ms command "$T/m.eml" -- sleep 600)" \
	"analysis: command verdict PROCESSING_FAILED
analysis: command reason timeout"
is "it sees the whole message" "$(scan command "$T/m.eml" -- sh -c 'cksum')" \
	"analysis: command detail $(cksum <"$T/m.eml")
analysis: command verdict PASS
analysis: command is_passed TRUE"
{
	printf 'From: <a@example.org>\r\n\r\n'
	head -c 3000000 /dev/zero | tr '\0' 'a' | fold -w 70
} >"$T/big.eml"
is "a large message to a program that does not read it" "$(scan command "$T/big.eml" -- true)" \
	"analysis: command verdict PASS
analysis: command is_passed TRUE"
check_same "the message is not changed" \
	"mm-scan command $T/m.eml -- true | sed '1,/^\$/d'" "cat $T/m.eml"

is "old findings are replaced, others' are not" \
	"$(scan --field 'analysis=command verdict FAIL' --field 'analysis=other verdict FAIL' \
		command "$T/m.eml" -- true)" \
	"analysis: other verdict FAIL
analysis: command verdict PASS
analysis: command is_passed TRUE"
is "a queue's second attempt keeps the verdict" \
	"$(scan --field attempt=2 --field 'analysis=command verdict FAIL' command "$T/m.eml" -- true)" \
	"analysis: command verdict FAIL"
is "but not that there was none" \
	"$(scan --field attempt=2 --field 'analysis=command verdict PROCESSING_FAILED' \
		command "$T/m.eml" -- true | head -n 1)" "analysis: command verdict PASS"
is "an envelope alone passes" "$(printf 'mail 1 0\nid: e\n\n' | mm-scan command -- true)" \
	"$(printf 'mail 1 0\nid: e\n\n')"

for ((i = 0; i < 40; i++)); do
	printf 'mail 1 3\nid: p%d\n\na\r\n' $i
done >"$T/stream"
# Each waits until 5 are there: fewer at once would never end.
mkdir "$T/there"
cat >"$T/meet" <<'END'
#!/bin/sh
touch "$1/$$"
until [ "$(ls "$1" | wc -l)" -ge 5 ]; do sleep 0.01; done
END
chmod +x "$T/meet"
is "several at once" "$(mm-scan --parallel 5 command -- "$T/meet" "$T/there" <"$T/stream" |
	grep -c 'verdict PASS')" 40

# A clamd that answers as the argument says: the rest of the line, or nothing.
cat >"$T/fake.py" <<'END'
import socket, sys
s = socket.socket(); s.bind(("127.0.0.1", 0)); s.listen(16)
print(s.getsockname()[1], flush=True)
while True:
    c, _ = s.accept()
    c.recv(100)
    c.sendall(sys.argv[1].encode("latin-1"))
    c.close()
END
fake() { # NAME ANSWER EXPECTED
	start "fake$1" "$python" "$T/fake.py" "$2"
	wait_for port test -s "$T/fake$1.log"
	is "clamd says: $1" "$(scan clamav --socket "127.0.0.1:$(cat "$T/fake$1.log")" "$T/m.eml")" "$3"
}
fake nothing '' "analysis: clamav verdict PROCESSING_FAILED
analysis: clamav reason clamd: no answer"
fake nonsense $'\x01\x02 hello' "analysis: clamav verdict PROCESSING_FAILED
analysis: clamav reason clamd: ?? hello"
fake found 'stream: A B FOUND' "analysis: clamav name A B
analysis: clamav verdict FAIL
analysis: clamav is_passed FALSE"
fake partly 'stream: O' "analysis: clamav verdict PROCESSING_FAILED
analysis: clamav reason clamd: O"

exit_is "no analyser" 75 mm-scan
exit_is "a command without a program" 75 mm-scan command "$T/m.eml"
exit_is "a name of two words" 75 mm-scan --name 'a b' command "$T/m.eml" -- true
exit_is "a socket that is none" 75 mm-scan clamav --socket nowhere "$T/m.eml"
done_testing
