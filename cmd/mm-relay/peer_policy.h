/* peer_policy.h: what the TLS of a server has to be, and by what the server is
 * known.  Shared between the route, its hosts and the connections to them. */
#ifndef MM_PEER_POLICY_H
#define MM_PEER_POLICY_H

#include "json.h"
#include "smtp_client.h"
#include "tlsa.h"

#define FINGERPRINT_SIZE 32 /* SHA-256 */

struct fingerprint {
	unsigned char octets[FINGERPRINT_SIZE];
};

struct peer_policy {
	unsigned refs;
	enum smtp_tls level;
	const char *source; /* a constant: who says so, "tls-policy"; NULL: the route */
	bool vouched;       /* the server's name comes from no forgeable answer */
	char **names;       /* VERIFY, DANE: what the certificate may bear; none: the host's */
	size_t nnames;
	struct fingerprint *fingerprints; /* FINGERPRINT: of the certificate or its key */
	size_t nfingerprints;
	struct tlsa *tlsa; /* DANE: at least one */
	size_t ntlsa;
	json_t *report; /* the policy as a report of RFC 8460 has it; NULL: none was found */
	bool observe;   /* only note whether VERIFY would have held */
};

/* One reference, the caller's. */
struct peer_policy *peer_policy_new(enum smtp_tls level);
struct peer_policy *peer_policy_ref(struct peer_policy *p);
void peer_policy_unref(struct peer_policy *p); /* NULL is allowed */

void peer_policy_add_name(struct peer_policy *p, struct str name);

void peer_policy_add_tlsa(struct peer_policy *p, const struct tlsa *t); /* takes it over */

/* 64 hexadecimal digits, colons between them or not.  0 or -1. */
int peer_policy_add_fingerprint(struct peer_policy *p, struct str text);

/* The members of object under these names: a word, lists of strings; those that are
 * absent change nothing.  NULL, or what was expected. */
const char *peer_policy_read(struct peer_policy *p, const json_t *object, const char *level,
	const char *fingerprints, const char *names);

/* "none", "may", "encrypt", "verify", "fingerprint", "dane"; -1 when it is none of them. */
int peer_policy_level(struct str word, enum smtp_tls *out);
const char *peer_policy_word(enum smtp_tls level);

#endif
