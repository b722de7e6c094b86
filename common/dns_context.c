#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "buf.h"
#include "descriptors.h"
#include "dns_context.h"
#include "io.h"
#include "log.h"

#define OUTGOING 4096 /* questions open at once, beyond which they queue */
#define MAX_ZONE_SIZE (64u << 20)

/* libunbound answers NXDOMAIN for these by itself (RFC 6761); a zone or a
 * resolver of one's own may well have them. */
static const char *const special_names[] = {"test.", "invalid.", "localhost.", "home.arpa.",
	"onion.", "10.in-addr.arpa.", "127.in-addr.arpa.", "168.192.in-addr.arpa.",
	"2.0.192.in-addr.arpa.", "100.51.198.in-addr.arpa.", "113.0.203.in-addr.arpa.",
	"8.b.d.0.1.0.0.2.ip6.arpa."};

static void
add_forwarders(struct buf *conf, const char *servers)
{
	buf_addstr(conf, "forward-zone:\n  name: \".\"\n");
	for (struct str rest = str_of(servers); rest.p;) {
		struct str one = str_cut(&rest, ',');
		buf_addf(conf, "  forward-addr: %.*s\n", STR_ARG(one));
	}
}

/* libunbound loads a zone only with an SOA record at its top, which here is the
 * root; a file of a few hosts need not have one. */
static bool
has_root_soa(struct str text)
{
	while (text.p) {
		struct str line = str_cut(&text, '\n'), name = str_word(&line);
		if (str_eq(name, STR(".")) && str_icontains(line, STR(" SOA ")))
			return true;
	}
	return false;
}

static int
memory_file(struct str content)
{
	int fd = memfd_create("resolver", MFD_CLOEXEC);
	if (fd >= 0 && io_write_all(fd, content.p, content.n) == 0)
		return fd;
	log_error("cannot configure the resolver: %s", strerror(errno));
	if (fd >= 0)
		close(fd);
	return -1;
}

static int
load_zone(const char *path)
{
	struct buf file = {0}, zone = {0};
	int fd = -1;
	if (io_read_file(path, &file, MAX_ZONE_SIZE) < 0) {
		log_error("cannot read the zone file %s: %s; expected resource records as in "
			  "RFC 1035 section 5",
			path, strerror(errno));
	} else {
		buf_addstr(&zone, "$ORIGIN .\n$TTL 300\n");
		if (!has_root_soa(buf_str(&file)))
			buf_addstr(&zone, ". 300 IN SOA . . 1 3600 600 86400 300\n"
					  ". 300 IN NS ns.invalid.\n");
		buf_add(&zone, file.p, file.n);
		buf_addc(&zone, '\n');
		fd = memory_file(buf_str(&zone));
	}
	buf_release(&file);
	buf_release(&zone);
	return fd;
}

static int
make_config(int *zone_fd, struct buf *conf)
{
	const char *zone = getenv("MM_ZONE"), *servers = getenv("MM_RESOLVER");
	const char *anchor = getenv("MM_DNSSEC");
	buf_addf(conf,
		"server:\n"
		"  module-config: \"%siterator\"\n"
		"  do-not-query-localhost: no\n"
		"  rrset-roundrobin: no\n" /* the first ten are the same each time */
		"  msg-cache-size: 32m\n"
		"  rrset-cache-size: 64m\n"
		"  outgoing-range: %d\n"
		"  num-queries-per-thread: %d\n",
		anchor ? "validator " : "", OUTGOING, OUTGOING);
	if (anchor)
		buf_addf(conf, "  trust-anchor-file: \"%s\"\n", anchor);
	for (size_t i = 0; i < sizeof(special_names) / sizeof(*special_names); i++)
		buf_addf(conf, "  local-zone: \"%s\" transparent\n", special_names[i]);
	if (zone && (*zone_fd = load_zone(zone)) < 0)
		return -1;
	if (zone)
		buf_addf(conf,
			"auth-zone:\n  name: \".\"\n  zonefile: \"/proc/self/fd/%d\"\n"
			"  for-upstream: yes\n  for-downstream: no\n  fallback-enabled: no\n",
			*zone_fd);
	else if (servers)
		add_forwarders(conf, servers);
	return 0;
}

/* auth-zone and forward-zone exist only as clauses of a file. */
static int
apply_config(struct ub_ctx *ub, struct buf *conf)
{
	char path[64];
	int fd = memory_file(buf_str(conf));
	if (fd < 0)
		return -1;
	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	int rc = ub_ctx_config(ub, path);
	close(fd);
	if (rc != 0)
		log_error("cannot configure the resolver: %s", ub_strerror(rc));
	else if (!getenv("MM_ZONE") && !getenv("MM_RESOLVER") &&
		 (rc = ub_ctx_resolvconf(ub, NULL)) != 0)
		log_error("cannot read /etc/resolv.conf: %s", ub_strerror(rc));
	return rc == 0 ? 0 : -1;
}

struct ub_ctx *
dns_context(int *zone_fd)
{
	struct buf conf = {0};
	*zone_fd = -1;
	(void)descriptors_allow(2 * OUTGOING); /* each question has a socket of its own */
	struct ub_ctx *ub = ub_ctx_create();
	bool ok = ub && make_config(zone_fd, &conf) == 0 && apply_config(ub, &conf) == 0;
	buf_release(&conf);
	if (ok)
		ub_ctx_async(ub, 1); /* a thread, not a process */
	if (ok && ub_fd(ub) >= 0)
		return ub;
	log_error("cannot start the resolver");
	if (ub)
		ub_ctx_delete(ub);
	if (*zone_fd >= 0)
		close(*zone_fd);
	return NULL;
}
