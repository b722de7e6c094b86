/* mail_archive.h: where an archive is, what its configuration says, which months it
 * has.  mm-archive(5) is the layout. */
#ifndef MM_MAIL_ARCHIVE_H
#define MM_MAIL_ARCHIVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "retention.h"
#include "str.h"

#define ARCHIVE_INDEX "index.db"
#define ARCHIVE_TAR_ENDING ".tar.zst"
#define ARCHIVE_SEALED_ENDING ".tar.zst.enc" /* of encrypted archives */

struct archive_keys;

struct mail_archive {
	char *name;
	char *dir;
	struct retention retention;
	char *key_file;            /* that the document names, or NULL */
	char *seal_key_file;       /* likewise: what its chain is signed by */
	struct archive_keys *keys; /* of one that was opened; NULL: not encrypted */
};

/* The directory that holds the archives: option if not NULL, else
 * $MM_ARCHIVE_ROOT, else "ArchiveRoot" of the site's settings, else
 * /var/lib/mm/archives.  The caller frees. */
char *mail_archive_root(const char *site, const char *option);

/* What the site says of the archive that a reference (name, id, ARN) names; a
 * reference with a '/' is the path of an archive's directory, which then keeps
 * everything.  The directory need not exist.  0, or -1 after the problems were
 * logged; release in either case. */
int mail_archive_find(
	struct mail_archive *a, const char *site, const char *root, const char *reference);

/* The same for an archive whose directory must exist. */
int mail_archive_open(
	struct mail_archive *a, const char *site, const char *root, const char *reference);
void mail_archive_release(struct mail_archive *a);

/* The key file of every archive that is opened from here on, instead of what documents
 * name.  The string must stay. */
void mail_archive_use_key_file(const char *path);

/* Does its document or its directory say that it is encrypted? */
bool mail_archive_encrypted(const struct mail_archive *a);

/* Reads the keys of one that was found, if it is encrypted.  0, or -1 after the reason was
 * logged.  mail_archive_open() does it. */
int mail_archive_unlock(struct mail_archive *a);

/* Names of the files of a site's archives, without ".json", sorted; the caller
 * frees each and the list.  A site without any gives none; -1 after the reason
 * was logged when there is no site that can be read. */
int mail_archive_names(const char *site, char ***list, size_t *n);

/* Reads Retention of a CreateArchive document. */
struct json_doc;
void mail_archive_retention(const struct json_doc *doc, struct retention *out);

/* Reads KeyFile of a member, Encryption or Seal: the path of the key file, NULL when there is
 * none; the caller frees. */
char *mail_archive_key_file(const struct json_doc *doc, const char *member, const char *site);

bool mail_archive_name_valid(struct str name);

struct month {
	int year, month; /* 1 to 12 */
};

#define MONTH_NAME_SIZE 16

char *month_name(struct month m, char out[MONTH_NAME_SIZE]); /* "2026-11"; returns out */
int month_parse(struct str s, struct month *out);            /* 0, or -1 */
struct month month_of(int64_t ms, int *day);                 /* day may be NULL */
int64_t month_start(struct month m);
int64_t month_end(struct month m); /* its last millisecond */

/* The month folders of an archive, newest first; the caller frees *list.  0, or -1
 * with errno set. */
int mail_archive_months(const struct mail_archive *a, struct month **list, size_t *n);

/* DIR/2026-11, and /name behind it if name is not NULL.  The caller frees. */
char *mail_archive_path(const struct mail_archive *a, struct month m, const char *name);

/* The tar files of a month's folder, by name; the caller frees each and the
 * list.  -1 with errno set when the folder cannot be read. */
int mail_archive_tars(const char *month_dir, char ***list, size_t *n);

/* Of a month that has no index: are there tar files that one was made for?  Logged. */
bool mail_archive_index_lost(const char *month_dir);

/* The ending of their names, by whether the archive is encrypted. */
const char *mail_archive_tar_ending(const struct archive_keys *keys);

/* Day of a tar file's name, "22-node-0001.tar.zst" or "...tar.zst.enc"; -1 when it is
 * none. */
int mail_archive_tar_day(const char *name);

#endif
