/* Lists of addresses: the client's, asked for as RFC 5782 sections 2.1 and 2.4 say. */
#include "cidr.h"
#include "lookup.h"

static void
on_done(void *arg)
{
	struct scan *s = arg;
	lookup_conclude(s->job, s);
}

/* The address as part of a name: "2.0.0.127", of IPv6 its nibbles. */
static void
turned_round(const struct ip *ip, char out[DNS_NAME_SIZE])
{
	dns_reverse_name(ip, "", out, DNS_NAME_SIZE);
	size_t n = strlen(out);
	if (n && out[n - 1] == '.')
		out[n - 1] = '\0';
}

static void
dnsbl_start(void *state, struct scan *s)
{
	char label[DNS_NAME_SIZE];
	struct ip ip;
	struct str value = record_get(s->rec, "client-ip");
	if (!value.p || ip_parse(value, &ip) < 0) {
		scan_finish(s, SCAN_PROCESSING_FAILED, "the client's address is not known");
		return;
	}
	turned_round(&ip, label);
	s->job = lookup_new(state, on_done, s);
	lookup_ask(s->job, label, NULL, NULL);
}

const struct analyser analyser_dnsbl = {
	.name = "dnsbl",
	.envelope = true,
	.any_size = true,
	.keeps_time = true,
	.lists = true,
	.parallel = 200,
	.timeout_ms = 5000,
	.open = list_asker_open,
	.start = dnsbl_start,
	.close = list_asker_close,
};
