# complete.zsh DIR LINE...: what zsh offers with the completions of DIR at the end of
# each line, a match a line, then an empty line.  Completions want a line editor, which
# wants a terminal: a second shell has one, and says what it would offer.

second_shell() { # DIR
	PS1='' PS2=''
	unset zle_bracketed_paste
	fpath=($1 $fpath)
	autoload -Uz compinit
	compinit -D -u
	compadd() {
		local -a matched
		# where the caller wants the matches, it does not offer them
		if [[ ${@[(r)-[OAD]*]} == '' ]]; then
			builtin compadd -A matched "$@"
			(($#matched)) && print -rl -- "="$^matched
		fi
		builtin compadd "$@"
	}
	offer() {
		print -r -- '<begin>'
		_main_complete
		print -r -- '<end>'
		compstate[insert]='' compstate[list]=''
	}
	zle -C offer complete-word offer
	bindkey '^I' offer
	bindkey '^U' kill-buffer
	print -r -- '<ready>'
}

if [[ -n $in_second_shell ]]; then
	second_shell "$completions"
	return
fi
zmodload zsh/zpty || exit 1
export completions=$1 COLUMNS=200
shift
zpty shell zsh -f -i
zpty -w shell "in_second_shell=1; source ${(q)0:A}"
zpty -r -m shell output '*<ready>*' || exit 1
for line; do
	zpty -w -n shell $'\C-U'"$line"$'\t'
	zpty -r -m shell output '*<begin>*<end>*' || exit 1
	output=${${${output//$'\r'/}##*<begin>}%%<end>*}
	print -rl -- ${${(M)${(f)output}:#=*}#=}
	print
done
zpty -d shell
