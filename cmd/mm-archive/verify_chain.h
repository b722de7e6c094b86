/* verify_chain.h: an archive as its chain says it is to be. */
#ifndef MM_VERIFY_CHAIN_H
#define MM_VERIFY_CHAIN_H

#include "chain.h"
#include "commands.h"

struct chain_check {
	const struct options *o;
	const struct mail_archive *archive;
	struct chain chain;
	size_t files, problems;
	struct left_out *left_out; /* private to verify_left_out.c */
};

/* Checks the chain and whatever it tells of, and prints a line about it.  How much is wrong;
 * each was logged. */
size_t verify_chain(const struct options *o, const struct mail_archive *a);

/* Of an archive that cannot be opened: is its keys.json another than the chain says? */
bool verify_keys(const struct options *o, const struct mail_archive *a);

/* The parts of it. */
void verify_heads(struct chain_check *c);

/* What recuts left out is to be found elsewhere: in one of the files that are `seen`. */
struct content;
void verify_left_out_begin(struct chain_check *c);
void verify_left_out_seen(struct chain_check *c, const struct content *in);
void verify_left_out_end(struct chain_check *c);

#endif
