#include <sys/socket.h>

#include "spf_ptr.h"

const struct answer *
spf_addresses(struct spf_scope *s, const char *name)
{
	bool four = s->query->ip.family == AF_INET;
	return answers_get(s->answers, name, four ? DNS_A : DNS_AAAA);
}

bool
spf_has_client(const struct answer *a, const struct ip *client, int bits)
{
	struct cidr net = {.bits = bits};
	for (size_t i = 0; i < a->n; i++)
		if (dns_rdata_ip(a->rdata[i], &net.ip) == 0 && cidr_contains(&net, client))
			return true;
	return false;
}

/* 2 for the name itself, 1 for one within it, 0 for another. */
static int
nearness(const char *name, const char *domain)
{
	struct str n = str_of(name), d = str_of(domain);
	if (str_ieq(n, d))
		return 2;
	return n.n > d.n && n.p[n.n - d.n - 1] == '.' && str_iends(n, d);
}

static const struct answer *
names_of_client(struct spf_scope *s)
{
	char name[DNS_NAME_SIZE];
	dns_reverse_name(&s->query->ip, NULL, name, sizeof(name));
	return answers_get(s->answers, name, DNS_PTR);
}

/* Looks at the names that are as near to `domain` as that: the first whose
 * addresses lead back goes to out. */
static enum spf_match
validate(struct spf_scope *s, const struct answer *ptr, const char *domain, int near,
	char out[DNS_NAME_SIZE])
{
	int bits = s->query->ip.family == AF_INET ? 32 : 128;
	bool waiting = false;
	for (size_t i = 0; i < ptr->n && i < SPF_MAX_HOSTS; i++) {
		if (dns_rdata_name(ptr->rdata[i], out, DNS_NAME_SIZE) < 0 || !*out ||
			nearness(out, domain) != near)
			continue;
		const struct answer *a = spf_addresses(s, out);
		if (a && !waiting && spf_has_client(a, &s->query->ip, bits))
			return SPF_MATCH;
		waiting = waiting || !a;
	}
	return waiting ? SPF_MATCH_WAIT : SPF_NO_MATCH;
}

static enum spf_match
search(struct spf_scope *s, const char *domain, int least, char out[DNS_NAME_SIZE])
{
	const struct answer *ptr = names_of_client(s);
	enum spf_match m = ptr ? SPF_NO_MATCH : SPF_MATCH_WAIT;
	for (int near = 2; near >= least && m == SPF_NO_MATCH; near--)
		m = validate(s, ptr, domain, near, out);
	return m;
}

enum spf_match
spf_ptr_match(struct spf_scope *s, const char *target)
{
	char name[DNS_NAME_SIZE];
	return search(s, target, 1, name);
}

enum step
spf_ptr_name(struct spf_scope *s, char out[DNS_NAME_SIZE])
{
	enum spf_match m = search(s, s->domain, 0, out);
	if (m == SPF_MATCH_WAIT)
		return STEP_WAIT;
	if (m != SPF_MATCH)
		(void)str_copy(STR("unknown"), out, DNS_NAME_SIZE);
	return STEP_DONE;
}
