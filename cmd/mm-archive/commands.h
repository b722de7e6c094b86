/* commands.h: what mm-archive can be told to do; each returns an exit status of
 * sysexits(3). */
#ifndef MM_COMMANDS_H
#define MM_COMMANDS_H

#include <stdbool.h>
#include <stdint.h>

#include "filter.h"
#include "mbox.h"

/* What get writes of a message. */
enum get_form {
	GET_MESSAGE,
	GET_RECORD,
	GET_HEADERS,
	GET_TEXT,
	GET_HTML,
	GET_ATTACHMENTS,
	GET_EXTRACT,
};

struct options {
	const char *site; /* a directory, see site.h */
	const char *root; /* --root, or NULL */
	const char *retention;
	const char *key_file;     /* --key-file, or NULL */
	const char *new_key_file; /* of rekey, or NULL */
	bool encrypt, new_data_key;
	bool shared;            /* of create */
	const char *seal_key;   /* --key, or NULL */
	const char *public_key; /* --public-key, or NULL */
	const char *head;       /* --head, or NULL */
	bool print;             /* --print */
	int64_t now;            /* --now, else the present */
	int64_t idle;           /* of add, in ms; 0: not given */
	const char *to;         /* --to, or NULL */
	bool all;               /* --all */
	int64_t since, until;   /* INT64_MIN, INT64_MAX if not given */
	const char *reason;     /* --reason, or NULL */
	const char *query;      /* --query, or NULL */
	bool dry_run, json, ids;
	bool metadata;              /* of import and export */
	enum get_form form;         /* of get, as the next two */
	const char *extract;        /* --extract, or NULL */
	const char *directory;      /* -d, or NULL */
	enum mbox_kind source_kind; /* of import */
	struct filter filter;       /* of add: initialised, envelope options taken */
};

/* Reads the options behind the name of a command, argv[0]; what is wrong with them, or is of
 * another command, ends the program, and so does -h.  Returns the operands. */
char **options_read(struct options *o, const char *command, bool filter, int argc, char **argv,
	const char *help);

/* operands: up to a NULL; their number was checked. */
int command_create(struct options *o, char **operands);
int command_add(struct options *o, char **operands);
int command_import(struct options *o, char **operands);
int command_get(struct options *o, char **operands);
int command_export(struct options *o, char **operands);
int command_hold(struct options *o, char **operands);
int command_cat(struct options *o, char **operands);
int command_rekey(struct options *o, char **operands);
int command_forget(struct options *o, char **operands);
int command_compact(struct options *o, char **operands);
int command_list(struct options *o, char **operands);
int command_stat(struct options *o, char **operands);
int command_prune(struct options *o, char **operands);
int command_seal(struct options *o, char **operands);
int command_verify(struct options *o, char **operands);
int command_reindex(struct options *o, char **operands);

/* What --query asks for, which is not NULL; an error in it is told and ends the program.
 * query_free() after use. */
struct query *options_query(const struct options *o);

/* What --reason says; that there is none is told and ends the program. */
const char *options_reason(const struct options *o);

/* Runs it for the archives named, or for all of the site.  False when one of them said
 * so; the others are done nevertheless. */
typedef bool archive_command(const struct options *o, const char *name);
bool each_archive(const struct options *o, char **operands, archive_command *run);

#endif
