# shellcheck shell=bash
# verdict.sh: what the tests of mm-verdict share, after tap.sh.

# need_python MODULE...: a python3 that has them, in $python; else the test is skipped.
need_python() {
	local p
	for p in python3 /usr/bin/python3; do
		if "$p" -c "$(printf 'import %s\n' "$@")" 2>/dev/null; then
			python=$p
			return
		fi
	done
	skip_all "no python3 with $*"
}

# rsa_key NAME [BITS]: $T/NAME.pem, and its record's p= in $T/NAME.p
rsa_key() {
	openssl genrsa -traditional -out "$T/$1.pem" "${2:-2048}" 2>/dev/null
	openssl rsa -in "$T/$1.pem" -pubout -outform DER 2>/dev/null | base64 -w0 >"$T/$1.p"
}

ed25519_key() {
	openssl genpkey -algorithm ed25519 -outform DER -out "$T/$1.der"
	tail -c 32 "$T/$1.der" | base64 -w0 >"$T/$1.pem"
	openssl pkey -inform DER -in "$T/$1.der" -pubout -outform DER | tail -c 32 |
		base64 -w0 >"$T/$1.p"
}

# ed25519_pem NAME: $T/NAME.pem, for mm-verdict to sign with, and its record's p=
ed25519_pem() {
	openssl genpkey -algorithm ed25519 -out "$T/$1.pem"
	openssl pkey -in "$T/$1.pem" -pubout -outform DER | tail -c 32 | base64 -w0 >"$T/$1.p"
}

# txt NAME TEXT: a zone file line, the text in strings of 200 octets
txt() {
	printf '%s. IN TXT' "$1"
	printf '%s' "$2" | fold -w 200 | sed 's/.*/ "&"/' | tr -d '\n'
	printf '\n'
}

# sign KEY SELECTOR DOMAIN [OPTION=VALUE...] <message >signed
sign() {
	local key=$1
	shift
	"$python" "$top/tests/tools/dkim-sign.py" "$T/$key.pem" "$@"
}

# fields PATTERN: those fields of the records on standard input
fields() {
	grep -aE "^($1): "
}
