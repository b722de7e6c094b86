/* lists.h: DNS lists (RFC 5782): their zones, what their answers mean, and how much
 * each counts. */
#ifndef MM_SCAN_LISTS_H
#define MM_SCAN_LISTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "str.h"

#define LISTS_MAX 32
#define LIST_MAX_CODES 64
#define LIST_MAX_WEIGHT 1000

struct list_code {
	uint32_t first, last; /* IPv4 addresses as numbers */
	char *meaning;        /* NULL where none is given */
};

struct dns_list {
	char *zone;
	char *name; /* what fields call it: the zone, unless told otherwise */
	int weight; /* below 0: it lists what is good; 0: it is told only */
	struct list_code codes[LIST_MAX_CODES];
	size_t ncodes;
};

struct dns_lists {
	struct dns_list list[LISTS_MAX];
	size_t n;
	int threshold; /* of the weights' sum, from which on something is listed */
};

/* ZONE[=CODES][*WEIGHT], CODES with commas between them, each an address or a range:
 * "zen.spamhaus.org=127.0.0.2..11*3".  0, or -1 with *why a literal. */
int lists_add(struct dns_lists *l, const char *spec, const char **why);

/* The members Lists and Threshold of an add-on of the site (mm-site(5)); a threshold
 * that is not 0 already stays.  0, or -1 after errors were logged. */
int lists_load(struct dns_lists *l, const char *site, const char *addon);

/* What an answer means; NULL when it is none that the list gives for something that
 * it lists. */
const struct list_code *list_meaning(const struct dns_list *list, uint32_t answer);

void lists_release(struct dns_lists *l);

#endif
