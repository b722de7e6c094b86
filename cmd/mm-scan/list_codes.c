#include <sys/socket.h>

#include "cidr.h"
#include "list_codes.h"
#include "num.h"

static int
address(struct str s, uint32_t *out)
{
	struct ip ip;
	if (ip_parse(s, &ip) < 0 || ip.family != AF_INET)
		return -1;
	*out = (uint32_t)ip.octets[0] << 24 | (uint32_t)ip.octets[1] << 16 |
	       (uint32_t)ip.octets[2] << 8 | ip.octets[3];
	return 0;
}

int
list_code_parse(struct str s, struct list_code *out)
{
	struct str low = s, high = STR_NONE;
	int last;
	for (size_t i = 0; i + 1 < s.n && !high.p; i++) {
		if (s.p[i] == '.' && s.p[i + 1] == '.') {
			low = str_n(s.p, i);
			high = str_skip(s, i + 2);
		}
	}
	*out = (struct list_code){0};
	if (address(low, &out->first) < 0)
		return -1;
	if (!high.p)
		out->last = out->first;
	else if (num_int(high, 0, 255, &last) == 0)
		out->last = (out->first & ~255U) | (uint32_t)last;
	else if (address(high, &out->last) < 0)
		return -1;
	return out->first <= out->last ? 0 : -1;
}

int
list_code_add(struct dns_list *list, struct str code, struct str meaning)
{
	struct list_code parsed;
	if (list->ncodes == LIST_MAX_CODES || list_code_parse(code, &parsed) < 0)
		return -1;
	parsed.meaning = meaning.n ? str_dup(meaning) : NULL;
	list->codes[list->ncodes++] = parsed;
	return 0;
}

/* Where a list's codes are not told: what lists use for what they list, and not
 * 127.0.0.1, 127.0.1.255 and 127.255.255.N, by which they refuse to answer. */
static const struct list_code usual = {.first = 0x7f000002, .last = 0x7f0001fe};

const struct list_code *
list_meaning(const struct dns_list *list, uint32_t answer)
{
	for (size_t i = 0; i < list->ncodes; i++)
		if (answer >= list->codes[i].first && answer <= list->codes[i].last)
			return &list->codes[i];
	bool listed = list->ncodes == 0 && answer >= usual.first && answer <= usual.last;
	return listed ? &usual : NULL;
}
