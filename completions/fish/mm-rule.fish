source (status dirname)/mm.fish

function __mm_rule_lists
    for f in (__mm_site)/address-lists/*
        basename $f .json
    end
end

set -l rules 'not __mm_command list'
complete -c mm-rule -s h -l help -d 'Show help'
complete -c mm-rule -x -s C -l site -a '(__fish_complete_directories)' -d 'Site directory'
complete -c mm-rule -n __mm_first -a list -d 'Address lists'
complete -c mm-rule -n $rules -a '(__mm_names rule-sets ingress-points)' -d 'Rule set'
complete -c mm-rule -n $rules -s n -l dry-run -d 'Say what would be done in plan: fields'
complete -c mm-rule -n $rules -x -s x -l action -d 'ACTION=COMMAND' -a 'Archive= Bounce= Copy= DeliverToMailbox= DeliverToQBusiness= Exec= Hold= InvokeLambda= PublishToSns= Relay= SealArc= Send= SignDkim= WriteToS3='
complete -c mm-rule -n $rules -x -l timeout -d 'For one action on one message'
complete -c mm-rule -n $rules -x -l journal -a '(__fish_complete_directories)' -d 'What is finished is not repeated'
complete -c mm-rule -n $rules -l check -d 'Print all that is wrong with the rule sets'
complete -c mm-rule -n $rules -l lenient -d 'Limits and unknown targets are warnings'
complete -c mm-rule -n $rules -l explain -d 'Print each condition and the outcome'
complete -c mm-rule -n $rules -l diff -d 'Who would be treated differently by NEW'
complete -c mm-rule -n $rules -x -l examples -d 'Of each kind of difference'
complete -c mm-rule -n $rules -l json -d 'JSON Lines'
__mm_envelope mm-rule $rules
complete -c mm-rule -n '__mm_command list' -l replace -d 'The list holds what FILE says and nothing else'
complete -c mm-rule -n '__mm_command list; and not __fish_seen_subcommand_from add del find import' -f -a 'add del find import'
complete -c mm-rule -n '__mm_command list; and __fish_seen_subcommand_from add del find import' -a '(__mm_rule_lists)' -d 'Address list'
