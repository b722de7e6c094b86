#include <stdlib.h>

#include "address.h"
#include "idn.h"
#include "sender.h"

/* The value of "key=" among the words of a finding that passed. */
static struct str
passed_for(struct str value, struct str key)
{
	if (!str_ieq(str_word(&value), STR("pass")))
		return STR_NONE;
	while (value.n > 0) {
		struct str word = str_word(&value);
		if (str_istarts(word, key))
			return str_skip(word, key.n);
	}
	return STR_NONE;
}

/* Who answers for a domain answers for those below it; not the other way: below
 * one domain there may be many customers. */
static bool
covers(struct str above, struct str domain)
{
	if (!memchr(above.p, '.', above.n) || domain.n < above.n)
		return false;
	struct str end = str_skip(domain, domain.n - above.n);
	return str_ieq(end, above) &&
	       (domain.n == above.n || domain.p[domain.n - above.n - 1] == '.');
}

static bool
any_passed(const struct record *r, struct str domain)
{
	static const struct {
		const char *name;
		struct str key;
	} findings[] = {{"spf", STR("domain=")}, {"dkim", STR("d=")}, {"dmarc", STR("d=")}};
	for (size_t i = 0; i < sizeof(findings) / sizeof(*findings); i++) {
		struct str value;
		for (size_t at = 0; record_next(r, findings[i].name, &at, &value);) {
			struct str found = passed_for(value, findings[i].key);
			char *ascii = found.n ? idn_ascii(found) : NULL;
			bool covered = ascii && covers(str_of(ascii), domain);
			free(ascii);
			if (covered)
				return true;
		}
	}
	return false;
}

bool
sender_verified(const struct record *stored, const struct record *answer)
{
	struct path p;
	if (!record_has(stored, "client-ip") || record_has(stored, "auth-user") ||
		record_has(stored, "cert-issuer"))
		return true;
	struct str from = record_get(stored, "mail-from");
	if (!from.p || path_parse(from, &p) < 0 || !p.domain.p)
		return false;
	char *domain = idn_ascii(p.domain);
	bool passed = domain && (any_passed(stored, str_of(domain)) ||
					any_passed(answer, str_of(domain)));
	free(domain);
	return passed;
}
