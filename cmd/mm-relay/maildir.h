/* maildir.h: delivery into maildirs, durable before it is called done: files in
 * tmp, fsync, rename into new, fsync of the directories, for many at once. */
#ifndef MM_MAILDIR_H
#define MM_MAILDIR_H

#include "address.h"
#include "record.h"

/* Puts local part and domain (lower case) for {local} and {domain} in the
 * pattern.  0, or -1 when the address would lead out of its folder. */
int maildir_path(const char *pattern, const struct path *rcpt, struct buf *out);

struct maildir_batch;

struct maildir_batch *maildir_batch_new(void);
void maildir_batch_free(struct maildir_batch *b);

/* Called for every message of the batch once it is durable, or not.  reply: as
 * SMTP would say it. */
typedef void maildir_done(void *arg, enum status status, const char *reply);

/* Writes a file into DIR/tmp (directories are made as needed): LF line ends,
 * Return-Path and Delivered-To on top.  The outcome comes by maildir_commit(). */
void maildir_add(struct maildir_batch *b, const char *dir, struct str return_path,
	struct str delivered_to, struct str message, maildir_done *done, void *arg);

/* Makes durable and visible what was added; tells every outcome. */
void maildir_commit(struct maildir_batch *b);

#endif
