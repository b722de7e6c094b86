/* chain_state.h: what a chain says of each file, line by line. */
#ifndef MM_CHAIN_STATE_H
#define MM_CHAIN_STATE_H

#include <uthash.h>

#include "chain_line.h"

/* A file from the line that made it known. */
struct chain_file {
	char *path;          /* within the archive; the key */
	uint64_t line, gone; /* numbers of lines; gone 0: it is to be there */
	enum chain_event gone_by;
	uint64_t messages, entries, size;
	struct hash_text content, sha256;    /* no content: an index or a document */
	struct chain_file *from;             /* the one whose place it took, or NULL */
	const struct chain_removed *removed; /* what of that it has not; of a loss */
	size_t nremoved;
	struct chain_file *older; /* an earlier one of the same path */
	UT_hash_handle hh;
};

struct chain_head {
	uint64_t line; /* of the event */
	int64_t time;
	char *archive, *key, *signature;
	struct hash_text previous;
};

/* What a recut left out, to be found elsewhere in the month, or what was to be forgotten. */
struct chain_loss {
	uint64_t line;
	enum chain_event event; /* CHAIN_RECUT, CHAIN_FORGET */
	bool undone;
	const struct chain_file *of;
	struct chain_removed *removed;
	size_t n;
};

struct chain_state {
	struct chain_file *files; /* by path, the latest of each */
	struct chain_head *heads;
	size_t nheads, heads_cap;
	uint64_t n; /* lines */
	struct hash_text last;
	struct hash_text *hashes; /* of all lines */
	size_t hashes_cap;
	struct chain_loss *losses;
	size_t nlosses, losses_cap;
};

void chain_state_init(struct chain_state *s);
void chain_state_release(struct chain_state *s);

/* 0; or -1 with what was expected in *why (a constant text), nothing is then changed. */
int chain_state_take(struct chain_state *s, const struct chain_line *l, const char **why);

/* The line that first closed what is in the file: nothing came to it since. */
uint64_t chain_file_origin(const struct chain_file *f);

/* Is it one of no month? */
bool chain_file_is_document(const struct chain_file *f);

/* The latest file of that path, gone or not; NULL when there never was one. */
struct chain_file *chain_state_find(const struct chain_state *s, const char *path);

/* Is there to be that file, or one in that month? */
bool chain_state_has(const struct chain_state *s, const char *file_or_month);

/* The file whose place that one took and may have back, as nothing came there since; or NULL.
 */
struct chain_file *chain_state_undoable(
	const struct chain_state *s, const struct chain_file *f);

/* The one that is to be there. */
struct chain_file *chain_state_live(const struct chain_state *s, const char *path);

#endif
