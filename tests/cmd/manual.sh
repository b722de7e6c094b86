#!/bin/bash
# Every program has a page, a completion and a -h that agree; pages are clean.
. "$(dirname "$0")/../lib/tap.sh"
need mandoc
cd "$top" || exit 1

for page in man/*.[1-9]; do
	is "mandoc -T lint $page" "$(mandoc -T lint -W warning "$page" 2>&1)" ""
done
for dir in cmd/mm-*/; do
	[ -d "$dir" ] || continue
	program=$(basename "$dir")
	ok "$program has a manual page" test -s "man/$program.1"
	ok "$program has a completion" test -s "completions/bash/$program"
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
		like "the completion of $program knows $option" \
			"$(cat "completions/bash/$program" 2>/dev/null)" "$option([^a-z0-9-]|\$)"
	done
done
for completion in completions/bash/*; do
	[ -f "$completion" ] || continue
	ok "$completion is read by bash" bash -n "$completion"
done
done_testing
