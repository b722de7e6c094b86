# What the completions of several programs ask for.

# The site that the words before the cursor name.
function __mm_site
    set -l words (commandline -opc)
    set -l site /etc/mm
    set -q MM_SITE; and set site $MM_SITE
    for i in (seq (count $words))
        contains -- $words[$i] -C --site; and set -q words[(math $i + 1)]; and set site $words[(math $i + 1)]
    end
    echo $site
end

# Names of SITE/FOLDER/*.json.
function __mm_names # FOLDER...
    set -l site (__mm_site)
    for folder in $argv
        for f in $site/$folder/*.json
            basename $f .json
        end
    end
end

# Is there no word before the cursor but the program's name and options?
function __mm_first
    set -l words (commandline -opc)
    test (count $words) -eq 1
end

# Is the first word after the program's name one of these?
function __mm_command # NAME...
    set -l words (commandline -opc)
    set -q words[2]; and contains -- $words[2] $argv
end

# The same of the first two words.
function __mm_command2 # NAME NAME
    set -l words (commandline -opc)
    set -q words[3]; and test "$words[2] $words[3]" = "$argv"
end

# The options that say the envelope of a bare message.
function __mm_envelope # PROGRAM [CONDITION]
    set -l more
    set -q argv[2]; and set more -n $argv[2]
    complete -c $argv[1] $more -x -l ip -d 'Address of the client'
    complete -c $argv[1] $more -x -l helo -d 'Name that the client said'
    complete -c $argv[1] $more -x -l mail-from -d Reverse-path
    complete -c $argv[1] $more -x -l rcpt-to -d Recipient
    complete -c $argv[1] $more -x -l ingress -a '(__mm_names ingress-points)' -d 'Ingress point'
    complete -c $argv[1] $more -x -l field -d 'Any other field, NAME=VALUE'
end
