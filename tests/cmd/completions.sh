#!/bin/bash
# What the completions offer, in bash, zsh and fish, where these are.
. "$(dirname "$0")/../lib/tap.sh"
shells=(bash)
for shell in zsh fish; do
	if command -v "$shell" >/dev/null; then
		shells+=("$shell")
	else
		echo "# there is no $shell: its completions are not tried"
	fi
done
export MM_SITE=$T/site
mkdir -p "$MM_SITE"/{archives,ingress-points,relays,rule-sets,topics} "$T/empty"
for name in archives/NutritionCo archives/Old ingress-points/inbound relays/office \
	rule-sets/strict topics/alerts; do
	echo '{}' >"$MM_SITE/$name.json"
done
cd "$T/empty" || exit 1

in_bash() { # LINE: as readline parts it
	bash -c '. "$0/completions/bash/${1%% *}"
		compopt() { :; }
		read -ra COMP_WORDS <<<"${1//:/ : }"
		[[ $1 == *" " || $1 == *: ]] && COMP_WORDS+=("")
		COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
		"_${COMP_WORDS[0]//-/_}"
		printf "%s\n" "${COMPREPLY[@]}"' "$top" "$1"
}
in_zsh() {
	zsh -f "$top/tests/lib/complete.zsh" "$top/completions/zsh" "$1"
}
in_fish() {
	fish --no-config -c "set fish_complete_path $top/completions/fish; complete -C '$1'" |
		cut -f 1
}

offers() { # LINE MATCH...: among the words of each shell are these and nothing that
	# begins so
	local line=$1 shell expected
	shift
	expected=$(printf '%s\n' "$@" | sort)
	for shell in "${shells[@]}"; do
		is "$shell: $line" "$("in_$shell" "$line" | grep . | sed 's/^\(in\|spf\)://; s/=$//' |
			sort -u)" "$expected"
	done
}

offers 'mm-archive ho' hold
offers 'mm-archive hold ' add find list remove
offers 'mm-archive prune N' NutritionCo
offers 'mm-archive create --ret' --retention
offers 'mm-archive create --retention TH' THIRTY_MONTHS THREE_MONTHS THREE_YEARS
offers 'mm-archive export --to t' tar tar.gz tar.zst
offers 'mm-archive seal --p' --print
offers 'mm-search -a O' Old
offers 'mm-search subj' subject:
offers 'mm-search spf:perm' permerror
offers 'mm-search in:' NutritionCo Old
offers 'mm-search --sort s' size subject
offers 'mm-smtpd --ingress in' inbound
offers 'mm-smtpd --max-l' --max-line
offers 'mm-relay off' office
offers 'mm-relay --tls e' encrypt
offers 'mm-rule str' strict
offers 'mm-rule -x Ar' Archive
offers 'mm-queue re' release remove retry
offers 'mm-queue run --bounce n' never
offers 'mm-verdict si' sign
offers 'mm-verdict seal --req' --required
offers 'mm-policy inb' inbound
offers 'mm-notify w' webhook
offers 'mm-notify sns al' alerts
offers 'mm-scan dn' dnsbl
offers 'mm-s3put --bu' --bucket
is "bash: what is excluded" "$(in_bash 'mm-search -- -subj')$(in_bash 'mm-search -- -spf:perm')" \
	-subject:permerror
is "bash: where it does not part words at colons" "$(bash -c '. "$0/completions/bash/mm-search"
	COMP_WORDS=(mm-search -- -in:N) COMP_CWORD=2
	_mm_search
	echo "${COMPREPLY[@]}"' "$top")" -in:NutritionCo

for shell in "${shells[@]}"; do
	case $shell in
	bash) files=$(echo "$top"/completions/bash/*) ;;
	zsh) files=$(echo "$top"/completions/zsh/_*) ;;
	fish) files=$(echo "$top"/completions/fish/*.fish) ;;
	esac
	for file in $files; do
		ok "$shell reads ${file##*/}" "$shell" -n "$file"
	done
done
done_testing
