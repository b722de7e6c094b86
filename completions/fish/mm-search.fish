source (status dirname)/mm.fish

# A word of the query: a field, or a field with its value.
function __mm_search_words
    set -l word (commandline -ct)
    set -l minus ''
    string match -q -- '-*' $word; and set minus -
    for verdict in spf dkim dmarc arc
        string match -q -- "$minus$verdict:*" $word
        and printf '%s\n' $minus$verdict:{pass,fail,softfail,neutral,none,policy,temperror,permerror}
    end
    string match -q -- "$minus"'in:*' $word; and printf '%s\n' {$minus}in:(__mm_names archives)
    string match -q -- "$minus"'has:*' $word; and echo {$minus}has:attachment
    string match -q -- '*:*' $word
    or printf '%s\n' $minus{from,to,cc,subject,body,attachment,mail-from,rcpt,id,list,ip,ingress,in,spf,dkim,dmarc,arc,size,has,since,until,date}:
end

complete -c mm-search -f -a '(__mm_search_words)'
complete -c mm-search -s h -l help -d 'Show help'
complete -c mm-search -x -s C -a '(__fish_complete_directories)' -d 'Site directory'
complete -c mm-search -x -s a -l archive -a '(__mm_names archives; __fish_complete_directories)' -d 'Only this archive'
complete -c mm-search -r -F -l filters -d 'ArchiveFilters of Mail Manager'
complete -c mm-search -l json -d 'JSON Lines'
complete -c mm-search -l stream -d 'As a mail stream'
complete -c mm-search -l mbox -d 'As a mailbox'
complete -c mm-search -l ids -d Ids
complete -c mm-search -l count -d 'How many'
complete -c mm-search -x -l sort -a '{,-}{received,date,from,subject,size}' -d Order
complete -c mm-search -x -l group-by -a 'from to day month subject archive ip ingress list spf dkim dmarc arc' -d 'Count by'
complete -c mm-search -x -l limit -d 'No more than'
complete -c mm-search -x -l offset -d 'Not the first'
complete -c mm-search -l no-pager -d 'Even to a terminal'
complete -c mm-search -x -l now -d 'As if it were that time'
complete -c mm-search -r -F -l key-file -d "An encrypted archive's"
complete -c mm-search -x -l root -a '(__fish_complete_directories)' -d 'Where the archives are'
