# shellcheck shell=bash
# s3-server.sh: a real S3-compatible server for tests, OpenStack Swift with its
# S3 API on loopback, which verifies signatures and hashes.  After tap.sh:
#
#     s3_server          starts it, or skips the test when it is not installed
#     $S3_URL            its endpoint; bucket names are free to choose
#     s3 METHOD PATH [FILE]     a signed request; the answer to FILE or stdout
#
# and AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_REGION are set.

s3_conf_ring() { # NAME PORT
	(cd "$S3/etc" &&
		swift-ring-builder "$1.builder" create 4 1 1 &&
		swift-ring-builder "$1.builder" add "r1z1-127.0.0.1:$2/sdb1" 1 &&
		swift-ring-builder "$1.builder" rebalance) >/dev/null
	cat >"$S3/etc/$1-server.conf" <<-X
		[DEFAULT]
		bind_ip = 127.0.0.1
		bind_port = $2
		workers = 0
		user = $(id -un)
		swift_dir = $S3/etc
		devices = $S3/node
		mount_check = false
		disable_fallocate = true
		log_name = $1
		[pipeline:main]
		pipeline = $1-server
		[app:$1-server]
		use = egg:swift#$1
	X
}

s3_conf_proxy() { # PORT MEMCACHED_PORT
	local filters=(catch_errors gatekeeper healthcheck listing_formats bulk slo dlo) f
	{
		cat <<-X
			[DEFAULT]
			bind_ip = 127.0.0.1
			bind_port = $1
			workers = 0
			user = $(id -un)
			swift_dir = $S3/etc
			[pipeline:main]
			pipeline = catch_errors gatekeeper healthcheck cache listing_formats bulk s3api tempauth slo dlo proxy-server
			[app:proxy-server]
			use = egg:swift#proxy
			allow_account_management = true
			account_autocreate = true
			[filter:cache]
			use = egg:swift#memcache
			memcache_servers = 127.0.0.1:$2
			[filter:s3api]
			use = egg:swift#s3api
			s3_acl = false
			location = us-east-1
			dns_compliant_bucket_names = true
			[filter:tempauth]
			use = egg:swift#tempauth
			user_test_tester = testing .admin
		X
		for f in "${filters[@]}"; do
			printf '[filter:%s]\nuse = egg:swift#%s\n' "$f" "$f"
		done
	} >"$S3/etc/proxy-server.conf"
}

s3_server() {
	local ports port n
	need swift-proxy-server swift-account-server swift-container-server \
		swift-object-server swift-ring-builder memcached curl
	S3=$T/s3
	mkdir -p "$S3/etc" "$S3/node/sdb1"
	python3 -c 'import os, sys
try:
    os.setxattr(sys.argv[1], "user.swift", b"1")
except OSError:
    sys.exit(1)' "$S3/node" || skip_all "the file system under $T has no extended attributes"
	printf '[swift-hash]\nswift_hash_path_prefix = a\nswift_hash_path_suffix = b\n%s\n' \
		'[storage-policy:0]
name = Policy-0
default = yes' >"$S3/etc/swift.conf"
	mapfile -t ports < <(for _ in 1 2 3 4 5; do free_port; done)
	port=${ports[0]}
	s3_conf_ring account "${ports[1]}"
	s3_conf_ring container "${ports[2]}"
	s3_conf_ring object "${ports[3]}"
	s3_conf_proxy "$port" "${ports[4]}"
	start memcached memcached -u "$(id -un)" -l 127.0.0.1 -p "${ports[4]}" -m 64
	for n in account container object proxy; do
		start "swift-$n" env PYTHONUNBUFFERED=1 \
			"$(command -v "swift-$n-server")" "$S3/etc/$n-server.conf" -v
	done
	export S3_URL=http://127.0.0.1:$port AWS_REGION=us-east-1
	export AWS_ACCESS_KEY_ID=test:tester AWS_SECRET_ACCESS_KEY=testing
	# The proxy answers before those behind it do, and then shuns whom it missed.
	for n in "${ports[@]}"; do
		wait_for "port $n of swift" port_open "$n"
	done
	wait_for "swift to answer" curl -fs "$S3_URL/healthcheck" ||
		tail -n 20 "$T"/swift-*.log >&2
}

s3() { # METHOD PATH [FILE]
	python3 "$top/tests/tools/s3-request.py" "$1" "$S3_URL$2" ${3:+"$3"}
}
