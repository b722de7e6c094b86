/* relay_options.h: the command line of mm-relay. */
#ifndef MM_RELAY_OPTIONS_H
#define MM_RELAY_OPTIONS_H

#include "filter.h"
#include "pool.h"

struct relay_options {
	const char *site;
	struct route_order route;
	struct pool_options pool;
	bool replace_sender, srs_reverse;
	bool no_dane, no_mta_sts;
	int mta_sts_port, max_hops;
	char *state; /* owned; NULL: there is none */
	char *hello; /* owned */
};

/* Fills *o and returns the operands: message files, with a dry run perhaps
 * addresses.  Ends the program when the command line or the site is wrong. */
char **relay_options_parse(struct relay_options *o, struct filter *f, int argc, char **argv);
void relay_options_release(struct relay_options *o);

#endif
