#include "dkim_key.h"
#include "tags.h"

const char *
dkim_key_parse(struct dkim_key *k, struct str txt)
{
	struct tags t;
	*k = (struct dkim_key){0};
	if (tags_parse(&t, txt) < 0)
		return "malformed key record";
	struct str v = tags_get(&t, "v"), type = tags_get(&t, "k"), p = tags_get(&t, "p");
	struct str hashes = tags_get(&t, "h"), services = tags_get(&t, "s");
	struct str flags = tags_get(&t, "t");
	if (v.p && (!str_eq(v, STR("DKIM1")) || !str_eq(t.list[0].name, STR("v"))))
		return "unknown version of the key record";
	if (!p.p)
		return "key record without p=";
	if (p.n == 0)
		return "key revoked";
	if (hashes.p && !tag_lists(hashes, ':', "sha256"))
		return "key not for sha256";
	if (services.p && !tag_lists(services, ':', "*") && !tag_lists(services, ':', "email"))
		return "key not for mail";
	if (type.p && str_ieq(type, STR("ed25519")))
		k->algorithm = DKIM_ED25519_SHA256;
	else if (type.p && !str_ieq(type, STR("rsa")))
		return "unknown key type";
	k->strict = tag_lists(flags, ':', "s");
	tag_unspaced(p, &k->base64);
	return NULL;
}

void
dkim_key_release(struct dkim_key *k)
{
	buf_release(&k->base64);
}

const char *
dkim_key_choose(struct dkim_key *k, const struct answer *a, enum dkim_algorithm algorithm)
{
	const char *first = NULL;
	struct buf txt = {0};
	for (size_t i = 0; i < a->n; i++) {
		buf_reset(&txt);
		const char *error = dns_rdata_txt(a->rdata[i], &txt) < 0
					    ? "malformed key record"
					    : dkim_key_parse(k, buf_str(&txt));
		if (!error && k->algorithm == algorithm) {
			buf_release(&txt);
			return NULL;
		}
		if (!first)
			first = error ? error : "key of another type than the signature";
		dkim_key_release(k);
	}
	buf_release(&txt);
	return first ? first : "no key";
}
