/* chain.h: the chain of an archive, DIR/chain.jsonl: a line for each file that was closed
 * and for whatever has become of it, each with the hash of the line before.
 * mm-archive(5) defines it.
 *
 * Who removes or replaces a closed file appends the line first, after the new file is
 * durable under its name and before the old one goes: a file that the chain has done
 * with and that is still there is what a crash left. */
#ifndef MM_CHAIN_H
#define MM_CHAIN_H

#include "chain_line.h"
#include "chain_state.h"
#include "mail_archive.h"

#define CHAIN_FILE "chain.jsonl"

struct chain {
	const struct mail_archive *archive;
	char *path;
	int fd;
	struct chain_state state;
	uint64_t end; /* first octet that was not read yet */
};

/* Opens and reads it all; the archive must stay.  1; 0 when the archive has none and `make` is
 * false; -1 after the reason was logged, as for damage.  Close in any case. */
int chain_open(struct chain *c, const struct mail_archive *a, bool make);
void chain_close(struct chain *c);

/* Reads what others have appended, also to one that there was none of.  0, or -1 after the
 * reason was logged. */
int chain_refresh(struct chain *c);

/* How much there is behind the last whole line: what a crash left.  0; or -1 after the reason
 * was logged, as when it is a whole line whose end was altered. */
int chain_unfinished(struct chain *c, size_t *octets);

/* Appends a line, durably: n, time, previous and hash are filled in.  A last line that was
 * never finished is cut off.  0, or -1 after the reason was logged, as for a line that would be
 * longer than what can be read. */
int chain_append(struct chain *c, struct chain_line *l);

/* The same; when all that is filled in by this is, and nobody else can append, `fill` does the
 * rest.  It returns 1; 0 when there is to be no line; or -1. */
typedef int chain_fill(void *arg, const struct chain *c, struct chain_line *l);
int chain_append_filled(struct chain *c, struct chain_line *l, chain_fill *fill, void *arg);

/* The rest do nothing, successfully, as long as the archive has no chain.
 * 0, or -1 after the reason was logged. */

/* The file of that month's folder is closed as it is now. */
int chain_seal(struct chain *c, const char *month, const char *file);

/* The month's index is closed as it is now, unless the chain says so already. */
int chain_seal_index(struct chain *c, const char *month);

/* A document, keys.json or one of holds/, is to have these octets from now on; with NULL it is
 * about to go.  One that changes or goes is told before, one that comes after it is there. */
int chain_document(struct chain *c, const char *file, const struct str *octets);

/* Tells of the documents that the chain does not know.  One that it knows differently is
 * damage, and left as it is. */
int chain_seal_documents(struct chain *c, bool dry_run);

/* Is the file as that line says; of the log of holds, what it began with?  *old: it is as the
 * line before that about it says, so that a crash kept it from being changed.  -1 after the
 * reason was logged. */
int chain_document_is(const struct chain *c, const struct chain_file *f, bool *old);

/* Paths of the documents that there are; the caller frees each and the list. */
char **chain_documents(const struct mail_archive *a, size_t *n);

/* Signs what is there as a head by a private key, unless no line has come since the last by
 * that key. */
struct seal_key;
int chain_sign(struct chain *c, const struct seal_key *key);

/* A closed file is about to go; `into`, of the same month, has taken its place, or NULL.
 * Both are there and are read; `into` may have nothing that the old one has not.  An old
 * file that is not in the chain leaves no trace; the new one is then sealed.  With nothing in
 * its place, and the file there whose place it had taken itself, the chain has that one back.
 */
struct chain_replacement {
	enum chain_event event; /* CHAIN_RECUT, CHAIN_FORGET */
	const char *month, *file, *into;
	const char *because;   /* of CHAIN_FORGET */
	const struct str *ids; /* of CHAIN_FORGET; hashed here */
	size_t nids;
};
int chain_replace(struct chain *c, const struct chain_replacement *r);

/* The file, or with NULL all of the month, has expired and is about to go. */
int chain_prune(struct chain *c, const char *month, const char *file);

#endif
