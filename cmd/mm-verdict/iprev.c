#include <sys/socket.h>

#include "iprev.h"

#define MAX_NAMES 5

static bool
has_address(const struct answer *a, const struct ip *ip)
{
	size_t size = ip->family == AF_INET ? 4 : 16;
	for (size_t i = 0; i < a->n; i++)
		if (a->rdata[i].n == size && memcmp(a->rdata[i].p, ip->octets, size) == 0)
			return true;
	return false;
}

static bool
failed(const struct answer *a)
{
	return a->status == DNS_TEMPFAIL || a->status == DNS_BOGUS;
}

static enum step
check_names(const struct ip *ip, const struct answer *ptr, struct answers *answers,
	struct iprev_outcome *out)
{
	char name[DNS_NAME_SIZE];
	bool uncertain = false, waiting = false;
	for (size_t i = 0; i < ptr->n && i < MAX_NAMES; i++) {
		if (dns_rdata_name(ptr->rdata[i], name, sizeof(name)) < 0 || !*name)
			continue;
		if (!*out->name)
			(void)str_copy(str_of(name), out->name, sizeof(out->name));
		const struct answer *a =
			answers_get(answers, name, ip->family == AF_INET ? DNS_A : DNS_AAAA);
		waiting |= !a;
		uncertain |= a && failed(a);
		if (a && has_address(a, ip)) {
			(void)str_copy(str_of(name), out->name, sizeof(out->name));
			out->result = AUTH_PASS;
			return STEP_DONE;
		}
	}
	out->result = uncertain ? AUTH_TEMPERROR : AUTH_FAIL;
	return waiting ? STEP_WAIT : STEP_DONE;
}

enum step
iprev_step(const struct ip *ip, struct answers *answers, struct iprev_outcome *out)
{
	char name[DNS_NAME_SIZE];
	out->name[0] = '\0';
	dns_reverse_name(ip, NULL, name, sizeof(name));
	const struct answer *ptr = answers_get(answers, name, DNS_PTR);
	if (!ptr)
		return STEP_WAIT;
	if (ptr->status == DNS_FOUND)
		return check_names(ip, ptr, answers, out);
	out->result = failed(ptr) ? AUTH_TEMPERROR : AUTH_PERMERROR;
	return STEP_DONE;
}
