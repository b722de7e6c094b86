#include "arc_seal.h"
#include "dkim_sign.h"

/* Section 5.1.1: all sets in order, each as results, signature, seal; section 5.1.2:
 * where the chain failed, the new set alone. */
static void
hash_sets(struct dkim_hash *h, const struct arc_sealing *s, const struct arc_set *own,
	unsigned char out[DKIM_HASH_SIZE])
{
	dkim_hash_begin(h);
	for (unsigned i = 0; s->cv != AUTH_FAIL && i < s->chain->n; i++) {
		const struct arc_set *set = &s->chain->sets[i];
		dkim_hash_add(h, set->results);
		dkim_hash_add(h, set->signature);
		dkim_hash_add(h, set->seal);
	}
	dkim_hash_add(h, own->results);
	dkim_hash_add(h, own->signature);
	dkim_hash_chain(h, own->seal, out);
}

static const char *
add_seal(struct buf *out, struct dkim_hash *h, const struct arc_sealing *s, struct str results,
	struct str signature)
{
	unsigned char hash[DKIM_HASH_SIZE];
	struct header_field fields[3];
	struct arc_set own = {&fields[0], &fields[1], &fields[2]};
	buf_addf(out, "ARC-Seal: i=%u; a=%s; cv=%s;\r\n\td=%s; s=%s; t=%lld;\r\n\tb=",
		s->chain->n + 1, dkim_algorithm_word(s->key->algorithm), auth_word(s->cv),
		s->key->domain, s->key->selector, (long long)s->now_s);
	dkim_sign_view(results, &fields[0]);
	dkim_sign_view(signature, &fields[1]);
	dkim_sign_view(buf_str(out), &fields[2]);
	hash_sets(h, s, &own, hash);
	if (signing_key_sign(s->key, hash, out) < 0)
		return "OpenSSL could not sign";
	buf_addstr(out, "\r\n");
	return NULL;
}

/* Is there a set to add to at all?  Section 5.1: nothing is added to a chain that
 * says itself that it failed, nor beyond the last instance. */
static const char *
closed(const struct arc_sealing *s)
{
	if (s->chain->failed)
		return "the chain says cv=fail already";
	return s->chain->n >= ARC_MAX_INSTANCE ? "the chain is as long as can be" : NULL;
}

const char *
arc_seal(struct buf *out, const struct message *msg, const struct arc_sealing *s)
{
	struct buf results = {0}, signature = {0}, seal = {0};
	const char *error = closed(s);
	if (error)
		return error;
	struct dkim_hash *h = dkim_hash_new(msg);
	buf_addf(&results, "ARC-Authentication-Results: i=%u; %.*s\r\n", s->chain->n + 1,
		STR_ARG(s->results));
	error = dkim_sign(
		&signature, ARC_MESSAGE_SIGNATURE, s->chain->n + 1, h, msg, s->key, s->now_s);
	if (!error)
		error = add_seal(&seal, h, s, buf_str(&results), buf_str(&signature));
	if (!error) {
		buf_adds(out, buf_str(&seal));
		buf_adds(out, buf_str(&signature));
		buf_adds(out, buf_str(&results));
	}
	dkim_hash_free(h);
	buf_release(&results);
	buf_release(&signature);
	buf_release(&seal);
	return error;
}
