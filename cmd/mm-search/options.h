/* options.h: the command line of mm-search(1). */
#ifndef MM_OPTIONS_H
#define MM_OPTIONS_H

#include "search.h"

struct options {
	const char *site, *root;
	char **archives; /* references */
	size_t narchives, cap;
	bool table, pager, limited;
	char *text;          /* of the query, owned */
	const char *filters; /* NULL: none */
	const char *sort;    /* SQL, NULL: newest first */
	const char *group;   /* key, NULL: none */
	struct search search;
};

/* Reads the options; what is wrong is told and ends the program.  Returns the place of
 * the query in argv; options_release() after use. */
int options_read(struct options *o, int argc, char **argv);
void options_release(struct options *o);

#endif
