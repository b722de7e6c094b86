source (status dirname)/mm.fish

complete -c mm-s3put -s h -l help -d 'Show help'
complete -c mm-s3put -x -s C -l site -a '(__fish_complete_directories)' -d 'Site directory'
complete -c mm-s3put -x -l bucket -d Bucket
complete -c mm-s3put -x -l prefix -d 'Put before the id'
complete -c mm-s3put -x -l endpoint -d 'URL instead of AWS'
complete -c mm-s3put -x -l region -d Region
complete -c mm-s3put -x -l kms-key -d 'Encrypt on the server with this key'
complete -c mm-s3put -l path-style -d URL/BUCKET/KEY
complete -c mm-s3put -l virtual-host -d BUCKET.HOST/KEY
complete -c mm-s3put -x -l timeout -d 'For one try'
__mm_envelope mm-s3put
