/* sink.h: where exported messages go: an mbox, a Maildir, a directory, a tar or zip
 * file.  It is made under another name and takes its own when it is whole and durable. */
#ifndef MM_SINK_H
#define MM_SINK_H

#include "record.h"

enum sink_kind {
	SINK_NONE,
	SINK_MBOX,
	SINK_MAILDIR,
	SINK_EML, /* a directory of ID.eml */
	SINK_TAR,
	SINK_TAR_GZ,
	SINK_TAR_ZST,
	SINK_ZIP,
};

/* By name ("mbox", "maildir", "eml", "tar", "tar.gz", "tar.zst", "zip"); SINK_NONE if it is
 * none.  by_ending: by the ending of a path. */
enum sink_kind sink_named(const char *name);
enum sink_kind sink_by_ending(const char *path);

struct sink {
	const struct sink_ops *ops;
	enum sink_kind kind;
	const char *path;
	char *temporary; /* what is written to; NULL: standard output */
	int fd;          /* of the file, or of the directory */
	struct buf out;
	struct archive *packed;
};

struct message_out {
	const struct record *rec;
	struct str id, octets;
	struct str metadata; /* a file of its own beside it; absent: none */
	int64_t received;    /* ms */
};

/* "-": standard output, not for directories.  Each: 0, or -1 after the reason was logged. */
int sink_open(struct sink *s, enum sink_kind kind, const char *path);
int sink_put(struct sink *s, const struct message_out *m);
int sink_finish(struct sink *s); /* durable, under its name; close follows in any case */
void sink_close(struct sink *s); /* what was not finished goes away */

/* Has that kind files that metadata can stand beside? */
bool sink_takes_metadata(enum sink_kind kind);

/* For the kinds: private to sink*.c.  -1 with the reason logged. */
struct sink_ops {
	int (*open)(struct sink *s);
	int (*put)(struct sink *s, const struct message_out *m);
	int (*end)(struct sink *s);
	bool directory;
};
extern const struct sink_ops sink_mbox, sink_folder, sink_packed;
#define SINK_FLUSH (1u << 20) /* when `out` holds as much, it is written */
int sink_flush(struct sink *s);
int sink_failed(const struct sink *s); /* logs errno; -1 */

#endif
