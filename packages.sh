#!/bin/sh
# packages.sh GROUP...: sees to it that the Debian packages of these groups are
# there.  Silent if they are; else installs them (as root, or by sudo where it
# asks for no password), or prints the one command that would and exits 1.
#
#   build    what `make` needs beside make and a C compiler
#   demo     what `make demo` needs to run
#   test     what `make check` needs to run
#   static   what .ci/run needs beside: clang, linters
set -u

group() {
	case $1 in
	build)
		echo libc6-dev pkg-config libev-dev uthash-dev libjansson-dev libpcre2-dev \
			libseccomp-dev libgmime-3.0-dev libssl-dev libunbound-dev \
			libopendkim-dev libspf2-dev libsqlite3-dev libarchive-dev \
			libzstd-dev libcurl4-openssl-dev libcrypt-dev libidn2-dev
		;;
	demo)
		echo openssl swaks libnet-ssleay-perl python3 python3-dkim sqlite3
		;;
	test)
		group demo
		echo perl procps postfix ucspi-tcp openbsd-inetd socat netcat-openbsd curl \
			jq xxd zstd libarchive-tools mandoc bash-completion \
			python3-dnspython python3-yaml python3-cryptography python3-openssl \
			clamav-daemon memcached swift-proxy swift-account swift-container \
			swift-object
		;;
	static)
		echo clang clang-tidy clang-format libclang-rt-14-dev cppcheck shellcheck
		;;
	*)
		echo "packages.sh: expected build, demo, test or static, not $1" >&2
		exit 64
		;;
	esac
}

policy=/usr/sbin/policy-rc.d

missing() {
	have=$(dpkg-query -W -f '${db:Status-Abbrev}|${Package}\n' "$@" 2>/dev/null |
		sed -n 's/^.i .*|//p')
	for p; do
		case "
$have
" in
		*"
$p
"*) ;;
		*) echo "$p" ;;
		esac
	done
}

# Postfix serves the tests by its programs smtp-source and smtp-sink alone, so
# it must not push out the mail system that a machine has.
without_other_mta() {
	mta=$(dpkg-query -W -f '${db:Status-Abbrev}|${Package}|${Provides}\n' 2>/dev/null |
		sed -n 's/^.i .*|\(.*\)|.*mail-transport-agent.*/\1/p' | head -n 1)
	for p; do
		if [ "$p" = postfix ] && [ -n "$mta" ] && [ "$mta" != postfix ]; then
			echo "packages.sh: $mta is installed, so postfix is not; tests that need it skip" >&2
		else
			echo "$p"
		fi
	done
}

restore_policy() {
	rm -f "$policy"
	if [ -e "$policy.mm-saved" ]; then
		mv "$policy.mm-saved" "$policy"
	fi
}

# No service starts because its package is installed: invoke-rc.d asks policy-rc.d.
forbid_services() {
	if [ -e "$policy" ] && [ ! -e "$policy.mm-saved" ]; then
		mv "$policy" "$policy.mm-saved"
	fi
	trap restore_policy EXIT
	trap 'exit 130' INT TERM HUP
	printf '#!/bin/sh\nexit 101\n' >"$policy"
	chmod 755 "$policy"
}

lists_known() {
	for p; do
		apt-cache show "$p" >/dev/null 2>&1 || return 1
	done
}

apt() {
	apt-get -qq -y --no-install-recommends --no-remove \
		-o Dpkg::Use-Pty=0 -o DPkg::Lock::Timeout=300 "$@" </dev/null
}

install() {
	export DEBIAN_FRONTEND=noninteractive DEBIAN_PRIORITY=critical LC_ALL=C.UTF-8
	echo "packages.sh: installing $*" >&2
	forbid_services
	echo 'postfix postfix/main_mailer_type select No configuration' |
		debconf-set-selections 2>/dev/null
	lists_known "$@" || apt update >&2
	apt install "$@" >&2 || {
		# what the lists name may have been replaced since
		apt update >&2 && apt install "$@" >&2
	}
}

case ${1-} in
'' | -h | --help)
	sed -n 's/^# \{0,1\}//p' "$0" | sed 1d | head -n 8
	exit 0
	;;
--install) # by ourselves, as root
	shift
	install "$@"
	exit
	;;
esac

want=
for g; do
	want="$want $(group "$g")" || exit
done

if ! command -v dpkg-query >/dev/null 2>&1; then
	echo "packages.sh: this is no Debian; going on with what is here" >&2
	exit 0
fi
# shellcheck disable=SC2086
lacking=$(missing $want)
[ -n "$lacking" ] || exit 0
# shellcheck disable=SC2086
lacking=$(without_other_mta $lacking | tr '\n' ' ')
[ -n "$lacking" ] || exit 0
lacking=${lacking% }

# shellcheck disable=SC2086
if [ "$(id -u)" -eq 0 ]; then
	sh "$0" --install $lacking
elif command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; then
	sudo -n sh "$0" --install $lacking
else
	cat >&2 <<END
Some Debian packages are missing.  As root run

    apt-get update && apt-get install --no-install-recommends $lacking

and then make again.
END
	exit 1
fi || {
	cat >&2 <<END
packages.sh: could not install them all.  As root run

    apt-get update && apt-get install --no-install-recommends $lacking
END
	exit 1
}
