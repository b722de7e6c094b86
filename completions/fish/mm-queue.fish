source (status dirname)/mm.fish

# Ids of the queue that is on the line, and terms.
function __mm_queue_records
    for dir in (commandline -opc)[3..-1]
        test -e $dir/queue.db; or continue
        mm-queue list --json $dir 2>/dev/null | head -n 200 | string replace -rf '^\{"id":"([^"]*)".*' '$1'
        printf '%s\n' from: rcpt: reason: older: newer: larger: smaller: held: tried:
        return
    end
end

complete -c mm-queue -n __mm_first -s h -l help -d 'Show help'
complete -c mm-queue -n __mm_first -f -a add -d 'A filter: mail is safe when it says ok'
complete -c mm-queue -n __mm_first -f -a run -d 'Deal with the mail'
complete -c mm-queue -n __mm_first -f -a list -d Messages
complete -c mm-queue -n __mm_first -f -a show -d 'One message'
complete -c mm-queue -n __mm_first -f -a stat -d 'How many wait'
complete -c mm-queue -n __mm_first -f -a retry -d Now
complete -c mm-queue -n __mm_first -f -a hold -d 'Keep back'
complete -c mm-queue -n __mm_first -f -a release -d 'What is held'
complete -c mm-queue -n __mm_first -f -a remove -d 'For good'

complete -c mm-queue -n '__mm_command add' -x -l min-free -d 'Refuse when the disk has less free'
complete -c mm-queue -n '__mm_command add' -l hold -d 'Hold what is added'
__mm_envelope mm-queue '__mm_command add'

set -l run '__mm_command run'
complete -c mm-queue -n $run -x -s C -a '(__fish_complete_directories)' -d 'Site directory'
complete -c mm-queue -n $run -x -l window -d 'Records in flight'
complete -c mm-queue -n $run -x -l window-bytes -d 'Octets in flight'
complete -c mm-queue -n $run -x -l retry-min -d 'Wait before the second attempt'
complete -c mm-queue -n $run -x -l retry-max -d 'Between attempts'
complete -c mm-queue -n $run -x -l lifetime -d 'Then give up'
complete -c mm-queue -n $run -x -l delay-warning -d 'Tell the sender that it waits'
complete -c mm-queue -n $run -x -l bounce -a 'always verified never' -d 'Whom to tell'
complete -c mm-queue -n $run -x -l timeout -d 'Of a worker for one record'
complete -c mm-queue -n $run -x -l grace -d 'To finish when told to stop'
complete -c mm-queue -n $run -x -l poison -d 'Hold a record when that many workers died'
complete -c mm-queue -n $run -x -l hostname -d 'Ours, in notifications'
complete -c mm-queue -n $run -x -l time-scale -d 'Divide the waiting'
complete -c mm-queue -n "$run; and contains -- -- (commandline -opc)" -a '(__fish_complete_command)'

complete -c mm-queue -n '__mm_command list stat' -l json -d 'For programs'
complete -c mm-queue -n '__mm_command stat' -x -l by -a 'rcpt from' -d 'Domains of'
complete -c mm-queue -n '__mm_command retry' -l all -d 'All messages'
complete -c mm-queue -n '__mm_command retry hold release remove' -s n -l dry-run -d 'Only list what would be changed'
complete -c mm-queue -n '__mm_command list show retry hold release remove' -a '(__mm_queue_records)'
