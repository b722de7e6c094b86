/* exchangers.h: the servers of a destination by name, in the order in which to try
 * them, and their addresses. */
#ifndef MM_EXCHANGERS_H
#define MM_EXCHANGERS_H

#include "dns.h"
#include "hosts.h"

#define MAX_EXCHANGERS 16 /* RFC 5321 section 5.1 lets us set a limit */
#define MAX_ADDRESSES 8   /* of one host and family */

struct exchangers;

struct exchanger {
	struct exchangers *owner;
	char name[DNS_NAME_SIZE];
	int preference, port;
	unsigned shuffle;             /* order among equals: RFC 5321 section 5.1 */
	bool literal;                 /* the name says the addresses */
	struct dns_query *queries[2]; /* A, AAAA */
	struct ip ips[2][MAX_ADDRESSES];
	size_t n[2];
	bool insecure; /* an address answer was, or there was none to be asked for */
	char canonical[DNS_NAME_SIZE];
};

/* {0} is an empty set. */
struct exchangers {
	struct exchanger list[MAX_EXCHANGERS];
	size_t n;
	bool temporary; /* DNS failed for one of them */
	char why[64];   /* how */

	/* private */
	size_t outstanding;
	void (*done)(void *arg);
	void *arg;
};

/* There must be room. */
struct exchanger *exchangers_add(
	struct exchangers *xs, const char *name, int preference, int port);

/* The same for a name that comes from the site: an address, or localhost, is not looked up. */
void exchangers_add_named(struct exchangers *xs, const char *name, int preference, int port);

/* By preference, at random among equals. */
void exchangers_sort(struct exchangers *xs);

/* Asks for the addresses; done is called once, perhaps from within.  dns may be NULL when
 * every name is literal. */
void exchangers_ask(struct exchangers *xs, struct dns *dns, void (*done)(void *arg), void *arg);
void exchangers_cancel(struct exchangers *xs);

/* Drops the first that is our own, and all that are not better (RFC 5321 section 5.1):
 * they would only send the mail round in circles.  Are there any left? */
bool exchangers_drop_own(struct exchangers *xs,
	bool (*is_own)(const struct exchanger *x, const void *arg), const void *arg);

/* All addresses, those of one server together, in turn of IPv6 and IPv4 (RFC 8305
 * section 4).  secure: DNSSEC vouches for the names. */
void exchangers_hosts(const struct exchangers *xs, bool secure, struct hosts *hosts);

/* Is it an IP address, or localhost? */
bool exchanger_is_literal(const char *name);

#endif
