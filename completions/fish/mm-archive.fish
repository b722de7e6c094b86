source (status dirname)/mm.fish

complete -c mm-archive -s h -l help -d 'Show help'
complete -c mm-archive -n __mm_first -f -a create -d 'An archive'
complete -c mm-archive -n __mm_first -f -a add -d 'Archive what comes as a stream'
complete -c mm-archive -n __mm_first -f -a import -d 'Mbox files, Maildirs, directories, tar and zip files'
complete -c mm-archive -n __mm_first -f -a get -d Messages
complete -c mm-archive -n __mm_first -f -a export -d 'Messages into a mailbox, Maildir, tar or zip'
complete -c mm-archive -n __mm_first -f -a list -d 'Archives of the site'
complete -c mm-archive -n __mm_first -f -a stat -d 'Messages and octets of each month'
complete -c mm-archive -n __mm_first -f -a cat -d 'Tar files, decrypted'
complete -c mm-archive -n __mm_first -f -a rekey -d 'Wrap the data keys anew'
complete -c mm-archive -n __mm_first -f -a prune -d 'Remove what has expired'
complete -c mm-archive -n __mm_first -f -a hold -d 'Legal holds'
complete -c mm-archive -n __mm_first -f -a forget -d 'Erase messages for good'
complete -c mm-archive -n __mm_first -f -a compact -d 'Cut old months anew'
complete -c mm-archive -n __mm_first -f -a seal -d 'Close months in a chain of hashes'
complete -c mm-archive -n __mm_first -f -a verify -d 'That nothing was altered'
complete -c mm-archive -n __mm_first -f -a reindex -d 'Index what tar files hold'

set -l any 'not __mm_first'
complete -c mm-archive -n $any -x -s C -a '(__fish_complete_directories)' -d 'Site directory'
complete -c mm-archive -n $any -x -l root -a '(__fish_complete_directories)' -d 'Where the archives are'
complete -c mm-archive -n $any -r -l key-file -d "An encrypted archive's"
complete -c mm-archive -n '__mm_command add import get export stat cat rekey prune forget compact seal verify reindex' -a '(__mm_names archives)' -d Archive

complete -c mm-archive -n '__mm_command create' -x -l retention -d 'How long it keeps messages' -a 'THREE_MONTHS SIX_MONTHS NINE_MONTHS ONE_YEAR EIGHTEEN_MONTHS TWO_YEARS THIRTY_MONTHS THREE_YEARS FOUR_YEARS FIVE_YEARS SIX_YEARS SEVEN_YEARS EIGHT_YEARS NINE_YEARS TEN_YEARS PERMANENT'
complete -c mm-archive -n '__mm_command create' -l encrypt -d 'It is encrypted'
complete -c mm-archive -n '__mm_command create' -l shared -d 'Several hosts write to it'
complete -c mm-archive -n '__mm_command add' -x -l idle -d 'Let go of files when nothing comes for them'
__mm_envelope mm-archive '__mm_command add'
complete -c mm-archive -n '__mm_command import' -x -l format -a 'auto mbox message' -d 'What each file is'
complete -c mm-archive -n '__mm_command import' -l metadata -d 'Envelope, time and id from NAME.json'
complete -c mm-archive -n '__mm_command get' -l record -d 'As a mail stream'
complete -c mm-archive -n '__mm_command get' -l headers -d 'Only their headers'
complete -c mm-archive -n '__mm_command get' -l text -d 'Text for reading'
complete -c mm-archive -n '__mm_command get' -l html -d 'Their HTML'
complete -c mm-archive -n '__mm_command get' -l attachments -d 'List their attachments'
complete -c mm-archive -n '__mm_command get' -l json -d 'For programs'
complete -c mm-archive -n '__mm_command get' -x -l extract -a all -d 'Write attachments to files'
complete -c mm-archive -n '__mm_command get' -x -s d -a '(__fish_complete_directories)' -d 'Where to'
complete -c mm-archive -n '__mm_command export' -x -l to -a 'mbox maildir eml tar tar.gz tar.zst zip' -d Form
complete -c mm-archive -n '__mm_command export' -l metadata -d 'ID.json beside each message'
complete -c mm-archive -n '__mm_command export' -l all -d Everything
complete -c mm-archive -n '__mm_command export' -x -l since -d 'Received from then on'
complete -c mm-archive -n '__mm_command export' -x -l until -d 'Received before'
complete -c mm-archive -n '__mm_command get export' -x -l query -d 'Instead of ids'
complete -c mm-archive -n '__mm_command get export prune compact seal' -x -l now -d 'As if it were that time'
complete -c mm-archive -n '__mm_command rekey' -r -l new-key-file -d 'Wrap by this one'
complete -c mm-archive -n '__mm_command rekey' -l new-data-key -d 'For new files'
complete -c mm-archive -n '__mm_command prune compact seal forget' -s n -d 'Only say what would be done'
complete -c mm-archive -n '__mm_command forget' -x -l reason -d Why
complete -c mm-archive -n '__mm_command seal' -r -l key -d 'Sign by this Ed25519 key'
complete -c mm-archive -n '__mm_command seal' -l print -d 'What was signed last'
complete -c mm-archive -n '__mm_command verify' -r -l public-key -d 'Check what was signed by it'
complete -c mm-archive -n '__mm_command verify' -x -l head -d 'What --print printed once'

set -l hold '__mm_command hold; and not __fish_seen_subcommand_from add remove list find'
complete -c mm-archive -n $hold -f -a add -d 'Keep messages'
complete -c mm-archive -n $hold -f -a remove -d 'Let go'
complete -c mm-archive -n $hold -f -a list -d Holds
complete -c mm-archive -n $hold -f -a find -d 'Holds that a message is under'
complete -c mm-archive -n '__mm_command hold; and __fish_seen_subcommand_from add remove list find' -a '(__mm_names archives)' -d Archive
complete -c mm-archive -n '__mm_command2 hold add' -s n -d 'Only say what would be done'
complete -c mm-archive -n '__mm_command2 hold add; or __mm_command2 hold remove' -x -l reason -d Why
complete -c mm-archive -n '__mm_command2 hold add' -x -l query -d 'What it finds, now and later'
complete -c mm-archive -n '__mm_command2 hold add' -l ids -d 'Those on standard input'
complete -c mm-archive -n '__mm_command2 hold list' -l json -d 'For programs'
complete -c mm-archive -n '__mm_command2 hold find' -x -l now -d 'As if it were that time'
