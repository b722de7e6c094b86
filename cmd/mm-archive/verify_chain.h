/* verify_chain.h: an archive as its chain says it is to be. */
#ifndef MM_VERIFY_CHAIN_H
#define MM_VERIFY_CHAIN_H

#include "chain.h"
#include "commands.h"

struct chain_check {
	const struct options *o;
	const struct mail_archive *archive;
	struct chain chain;
	int opened; /* what chain_open() said */
	bool over;  /* a month of it is, so that seal has had something to close */
	size_t files, problems;
	struct left_out *left_out; /* private to verify_left_out.c */
};

/* Checks the chain, which is open if there is one, and whatever it tells of, and prints a line
 * about it.  How much is wrong; each was logged. */
size_t verify_chain(struct chain_check *c);

/* Is a tar file of the month, which the index does not know, one that a crash left there while
 * it was cut anew: the old one, or the new one beside it? */
bool verify_is_left_over(const struct chain_check *c, const char *month, const char *file);

/* Of an archive that cannot be opened: is its keys.json another than the chain says? */
bool verify_keys(const struct options *o, const struct mail_archive *a);

/* The parts of it. */
void verify_heads(struct chain_check *c);

/* What recuts left out is to be found elsewhere: in one of the files that are `seen`; `f` is
 * NULL for one that is not closed.  A message as it was, with its envelope, or with the one
 * that it has in a file whose content was closed by then, which is for what --head signed: by
 * it. */
struct content;
void verify_left_out_begin(struct chain_check *c);
void verify_left_out_seen(
	struct chain_check *c, const struct content *in, const struct chain_file *f);
void verify_left_out_end(struct chain_check *c);

#endif
