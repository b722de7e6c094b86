#include <strings.h>

#include "spf_engine.h"
#include "spf_limits.h"

static void
count_term(struct spf_limits *l)
{
	if (++l->terms > SPF_MAX_LOOKUPS)
		l->exceeded = "more than 10 DNS lookups";
}

void
spf_limits_record(struct spf_limits *l)
{
	l->after = 0;
	count_term(l);
}

static void
count_void(struct spf_limits *l, const struct answer *a)
{
	bool empty = a->status == DNS_NXDOMAIN || a->status == DNS_NODATA;
	if (empty && ++l->voids > SPF_MAX_VOID)
		l->exceeded = "more than 2 DNS lookups without an answer";
}

static void
expect_hosts(struct spf_limits *l, enum dns_type type, const struct answer *a)
{
	int ignored;
	l->after = type;
	l->host = l->nhosts = 0;
	for (size_t i = 0; i < a->n && l->nhosts < SPF_MAX_HOSTS; i++) {
		char *host = l->hosts[l->nhosts];
		int rc = type == DNS_MX
				 ? dns_rdata_mx(a->rdata[i], &ignored, host, DNS_NAME_SIZE)
				 : dns_rdata_name(a->rdata[i], host, DNS_NAME_SIZE);
		if (rc == 0 && *host)
			l->nhosts++;
	}
	if (type == DNS_MX && a->n > SPF_MAX_HOSTS)
		l->exceeded = "more than 10 MX records";
}

/* Is it the address of the next host that the last MX or PTR answer named? */
static bool
follows(struct spf_limits *l, const char *name)
{
	for (size_t i = l->host; l->after && i < l->nhosts; i++) {
		if (strcasecmp(l->hosts[i], name) == 0) {
			l->host = i + 1;
			return true;
		}
	}
	l->after = 0;
	return false;
}

bool
spf_limits_question(
	struct spf_limits *l, const char *name, enum dns_type type, const struct answer *a)
{
	bool address = type == DNS_A || type == DNS_AAAA;
	if (address && follows(l, name)) {
		if (l->after == DNS_MX)
			count_void(l, a);
		return l->after == DNS_PTR;
	}
	if (type != DNS_PTR || !l->ptr_seen)
		count_term(l);
	l->ptr_seen |= type == DNS_PTR;
	if (type != DNS_PTR)
		count_void(l, a);
	if (!address)
		expect_hosts(l, type, a);
	return false;
}
