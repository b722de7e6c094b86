source (status dirname)/mm.fish

complete -c mm-notify -s h -l help -d 'Show help'
complete -c mm-notify -x -s C -l site -a '(__fish_complete_directories)' -d 'Site directory'
complete -c mm-notify -x -l payload -a 'content headers' -d 'What is told'
complete -c mm-notify -x -l encoding -a 'utf-8 base64' -d 'Of the content'
complete -c mm-notify -x -l invocation -a 'event request-response' -d 'Of a function'
complete -c mm-notify -x -l index -d 'Of an application'
complete -c mm-notify -x -l timeout -d 'For one try'
__mm_envelope mm-notify

set -l wanted 'not __fish_seen_subcommand_from sns lambda qbusiness webhook'
complete -c mm-notify -f -n $wanted -a sns -d 'A topic'
complete -c mm-notify -f -n $wanted -a lambda -d 'A function'
complete -c mm-notify -f -n $wanted -a qbusiness -d 'An index'
complete -c mm-notify -f -n $wanted -a webhook -d 'A URL'
complete -c mm-notify -n '__fish_prev_arg_in sns' -f -a '(__mm_names topics)' -d Topic
complete -c mm-notify -n '__fish_prev_arg_in lambda' -f -a '(__mm_names functions)' -d Function
complete -c mm-notify -n '__fish_prev_arg_in qbusiness' -f -a '(__mm_names applications)' -d Application
