/* ages.h: how many messages wait, by domain and by how long they have. */
#ifndef MM_QUEUE_AGES_H
#define MM_QUEUE_AGES_H

#include "store.h"

#define AGES 10 /* up to 5, 10, 20 ... 1280 minutes, and more */

struct domain_ages {
	struct str domain;
	size_t messages, by_age[AGES];
};

struct ages;

/* By the recipients that are not finished, or by the senders.  A message counts
 * once for each domain; one without any for "". */
struct ages *ages_new(bool by_sender, int64_t now);
void ages_count(struct ages *a, const struct store_row *row);
void ages_free(struct ages *a);

/* The domains, those with the most messages first; valid until ages_free(). */
const struct domain_ages *ages_sorted(struct ages *a, size_t *n);

#endif
