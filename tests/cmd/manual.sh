#!/bin/bash
# Every program has a page, completions and a -h that agree; pages are clean.
. "$(dirname "$0")/../lib/tap.sh"
need mandoc
cd "$top" || exit 1

completion_of() { # SHELL PROGRAM
	case $1 in
	bash) echo "completions/bash/$2" ;;
	zsh) echo "completions/zsh/_$2" ;;
	fish) echo "completions/fish/$2.fish" ;;
	esac
}
# The options that a completion knows, as long ones with a space around each.
known() { # SHELL PROGRAM
	local file
	file=$(completion_of "$1" "$2")
	case $1 in
	bash) grep -oE -- '--[a-z][a-z0-9-]*' "$file" ;;
	zsh)
		grep -oE -- '--[a-z][a-z0-9-]*' "$file"
		grep -q envelope "$file" && grep -oE -- '--[a-z][a-z0-9-]*' completions/zsh/_mm_envelope
		;;
	fish)
		sed -n 's/.*complete .* -l \([a-z0-9-]*\) .*/--\1/p' "$file"
		grep -q __mm_envelope "$file" &&
			sed -n 's/.*complete .* -l \([a-z0-9-]*\) .*/--\1/p' completions/fish/mm.fish
		;;
	esac | sort -u
}

for page in man/*.[1-9]; do
	is "mandoc -T lint $page" "$(mandoc -T lint -W warning "$page" 2>&1)" ""
done
for dir in cmd/mm-*/; do
	[ -d "$dir" ] || continue
	program=$(basename "$dir")
	ok "$program has a manual page" test -s "man/$program.1"
	for shell in bash zsh fish; do
		ok "$program has a completion for $shell" test -s "$(completion_of $shell "$program")"
		known $shell "$program" >"$T/known.$shell"
	done
	[ -f "$dir/$program.c" ] || continue
	exit_is "$program -h" 0 "$program" -h
	like "$program -h shows a synopsis" "$(cat "$T/.out")" "$program"
	is "$program -h is quiet on standard error" "$(cat "$T/.err")" ""
	exit_is "$program --help" 0 "$program" --help
	exit_is "$program -h to a full disk" 75 sh -c "exec $program -h >/dev/full"
	# What -h lists, the page explains and the completion knows.
	page=$(mandoc -T ascii "man/$program.1" 2>/dev/null | sed 's/.\x08//g')
	for option in $("$program" -h 2>/dev/null | grep -oE -- '(^|[ [(|,])--[a-z][a-z0-9-]+' |
		grep -oE -- '--[a-z0-9-]+' | sort -u); do
		case $option in --help) continue ;; esac
		like "$program(1) explains $option" "$page" "$option([^a-z0-9-]|\$)"
		for shell in bash zsh fish; do
			ok "the completion of $program for $shell knows $option" \
				grep -qx -- "$option" "$T/known.$shell"
		done
	done
done
done_testing
