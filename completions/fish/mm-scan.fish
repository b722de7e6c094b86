source (status dirname)/mm.fish

complete -c mm-scan -s h -l help -d 'Show help'
complete -c mm-scan -x -s C -l site -a '(__fish_complete_directories)' -d 'Site directory'
complete -c mm-scan -x -l name -d 'Name of the findings'
complete -c mm-scan -x -l list -d 'DNS list, ZONE[=CODES][*WEIGHT]'
complete -c mm-scan -x -l threshold -d 'Sum of weights from which on something is listed'
complete -c mm-scan -l txt -d 'Ask lists why they list something'
complete -c mm-scan -x -l url -d 'Where rspamd is'
complete -c mm-scan -r -l socket -d 'Where clamd or rspamd is'
complete -c mm-scan -x -l parallel -d 'Messages analysed at once'
complete -c mm-scan -x -l max-size -d 'Larger messages are not analysed'
complete -c mm-scan -x -l timeout -d 'For one message'
__mm_envelope mm-scan

set -l analysers clamav command dnsbl dbl rspamd
set -l wanted "not __fish_seen_subcommand_from $analysers"
complete -c mm-scan -f -n $wanted -a clamav -d clamd
complete -c mm-scan -f -n $wanted -a command -d 'A program'
complete -c mm-scan -f -n $wanted -a dnsbl -d 'DNS lists of addresses'
complete -c mm-scan -f -n $wanted -a dbl -d 'DNS lists of domains'
complete -c mm-scan -f -n $wanted -a rspamd -d rspamd
