/* dane.h: what a server's TLSA records say of its TLS (RFC 7672). */
#ifndef MM_DANE_H
#define MM_DANE_H

#include "dns.h"
#include "peer_policy.h"

struct dane;

/* policy: a reference for the caller; NULL when there are no records, or, with why,
 * when they cannot be known, so that the server must not be used. */
typedef void dane_done(void *arg, struct peer_policy *policy, const char *why);

/* Asks for the records of a server whose address answers were secure.  canonical:
 * where CNAMEs led from host, or NULL.  next_hop: the recipients' domain, or the relay;
 * a certificate may bear it too.  done is called once, never from within. */
struct dane *dane_start(struct dns *dns, const char *host, const char *canonical, int port,
	const char *next_hop, dane_done *done, void *arg);
void dane_cancel(struct dane *d);

#endif
