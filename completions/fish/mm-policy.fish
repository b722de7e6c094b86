source (status dirname)/mm.fish

complete -c mm-policy -s h -l help -d 'Show help'
complete -c mm-policy -x -s C -a '(__fish_complete_directories)' -d 'Site directory'
complete -c mm-policy -s n -d 'Only add policy: fields, refuse nobody'
complete -c mm-policy -l log-json -d 'Tell each decision as JSON'
complete -c mm-policy -l explain -d 'Print what each condition found'
complete -c mm-policy -l postfix -d 'Answer check_policy_service of Postfix'
complete -c mm-policy -x -l listen -d 'unix:PATH, ADDR:PORT or :PORT'
complete -c mm-policy -l check -d 'Print every error of the policies'
complete -c mm-policy -l lenient -d 'Limits and unresolved references are warnings'
__mm_envelope mm-policy
complete -c mm-policy -a '(__mm_names traffic-policies ingress-points)' -d Policy
