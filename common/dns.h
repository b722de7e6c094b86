/* dns.h: the one resolver of all programs: libunbound, asynchronous, caching and
 * (given a trust anchor) validating, with timers of our own.
 *
 * $MM_RESOLVER=ADDR[@PORT][,...]  ask these servers instead of /etc/resolv.conf
 * $MM_ZONE=FILE                   answer everything from this zone file (RFC 1035
 *                                 section 5; origin the root, an SOA record not
 *                                 needed) and ask nobody
 * $MM_DNSSEC=FILE                 validate with this trust anchor */
#ifndef MM_DNS_H
#define MM_DNS_H

#include <ev.h>
#include <stdbool.h>
#include <stdint.h>

#include "cidr.h"
#include "str.h"

enum dns_type {
	DNS_A = 1,
	DNS_CNAME = 5,
	DNS_PTR = 12,
	DNS_MX = 15,
	DNS_TXT = 16,
	DNS_AAAA = 28,
	DNS_TLSA = 52,
};

enum dns_status {
	DNS_FOUND,  /* n > 0 */
	DNS_NODATA, /* the name exists, not with this type */
	DNS_NXDOMAIN,
	DNS_TEMPFAIL, /* no answer in time, SERVFAIL, refused */
	DNS_BOGUS,    /* DNSSEC says the answer is forged */
};

struct dns_answer {
	enum dns_status status;
	bool secure; /* validated by DNSSEC */
	size_t n;
	const struct str *rdata; /* wire format, CNAMEs followed */
	uint32_t ttl;            /* seconds */
	const char *canonical;   /* FOUND: where CNAMEs led, no final dot; NULL: nowhere */
	const char *why;         /* for logs: "timeout", "SERVFAIL", "NXDOMAIN", ... */
};

struct dns;
struct dns_query;

/* The answer is valid during the call only. */
typedef void dns_done(void *arg, const struct dns_answer *answer);

/* NULL after an error was logged (a zone file that cannot be read, ...). */
struct dns *dns_new(struct ev_loop *loop);
void dns_free(struct dns *d); /* outstanding queries are cancelled */

/* Asks for a name without escapes: dots part labels, every other octet stands for
 * itself.  A name that cannot exist (an empty label, one over 63 octets, 254 octets
 * in all) is answered NXDOMAIN.  done is called once, never from within this call, after
 * timeout_ms at the latest (0: 10 seconds). */
struct dns_query *dns_ask(struct dns *d, const char *name, enum dns_type type,
	int64_t timeout_ms, dns_done *done, void *arg);
void dns_cancel(struct dns_query *q); /* done will not be called */

/* What an earlier answer says and is still good, valid until the next question or
 * event; NULL if it has to be asked. */
const struct dns_answer *dns_known(struct dns *d, const char *name, enum dns_type type);

/* Reading rdata.  Each returns 0, or -1 when the octets are no such record. */
int dns_rdata_ip(struct str rdata, struct ip *out);           /* A, AAAA */
int dns_rdata_name(struct str rdata, char *out, size_t size); /* PTR, CNAME: no final dot */
int dns_rdata_mx(struct str rdata, int *preference, char *out, size_t size);
struct buf;
int dns_rdata_txt(struct str rdata, struct buf *out); /* strings joined */

#define DNS_NAME_SIZE 256

/* "4.3.2.1.in-addr.arpa" (suffix "in-addr.arpa" or "ip6.arpa" when NULL). */
void dns_reverse_name(const struct ip *ip, const char *suffix, char *out, size_t size);

#endif
