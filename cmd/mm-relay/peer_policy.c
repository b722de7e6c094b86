#include <stdlib.h>

#include "mem.h"
#include "peer_policy.h"

static const char *const words[] = {[SMTP_TLS_NONE] = "none",
	[SMTP_TLS_MAY] = "may",
	[SMTP_TLS_ENCRYPT] = "encrypt",
	[SMTP_TLS_VERIFY] = "verify",
	[SMTP_TLS_FINGERPRINT] = "fingerprint",
	[SMTP_TLS_DANE] = "dane"};

struct peer_policy *
peer_policy_new(enum smtp_tls level)
{
	struct peer_policy *p = xcalloc(1, sizeof(*p));
	p->refs = 1;
	p->level = level;
	return p;
}

struct peer_policy *
peer_policy_ref(struct peer_policy *p)
{
	p->refs++;
	return p;
}

void
peer_policy_unref(struct peer_policy *p)
{
	if (!p || --p->refs > 0)
		return;
	for (size_t i = 0; i < p->nnames; i++)
		free(p->names[i]);
	free(p->names);
	for (size_t i = 0; i < p->ntlsa; i++)
		tlsa_release(&p->tlsa[i]);
	free(p->tlsa);
	free(p->fingerprints);
	json_decref(p->report);
	free(p);
}

void
peer_policy_add_name(struct peer_policy *p, struct str name)
{
	p->names = xrealloc(p->names, (p->nnames + 1) * sizeof(*p->names));
	p->names[p->nnames++] = str_dup(name);
}

void
peer_policy_add_tlsa(struct peer_policy *p, const struct tlsa *t)
{
	p->tlsa = xrealloc(p->tlsa, (p->ntlsa + 1) * sizeof(*p->tlsa));
	p->tlsa[p->ntlsa++] = *t;
}

static int
hex_digit(char c)
{
	c = ascii_lower(c);
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

int
peer_policy_add_fingerprint(struct peer_policy *p, struct str text)
{
	struct fingerprint f;
	for (size_t i = 0; i < FINGERPRINT_SIZE; i++) {
		if (i > 0 && text.n && text.p[0] == ':')
			text = str_skip(text, 1);
		int high = text.n >= 2 ? hex_digit(text.p[0]) : -1;
		int low = text.n >= 2 ? hex_digit(text.p[1]) : -1;
		if (high < 0 || low < 0)
			return -1;
		f.octets[i] = (unsigned char)(high << 4 | low);
		text = str_skip(text, 2);
	}
	if (text.n)
		return -1;
	p->fingerprints =
		xrealloc(p->fingerprints, (p->nfingerprints + 1) * sizeof(*p->fingerprints));
	p->fingerprints[p->nfingerprints++] = f;
	return 0;
}

int
peer_policy_level(struct str word, enum smtp_tls *out)
{
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (str_ieq(word, str_of(words[i]))) {
			*out = (enum smtp_tls)i;
			return 0;
		}
	return -1;
}

const char *
peer_policy_word(enum smtp_tls level)
{
	return words[level];
}

const char *
peer_policy_read(struct peer_policy *p, const json_t *object, const char *level,
	const char *fingerprints, const char *names)
{
	struct str word = json_str(object, level);
	json_t *item;
	size_t i;
	json_array_foreach (json_object_get(object, fingerprints), i, item) {
		if (peer_policy_add_fingerprint(p, json_text(item)) < 0)
			return "a fingerprint: 64 hexadecimal digits";
	}
	json_array_foreach (json_object_get(object, names), i, item) {
		peer_policy_add_name(p, json_text(item));
	}
	if (word.p && (peer_policy_level(word, &p->level) < 0 || p->level == SMTP_TLS_DANE))
		return "NONE, MAY, ENCRYPT, VERIFY or FINGERPRINT as the TLS policy";
	if (!word.p && p->nfingerprints)
		p->level = SMTP_TLS_FINGERPRINT;
	if (p->level == SMTP_TLS_FINGERPRINT && p->nfingerprints == 0)
		return "fingerprints for the TLS policy FINGERPRINT";
	return NULL;
}
