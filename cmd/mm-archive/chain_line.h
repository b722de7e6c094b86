/* chain_line.h: one line of an archive's chain, as mm-archive(5) defines it: a JSON
 * object whose last two members are the hash of the line before and its own. */
#ifndef MM_CHAIN_LINE_H
#define MM_CHAIN_LINE_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "buf.h"
#include "hash_text.h"

#define CHAIN_LINE_MAX (64u << 20)

enum chain_event {
	CHAIN_SEAL,     /* a file was closed */
	CHAIN_RECUT,    /* it was cut anew into another, or all of it is elsewhere */
	CHAIN_FORGET,   /* it was replaced by one without some messages */
	CHAIN_PRUNE,    /* a file or a month expired */
	CHAIN_INDEX,    /* a month's index was closed */
	CHAIN_HEAD,     /* what is above was signed */
	CHAIN_DOCUMENT, /* a document is as it is, or gone */
	CHAIN_EVENTS
};

/* An entry of the old file that the new one does not have. */
struct chain_removed {
	uint64_t at;  /* how many entries are before it in the old file */
	bool message; /* an ID.eml */
	struct hash_text entry;
};

/* Texts are views: NULL when the event has no such member. */
struct chain_line {
	uint64_t n;   /* from 1 */
	int64_t time; /* ms */
	enum chain_event event;
	/* "2026-11/22-mx1-0001.tar.zst"; of a prune also "2026-11"; of a document "keys.json",
	 * "holds/case-17.json", "holds/log.jsonl" */
	const char *file;
	const char *into; /* of a recut or forget; NULL: nothing is left, or see
			     chain_line_undoes() */
	uint64_t messages, entries, size;
	struct hash_text content, sha256; /* of `into`, else of `file` */
	struct chain_removed *removed;    /* in order of at; owned after a parse */
	size_t nremoved;
	const char *because;
	const char **ids; /* of a forget: hashes; owned after a parse */
	size_t nids;
	const char *archive, *key, *signature; /* of a head */
	struct hash_text previous, hash;
	json_t *root; /* after a parse: what the views belong to */
};

/* Is it a recut that says that `file` never took the place of another, which stays? */
bool chain_line_undoes(const struct chain_line *l);

/* The Previous of the first line. */
#define CHAIN_START "0000000000000000000000000000000000000000000000000000000000000000"

/* Appends the line and its newline; sets l->hash.  0; or -1 when it would be longer than
 * CHAIN_LINE_MAX, which nobody could read, and nothing was appended. */
int chain_line_write(struct chain_line *l, struct buf *out);

/* Reads a line without its newline.  0; or -1, with what was expected in *why (a
 * constant text).  Release in either case. */
int chain_line_parse(struct chain_line *l, struct str text, const char **why);
void chain_line_release(struct chain_line *l);

/* Is it keys.json, forgotten.jsonl, or a file of holds/ that is told to the chain. */
#define CHAIN_HOLDS_LOG "holds/log.jsonl"
#define CHAIN_FORGOTTEN "forgotten.jsonl"
bool chain_document_valid(struct str path);

/* Is it one that lines are only added to? */
bool chain_document_grows(struct str path);

#endif
