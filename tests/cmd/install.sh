#!/bin/bash
# make install puts everything in its place, and uninstall takes it away again.
. "$(dirname "$0")/../lib/tap.sh"
cd "$top" || exit 1

make_quietly() {
	env -u MAKEFLAGS -u MAKELEVEL -u MFLAGS make --no-print-directory "$@"
}

expected() {
	echo "usr/share/doc/mm/LICENSE"
	echo "usr/share/doc/mm/README.md"
	find cmd -mindepth 1 -maxdepth 1 -name 'mm-*' -printf 'usr/bin/%f\n'
	for page in man/*.[1-9]; do
		echo "usr/share/man/man${page##*.}/${page##*/}"
	done
	find completions/bash -type f -printf 'usr/share/bash-completion/completions/%f\n'
	find completions/zsh -type f -printf 'usr/share/zsh/site-functions/%f\n'
	find completions/fish -type f -printf 'usr/share/fish/vendor_completions.d/%f\n'
	find examples -type f -printf 'usr/share/doc/mm/%p\n'
}

san=$([ "${B##*/}" = san ] && echo SAN=1)
ok "make install" make_quietly install DESTDIR="$T/root" PREFIX=/usr $san
is "the installed files" "$(cd "$T/root" && find . -type f -printf '%P\n' | sort)" \
	"$(expected | sort)"
is "programs and scripts can be executed" \
	"$(cd "$T/root" && find . -type f -perm -u+x -printf '%P\n' | sort)" \
	"$({
		expected | grep '^usr/bin/'
		find examples -type f -perm -u+x -printf 'usr/share/doc/mm/%p\n'
	} | sort)"
is "nothing is writable by others" "$(find "$T/root" -perm /022 ! -type l)" ""
ok "make uninstall" make_quietly uninstall DESTDIR="$T/root" PREFIX=/usr
is "nothing is left" "$(find "$T/root" -type f)" ""
done_testing
