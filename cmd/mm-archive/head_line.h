/* head_line.h: a signed head of a chain as one line that stands for itself, on paper or in
 * a mail:
 *
 *     mm-archive ARCHIVE TIME N HASH KEY SIGNATURE
 *
 * What is signed is the line up to and with HASH, without the space behind it. */
#ifndef MM_HEAD_LINE_H
#define MM_HEAD_LINE_H

#include "chain_state.h"
#include "seal_key.h"

struct head_line {
	struct str archive, time, key, signature; /* views of what was parsed */
	int64_t ms;                               /* of time */
	uint64_t n;
	struct hash_text hash;
};

/* Appends what is signed. */
void head_signed_text(struct buf *out, const char *archive, int64_t ms, uint64_t n,
	const struct hash_text *h);

/* Appends the whole line, without a line end. */
void head_line_write(struct buf *out, const struct chain_head *head);

/* Reads one; any white space may stand where a space is to be, as paper has it.  The views
 * are of `text`.  0; or -1, with what was expected in *why (a constant text). */
int head_line_parse(struct head_line *l, struct str text, const char **why);

#endif
