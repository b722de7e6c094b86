# shellcheck shell=bash
# opensmtpd.sh: a real OpenSMTPD of the test's own, on loopback, in a mount namespace:
# Debian's package excludes Postfix's, so it is unpacked, not installed, and finds its
# users, spool and socket (whose names are compiled in) within $T.  After tap.sh:
#
#     opensmtpd_get           downloads and unpacks the package; says why it cannot
#     opensmtpd_start PORT ['LINES OF smtpd.conf']
#                             by default takes mail for everyone and delivers none;
#                             `listen` is to be among the lines then
#
# It needs root.

opensmtpd_get() {
	mkdir -p "$T/opensmtpd"
	if ! (
		cd "$T/opensmtpd" &&
			apt-get -q -o APT::Sandbox::User=root download opensmtpd &&
			dpkg-deb -x opensmtpd_*.deb package
	) >"$T/opensmtpd-get.log" 2>&1; then
		tail -n 1 "$T/opensmtpd-get.log"
		return 1
	fi
	if ldd "$T/opensmtpd/package/usr/sbin/smtpd" | grep 'not found'; then
		return 1
	fi
}

opensmtpd_start() {
	local d=$T/opensmtpd name id=64990
	mkdir -p "$d/spool/smtpd" "$d/run" "$d/lib/opensmtpd/empty"
	chmod 755 "$T"
	chmod 711 "$d/spool/smtpd"
	cp /etc/passwd /etc/group "$d"
	for name in opensmtpd opensmtpq; do
		echo "$name:x:$id:$id::/var/lib/opensmtpd/empty:/bin/false" >>"$d/passwd"
		echo "$name:x:$((id++)):" >>"$d/group"
	done
	echo "${2:-smtp limit max-mails 1000000
listen on 127.0.0.1 port $1
action hold relay
match from any for any action hold}" >"$d/smtpd.conf"
	# shellcheck disable=SC2016
	start opensmtpd unshare -m sh -ec '
		mount --bind "$0/passwd" /etc/passwd
		mount --bind "$0/group" /etc/group
		mount --bind "$0/spool" /var/spool
		mount --bind "$0/lib" /var/lib
		mount --bind "$0/run" /run
		mount --bind "$0/package/usr/libexec" /usr/libexec
		exec "$0/package/usr/sbin/smtpd" -F -P mta -f "$0/smtpd.conf"' "$d"
	wait_for OpenSMTPD port_open "$1" || tap_comment "$(cat "$T/opensmtpd.log")"
}
