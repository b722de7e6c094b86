#include <stdlib.h>

#include "address.h"
#include "buf.h"
#include "dmarc_rua.h"
#include "idn.h"
#include "mem.h"
#include "num.h"

/* "!10m", in powers of 1024; cut off from the URI. */
static bool
take_limit(struct str *uri, uint64_t *limit)
{
	static const char units[] = "kmgt";
	struct str size = *uri;
	*uri = str_cut(&size, '!');
	*limit = 0;
	if (!size.p)
		return true;
	char unit = size.n ? ascii_lower(size.p[size.n - 1]) : '\0';
	const char *at = unit ? strchr(units, unit) : NULL;
	size.n -= at != NULL;
	if (num_u64(size, 1, UINT32_MAX, limit) < 0)
		return false;
	*limit <<= at ? 10 * (at - units + 1) : 0;
	return true;
}

static int
hex(char c)
{
	const char *digits = "0123456789abcdef";
	const char *at = c ? strchr(digits, ascii_lower(c)) : NULL;
	return at ? (int)(at - digits) : -1;
}

/* Percent-encoding undone; NULL where that is no address of ours to send to. */
static char *
address_of(struct str s)
{
	struct buf b = {0};
	struct path path;
	for (size_t i = 0; i < s.n; i++) {
		int high = s.p[i] == '%' && i + 2 < s.n ? hex(s.p[i + 1]) : -1;
		int low = high >= 0 ? hex(s.p[i + 2]) : -1;
		buf_addc(&b, low >= 0 ? (char)(high << 4 | low) : s.p[i]);
		i += low >= 0 ? 2 : 0;
	}
	bool good = address_parse(buf_str(&b), &path) == 0 && !path.utf8 &&
		    domain_valid(path.domain);
	char *address = good ? xmemdup0(b.p, b.n) : NULL;
	buf_release(&b);
	return address;
}

static void
add(struct dmarc_rua *r, char *address, uint64_t limit)
{
	for (size_t i = 0; i < r->n; i++) {
		if (strcmp(r->list[i].address, address) == 0) {
			free(address);
			return;
		}
	}
	r->list[r->n].host = idn_ascii(str_of(strrchr(address, '@') + 1));
	r->list[r->n].limit = limit;
	r->list[r->n++].address = address;
}

void
dmarc_rua_parse(struct dmarc_rua *r, struct str value)
{
	r->n = 0;
	while (value.p && r->n < DMARC_RUA_MAX) {
		struct str uri = str_trim(str_cut(&value, ','));
		uint64_t limit;
		if (!take_limit(&uri, &limit) || !str_istarts(uri, STR("mailto:")))
			continue;
		struct str rest = str_skip(uri, strlen("mailto:"));
		char *address = address_of(str_cut(&rest, '?'));
		if (address)
			add(r, address, limit);
	}
}

void
dmarc_rua_release(struct dmarc_rua *r)
{
	for (size_t i = 0; i < r->n; i++) {
		free(r->list[i].address);
		free(r->list[i].host);
	}
	r->n = 0;
}
